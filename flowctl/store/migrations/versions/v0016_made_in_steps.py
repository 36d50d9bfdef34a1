"""How far a run is that is made in steps."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("dag_run", sa.Column("made", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("dag_run", "made")
