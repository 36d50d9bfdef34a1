"""The tables. What can be a constraint is one; the promise of flowctl rests on these:

- `dag_run`: one run per (dag, run_id), and one scheduled run per (dag, logical_date);
- `task_instance`: one row per (run, task, map_index); only unfinished rows are in the hot index;
- `task_try`: one row per (task instance, try), so that no try can be recorded as started twice; a
  start that continues a try takes over the row of the one before it, under its own number;
- `asset_event`, `asset_run_event`: an update is written with the success that made it, and each DAG
  that waits for the asset gets it in one run; `asset_queue` says which assets are new for a DAG;
- `lease`: one row, whose `term` every write of the scheduler names.

Each run carries a `revision`. Whoever changes a run or one of its task instances raises it in the
same transaction and stamps the changed rows with the new value, so that the scheduler re-reads
exactly what moved. All datetimes are aware UTC; on SQLite they are stored as UTC without a zone.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.event import listens_for

from flowctl.core.headroom import HEAVY_BYTES
from flowctl.core.states import FINISHED, UNFINISHED_RUN

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WHERE = "where"  # in the `info` of an index: it covers only the rows that meet this condition


@listens_for(METADATA, "before_create")
def _make_partial(*_: Any, **__: Any) -> None:
    """Tell SQLAlchemy the conditions of the indexes, now that tables are to be made.

    `Index(postgresql_where=...)` would import all dialects, their drivers' adapters included, into
    every process: 95 ms of the 470 of a command (CPU time, measured on 2026-11-21).
    """
    for index in (index for table in METADATA.tables.values() for index in table.indexes):
        if WHERE in index.info:
            for dialect in ("sqlite", "postgresql"):
                index.dialect_options[dialect]["where"] = text(index.info[WHERE])


ID = 250  # longest dag id, task id, run id, pool name
ASSET_ID = 1500  # bytes of the longest URI, name and group of an asset; an index takes 2,700


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, microseconds kept, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r} must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Read the texts of SQLite in one step: lists of runs have thousands of them."""
        if dialect.name == "sqlite":
            return _from_sqlite
        return super().result_processor(dialect, coltype)


class ShownMoment(TypeDecorator[str]):
    """A `Moment` as text, ISO 8601 with its zone: for long lists that are only shown."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat()

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Take the texts of SQLite as they are."""
        if dialect.name == "sqlite":
            return _shown_from_sqlite
        return super().result_processor(dialect, coltype)


def _shown_from_sqlite(value: str | None) -> str | None:
    return None if value is None else value.replace(" ", "T") + "+00:00"


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER key


def _one_of(column: str, values: Any) -> str:
    listed = ", ".join(f"'{value.value}'" for value in sorted(values))
    return f"{column} IN ({listed})"


UNFINISHED_TASKS = f"NOT ({_one_of('state', FINISHED)})"
UNFINISHED_RUNS = _one_of("state", UNFINISHED_RUN)
HEAVY_TRIES = f"peak_rss_bytes >= {HEAVY_BYTES}"
"""Where-clauses of the partial indexes, in their very words: SQLite takes such an index only for
a query that says the same without parameters, `.where(text(UNFINISHED_TASKS))`."""


# ---------------------------------------------------------------------------------- DAGs

dag_source = Table(
    "dag_source",
    METADATA,
    Column("hash", String(64), primary_key=True),  # sha256 of the content
    Column("content", LargeBinary, nullable=False),
)

