"""The DAGs that each person wants to see first."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "favourite",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_favourite_account_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="fk_favourite_dag_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "dag_id", name="pk_favourite"),
    )


def downgrade() -> None:
    op.drop_table("favourite")
