"""Backfills, and the dates that each is to fill."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from flowctl.store.schema.columns import METADATA, WHERE, Key, Moment

backfill = Table(
    "backfill",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), nullable=False),
    Column("from_date", Moment, nullable=False),
    Column("to_date", Moment, nullable=False),
    Column("conf", JSON(none_as_null=True)),  # of its runs; NULL leaves those that are there alone
    Column("existing", String(20), nullable=False),  # what becomes of them: store.backfill_runs
    Column("shape", JSON, nullable=False, default=dict),  # core.backfill.Shape
    Column("max_active_runs", Integer, nullable=False),
    Column("run_backwards", Boolean, nullable=False, default=False),
    Column("stops_on_failure", Boolean, nullable=False, default=False),
    Column("keeps_version", Boolean, nullable=False, default=False),  # of runs that it clears
    Column("is_paused", Boolean, nullable=False, default=False),
    Column("actor", String(500), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("completed_at", Moment),
    Column("outcome", String(20)),  # success, failed, cancelled
    Index("uq_backfill_open", "dag_id", unique=True, info={WHERE: "completed_at IS NULL"}),
)

backfill_run = Table(
    "backfill_run",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("backfill_id", ForeignKey("backfill.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),  # 1, 2, 3 ... in the order of making
    Column("logical_date", Moment, nullable=False),
    Column("interval_start", Moment, nullable=False),
    Column("interval_end", Moment, nullable=False),
    Column("made_at", Moment),  # NULL: it is still to come
    Column("dag_run_id", ForeignKey("dag_run.id", ondelete="SET NULL")),
    Column("reason", Text),  # why there is no run
    UniqueConstraint("backfill_id", "ordinal"),
    Index("ix_backfill_run_dag_run_id", "dag_run_id"),
)
