"""Who lets all of flowctl finish what runs and start nothing new."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "drain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.String(length=500), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_drain_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drain")),
    )


def downgrade() -> None:
    op.drop_table("drain")
