"""When and why something is held, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("dag_run", "task_instance")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("held_at", MOMENT))
        op.add_column(table, sa.Column("held_why", sa.Text()))
        op.add_column(table, sa.Column("held_until", MOMENT))


def downgrade() -> None:
    for table in TABLES:
        for name in ("held_until", "held_why", "held_at"):
            op.drop_column(table, name)
