"""Up to which data interval the scheduler has passed over runs of a DAG."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

COLUMNS = ("passed_start", "passed_end")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("dag", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("dag", name)
