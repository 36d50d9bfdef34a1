"""Mapped tasks: how long a result is, and what an instance is called."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("xcom", sa.Column("length", sa.Integer()))
    op.add_column("task_instance", sa.Column("rendered_map_index", sa.String(length=250)))


def downgrade() -> None:
    op.drop_column("task_instance", "rendered_map_index")
    op.drop_column("xcom", "length")
