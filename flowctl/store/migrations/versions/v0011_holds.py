"""Who holds a run or a task instance; and runs by their end, for the dashboard."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = ("dag_run", "task_instance")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("held_by", sa.String(length=500)))
    op.create_index("ix_dag_run_end_date", "dag_run", ["end_date"])


def downgrade() -> None:
    op.drop_index("ix_dag_run_end_date", "dag_run")
    for table in TABLES:
        op.drop_column(table, "held_by")