dag_version = Table(
    "dag_version",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", String(ID), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 ... within a DAG
    Column("digest", String(64), nullable=False),  # core.spec.digest
    Column("spec", Text, nullable=False),  # JSON of core.spec.DagSpec
    Column("file", String(2000), nullable=False),  # relative to the DAG folder
    Column("source_hash", ForeignKey("dag_source.hash"), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("dag_id", "digest"),
    UniqueConstraint("dag_id", "number"),
    Index("ix_dag_version_source_hash", "source_hash"),
)

dag = Table(
    "dag",
    METADATA,
    Column("dag_id", String(ID), primary_key=True),
    Column("version_id", ForeignKey("dag_version.id"), nullable=False),
    Column("file", String(2000), nullable=False),
    Column("is_paused", Boolean, nullable=False, default=False),
    Column("drains", Boolean, nullable=False, default=False, server_default=false()),
    Column("is_active", Boolean, nullable=False, default=True),  # its file still defines it
    Column("parsed_at", Moment, nullable=False),  # where it is not active: when it vanished
    Column("revision", Integer, nullable=False, default=1),  # raised by pause, new version ...
    # The next scheduled run, decided by the scheduler; all NULL when there is none.
    Column("next_logical_date", Moment),
    Column("next_interval_start", Moment),
    Column("next_interval_end", Moment),
    Column("next_run_after", Moment),
    # The data interval of the latest scheduled run that is never made; see `core.passing`.
    Column("passed_start", Moment),
    Column("passed_end", Moment),
    # For lists and filters, so that no spec is decoded for them.
    Column("owners", String(2000), nullable=False, default=""),
    Column("schedule", String(2000), nullable=False, default=""),
    Column("description", Text),
    Column("display_name", String(2000), nullable=False, default=""),
    Column("retention", JSON(none_as_null=True)),  # core.retention.Retention, NULL: as the site
    Index("ix_dag_file", "file"),
)

dag_tag = Table(
    "dag_tag",
    METADATA,
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True),
)

dag_file = Table(
    "dag_file",
    METADATA,
    Column("path", String(2000), primary_key=True),  # relative to the DAG folder
    Column("fingerprint", String(200), nullable=False),  # mtime_ns:size:inode
    Column("source_hash", String(64)),
    Column("parsed_at", Moment, nullable=False),
    Column("duration_s", Float, nullable=False, default=0.0),
    Column("dag_count", Integer, nullable=False, default=0),
    Column("depends", JSON(none_as_null=True)),  # other files it read: path -> fingerprint
    Column("error", Text),  # the import error, NULL when the file is fine
    Column("error_at", Moment),
)

# ---------------------------------------------------------------------------------- runs

dag_run = Table(
    "dag_run",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", String(ID), nullable=False),
    Column("run_id", String(ID), nullable=False),
    Column("run_type", String(50), nullable=False),
    Column("state", String(50), nullable=False),
    Column("version_id", ForeignKey("dag_version.id"), nullable=False),
    Column("logical_date", Moment, nullable=False),
    Column("data_interval_start", Moment),
    Column("data_interval_end", Moment),
    Column("external_trigger", Boolean, nullable=False, default=False),
    Column("conf", JSON, nullable=False, default=dict),
    Column("queued_at", Moment, nullable=False),
    Column("start_date", Moment),
    Column("end_date", Moment),
    Column("reason", Text),  # why it failed, or what it waits for
    Column("note", Text),
    Column("clear_number", Integer, nullable=False, default=0),
    Column("backfill_id", Key),  # the latest backfill that it belonged to
    Column("held_by", String(500)),  # the person who lets none of its tasks start
    Column("held_at", Moment),
    Column("held_why", Text),
    Column("held_until", Moment),  # None: until somebody releases it
    Column("made", Integer),  # while it is made in steps: how many task instances there are
    Column("revision", Integer, nullable=False, default=1),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("dag_id", "run_id"),
    CheckConstraint("(state IN ('success', 'failed')) = (end_date IS NOT NULL)", name="end"),
    Index(
        "uq_dag_run_scheduled",
        "dag_id",
        "logical_date",
        unique=True,
        info={WHERE: "run_type = 'scheduled'"},
    ),
    Index("ix_dag_run_dag_id_logical_date", "dag_id", "logical_date"),
    Index("ix_dag_run_end_date", "end_date"),
    Index("ix_dag_run_version_id", "version_id"),
    Index(
        "ix_dag_run_unfinished",
        "state",
        "id",
        info={WHERE: UNFINISHED_RUNS},
    ),
)

