"""Assets, who refers to them, and their updates."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from flowctl.store.schema.columns import ASSET_ID, ID, METADATA, WHERE, Key, Moment

asset = Table(
    "asset",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("uri", String(ASSET_ID), nullable=False, unique=True),
    Column("name", String(ASSET_ID), nullable=False),
    Column("group", String(ASSET_ID), nullable=False, default="asset"),
    Column("extra", JSON, nullable=False, default=dict),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_asset_name", "name"),
)

asset_reference = Table(
    "asset_reference",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), nullable=False),
    Column("task_id", String(ID), nullable=False, default=""),  # "" for the schedule
    Column("role", String(20), nullable=False),  # schedule, inlet, outlet
    Column("kind", String(20), nullable=False),  # asset, name, alias; see core.assets
    Column("key", String(ASSET_ID), nullable=False),
    Index("ix_asset_reference_dag_id", "dag_id"),
    Index("ix_asset_reference_key", "key", "kind", "role"),
)

asset_alias_asset = Table(
    "asset_alias_asset",
    METADATA,
    Column("alias", String(ASSET_ID), primary_key=True),
    Column("asset_id", ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True),
)

asset_watcher = Table(
    "asset_watcher",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), nullable=False),
    Column("asset_id", ForeignKey("asset.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(ASSET_ID), nullable=False),
    Column("digest", String(64), nullable=False),  # of class and arguments
    Column("classpath", String(1000), nullable=False),  # of the trigger
    Column("kwargs", Text, nullable=False),  # of the trigger: a Fernet token
    Column("created_at", Moment, nullable=False),
    Column("holder", ForeignKey("process.id", ondelete="SET NULL")),  # the triggerer that runs it
    Column("trouble", Text),  # what is wrong with it, for people
    Column("fired_at", Moment),  # when it last brought something
    UniqueConstraint("dag_id", "asset_id", "name", "digest"),
    Index("ix_asset_watcher_asset_id", "asset_id"),
)

asset_event = Table(
    "asset_event",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("asset_id", ForeignKey("asset.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("extra", JSON, nullable=False, default=dict),
    Column("aliases", JSON, nullable=False, default=list),  # through which it was updated
    # The source; all NULL for an update from outside. Texts, so that it outlives its run.
    Column("source_dag_id", String(ID)),
    Column("source_run_id", String(ID)),
    Column("source_task_id", String(ID)),
    Column("source_map_index", Integer, nullable=False, default=-1),
    Index("ix_asset_event_asset_id_at", "asset_id", "at"),
)

asset_queue = Table(
    "asset_queue",
    METADATA,
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("asset_id", ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True),
    Column("created_at", Moment, nullable=False),
)

asset_run_event = Table(
    "asset_run_event",
    METADATA,
    Column("event_id", ForeignKey("asset_event.id", ondelete="CASCADE"), primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    # NULL until a run of the DAG takes it
    Column("dag_run_id", ForeignKey("dag_run.id", ondelete="CASCADE")),
    Index("ix_asset_run_event_waiting", "dag_id", info={WHERE: "dag_run_id IS NULL"}),
    Index("ix_asset_run_event_dag_run_id", "dag_run_id"),
)
