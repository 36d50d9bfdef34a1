"""Backfills: what is to be filled, and the run of each date."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = "completed_at IS NULL"


def upgrade() -> None:
    op.add_column("dag_run", sa.Column("backfill_id", KEY, nullable=True))
    op.create_table(
        "backfill",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("from_date", MOMENT, nullable=False),
        sa.Column("to_date", MOMENT, nullable=False),
        sa.Column("conf", sa.JSON(), nullable=True),
        sa.Column("existing", sa.String(length=20), nullable=False),
        sa.Column("shape", sa.JSON(), nullable=False),
        sa.Column("max_active_runs", sa.Integer(), nullable=False),
        sa.Column("run_backwards", sa.Boolean(), nullable=False),
        sa.Column("stops_on_failure", sa.Boolean(), nullable=False),
        sa.Column("keeps_version", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="fk_backfill_dag_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_backfill"),
    )
    op.create_index(
        "uq_backfill_open",
        "backfill",
        ["dag_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "backfill_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("backfill_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("logical_date", MOMENT, nullable=False),
        sa.Column("interval_start", MOMENT, nullable=False),
        sa.Column("interval_end", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("dag_run_id", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["backfill_id"], ["backfill.id"], name="fk_backfill_run_backfill_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dag_run_id"], ["dag_run.id"], name="fk_backfill_run_dag_run_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_backfill_run"),
        sa.UniqueConstraint("backfill_id", "ordinal", name="uq_backfill_run_backfill_id_ordinal"),
    )
    op.create_index("ix_backfill_run_dag_run_id", "backfill_run", ["dag_run_id"])


def downgrade() -> None:
    op.drop_table("backfill_run")
    op.drop_table("backfill")
    op.drop_column("dag_run", "backfill_id")