task_instance = Table(
    "task_instance",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_run_id", ForeignKey("dag_run.id", ondelete="CASCADE"), nullable=False),
    Column("task_id", String(ID), nullable=False),
    Column("map_index", Integer, nullable=False, default=-1),
    Column("state", String(50), nullable=False),
    Column("try_number", Integer, nullable=False, default=0),  # the latest start; 0: none yet
    Column(
        "resumed", Integer, nullable=False, server_default="0"
    ),  # starts that only continued a try
    Column("max_tries", Integer, nullable=False, default=0),
    Column("queued_at", Moment),
    Column("start_date", Moment),
    Column("end_date", Moment),
    Column("retry_at", Moment),
    Column("waiting_since", Moment),  # first start of the try that is to be continued
    Column("next_method", String(1000)),  # deferred: the method in which it goes on, "" for none
    Column("reason", Text),  # why it waits, was skipped, failed
    Column("branch", Text),  # JSON left by a branch: {"followed": [...]} or {"skipped": [...]}
    Column("operator", String(1000), nullable=False, default=""),
    Column("pool", String(ID), nullable=False, default="default_pool"),
    Column("pool_slots", Integer, nullable=False, default=1),
    Column("priority_weight", Integer, nullable=False, default=1),
    Column("queue", String(ID), nullable=False, default="default"),
    Column("pid", Integer),
    Column("host", String(1000)),
    Column("note", Text),
    Column("held_by", String(500)),  # the person who lets it not start
    Column("held_at", Moment),
    Column("held_why", Text),
    Column("held_until", Moment),
    Column("rendered", JSON),  # rendered template fields of the latest try
    Column("rendered_map_index", String(ID)),  # what a mapped instance is called
    Column("revision", Integer, nullable=False, default=1),  # the run's, when this row last changed
    UniqueConstraint("dag_run_id", "task_id", "map_index"),
    CheckConstraint(
        f"end_date IS NOT NULL OR NOT ({_one_of('state', FINISHED)})",
        name="end",
    ),
    Index(
        "ix_task_instance_unfinished",
        "state",
        "id",
        info={WHERE: UNFINISHED_TASKS},
    ),
)

task_try = Table(
    "task_try",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("ti_id", ForeignKey("task_instance.id", ondelete="CASCADE"), nullable=False),
    Column("try_number", Integer, nullable=False),  # of its latest start
    Column("resumed", Integer, nullable=False, server_default="0"),
    Column("state", String(50), nullable=False),  # queued, running, then how it ended
    Column("term", Integer, nullable=False, default=0),  # of the leader that ordered it
    Column("queued_at", Moment, nullable=False),
    Column("start_date", Moment),
    Column("end_date", Moment),
    Column("host", String(1000)),
    Column("pid", Integer),
    Column("exit_code", Integer),
    Column("signal", Integer),
    Column("reason", Text),
    Column("peak_rss_bytes", BigInteger),
    Column("cpu_s", Float),
    Column("log_path", String(4000)),  # relative to the log folder
    UniqueConstraint("ti_id", "try_number"),
    Index("ix_task_try_heavy", "id", info={WHERE: HEAVY_TRIES}),
)

