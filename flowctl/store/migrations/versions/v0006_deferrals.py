"""Deferred tasks: what they wait for, who runs their triggers, and what these brought."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("task_instance", sa.Column("next_method", sa.String(length=1000)))
    op.add_column("process", sa.Column("identity", sa.Text()))
    op.create_table(
        "deferral",
        sa.Column("ti_id", KEY, nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("classpath", sa.String(length=1000), nullable=False),
        sa.Column("kwargs", sa.Text(), nullable=False),
        sa.Column("method_kwargs", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("holder", KEY),
        sa.Column("trouble", sa.Text()),
        sa.Column("fired_at", MOMENT),
        sa.Column("event", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("traceback", sa.Text()),
        sa.PrimaryKeyConstraint("ti_id", name="pk_deferral"),
        sa.ForeignKeyConstraint(
            ["ti_id"],
            ["task_instance.id"],
            name="fk_deferral_ti_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["holder"], ["process.id"], name="fk_deferral_holder", ondelete="SET NULL"
        ),
    )


def downgrade() -> None:
    op.drop_table("deferral")
    op.drop_column("process", "identity")
    op.drop_column("task_instance", "next_method")
