"""What DAGs themselves allow to roles."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "dag_access",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("resource", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="fk_dag_access_dag_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dag_id", "role", "action", "resource", name="pk_dag_access"),
    )


def downgrade() -> None:
    op.drop_table("dag_access")