xcom = Table(
    "xcom",
    METADATA,
    Column("ti_id", ForeignKey("task_instance.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(512), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("length", Integer),  # how many elements a list or dict has
    Column("created_at", Moment, nullable=False),
)

callback = Table(
    "callback",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_run_id", ForeignKey("dag_run.id", ondelete="CASCADE"), nullable=False),
    Column("ti_id", ForeignKey("task_instance.id", ondelete="CASCADE")),  # NULL: of the DAG
    Column("try_number", Integer, nullable=False, default=0),
    Column("event", String(50), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("started", Integer, nullable=False, default=0),  # how often a process was started for it
)

deferral = Table(
    "deferral",
    METADATA,
    Column("ti_id", ForeignKey("task_instance.id", ondelete="CASCADE"), primary_key=True),
    Column("try_number", Integer, nullable=False),  # of the start that was deferred
    Column("classpath", String(1000), nullable=False),  # of the trigger
    Column("kwargs", Text, nullable=False),  # of the trigger: a Fernet token
    Column("method_kwargs", Text, nullable=False),  # of the method: a Fernet token
    Column("created_at", Moment, nullable=False),
    Column("holder", ForeignKey("process.id", ondelete="SET NULL")),  # the triggerer that runs it
    Column("trouble", Text),  # what is wrong with it, for people
    Column("fired_at", Moment),  # when it brought what stands below
    Column("event", Text),  # JSON; without it `error` says why there is none
    Column("error", Text),
    Column("traceback", Text),
)

# ----------------------------------------------------------------------------- backfills

backfill = Table(
    "backfill",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), nullable=False),
    Column("from_date", Moment, nullable=False),
    Column("to_date", Moment, nullable=False),
    Column("conf", JSON(none_as_null=True)),  # of its runs; NULL leaves those that are there alone
    Column("existing", String(20), nullable=False),  # what becomes of them: store.backfills
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

# -------------------------------------------------------------------------------- assets

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

# ------------------------------------------------------------- what the whole machine shares

pool = Table(
    "pool",
    METADATA,
    Column("name", String(ID), primary_key=True),
    Column("slots", Integer, nullable=False),  # -1: no limit
    Column("description", Text),
    Column("include_deferred", Boolean, nullable=False, default=False),
)

variable = Table(
    "variable",
    METADATA,
    Column("key", String(ID), primary_key=True),
    Column("value", Text, nullable=False),  # a Fernet token
    Column("description", Text),
)

connection = Table(
    "connection",
    METADATA,
    Column("conn_id", String(ID), primary_key=True),
    Column("conn_type", String(500), nullable=False),
    Column("description", Text),
    Column("host", String(500)),
    Column("schema", String(500)),
    Column("login", Text),
    Column("password", Text),  # a Fernet token
    Column("port", Integer),
    Column("extra", Text),  # a Fernet token
)

lease = Table(
    "lease",
    METADATA,
    Column("name", String(50), primary_key=True),  # "scheduler"
    Column("holder", String(1000), nullable=False),  # host, pid, start ticks
    Column("term", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

process = Table(
    "process",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("kind", String(50), nullable=False),  # scheduler, runner, webserver ...
    Column("host", String(1000), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("tick_at", Moment),  # scheduler: when its last tick was complete
    Column("identity", Text),  # what tells it from a later process with its pid
    Column("facts", JSON(none_as_null=True)),  # scheduler: what it knows of its machine
)

drain = Table(
    "drain",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("by", String(500), nullable=False),
    Column("since", Moment, nullable=False),
    CheckConstraint("id = 1", name="one"),
)

event = Table(
    "event",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("name", String(100), nullable=False),  # trigger, clear, pause, variable.set ...
    Column("actor", String(500), nullable=False),
    Column("dag_id", String(ID)),
    Column("run_id", String(ID)),
    Column("task_id", String(ID)),
    Column("map_index", Integer),
    Column("try_number", Integer),
    Column("detail", JSON),
    Index("ix_event_dag_id_at", "dag_id", "at"),
)

# ------------------------------------------------------------------------------ who may what

role = Table(
    "role",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
)

role_permission = Table(
    "role_permission",
    METADATA,
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
    Column("action", String(50), primary_key=True),  # can_read, can_edit ...
    Column("resource", String(300), primary_key=True),  # "DAG Runs", "DAG:some_dag" ...
)

dag_access = Table(
    "dag_access",
    METADATA,
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(64), primary_key=True),  # by name: it may be made later
    Column("action", String(50), primary_key=True),
    Column("resource", String(300), primary_key=True),  # DAGs, DAG Runs
)

account = Table(
    "account",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("username", String(256), nullable=False, unique=True),
    Column("first_name", String(256), nullable=False, default=""),
    Column("last_name", String(256), nullable=False, default=""),
    Column("email", String(512), nullable=False, unique=True),
    Column("password", String(300)),  # a salted hash; NULL: none fits
    Column("is_active", Boolean, nullable=False, default=True),
    Column("epoch", Integer, nullable=False, default=1),  # raised: all its sessions are over
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("last_login_at", Moment),
    Column("login_count", Integer, nullable=False, default=0),
    Column("failed_login_count", Integer, nullable=False, default=0),
    Column("subject", String(1000)),  # whom a provider of identities means; it never changes
    Index("ix_account_subject", "subject", unique=True),
)

account_role = Table(
    "account_role",
    METADATA,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)

session = Table(
    "session",
    METADATA,
    Column("digest", String(64), primary_key=True),  # sha256 of what the cookie holds
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("epoch", Integer, nullable=False),  # the account's, when it was opened
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

token = Table(
    "token",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(250), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # sha256 of the token
    Column("is_read_only", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("seen_at", Moment),
)

favourite = Table(
    "favourite",
    METADATA,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
)

instance = Table(
    "instance",
    METADATA,
    Column("name", String(50), primary_key=True),  # "id": a random name of this metastore
    Column("value", String(200), nullable=False),
)
