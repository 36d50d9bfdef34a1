"""Tries that are continued: sensors that look again later, deferred tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "task_instance", sa.Column("resumed", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("task_instance", sa.Column("waiting_since", sa.DateTime(timezone=True)))
    op.add_column(
        "task_try", sa.Column("resumed", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("task_try", "resumed")
    op.drop_column("task_instance", "waiting_since")
    op.drop_column("task_instance", "resumed")
