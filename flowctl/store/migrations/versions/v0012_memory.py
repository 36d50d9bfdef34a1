"""What daemons know of their machine; and the tries that took much memory, quickly found."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

HEAVY = sa.text("peak_rss_bytes >= 134217728")


def upgrade() -> None:
    op.add_column("process", sa.Column("facts", sa.JSON()))
    op.create_index(
        "ix_task_try_heavy", "task_try", ["id"], sqlite_where=HEAVY, postgresql_where=HEAVY
    )


def downgrade() -> None:
    op.drop_index("ix_task_try_heavy", "task_try")
    op.drop_column("process", "facts")
