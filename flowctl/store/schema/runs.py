"""Runs, their task instances and tries, and what these leave behind."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from flowctl.store.schema.columns import (
    HEAVY_TRIES,
    ID,
    METADATA,
    UNFINISHED_RUNS,
    UNFINISHED_TASKS,
    WHERE,
    Key,
    Moment,
)

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
        f"end_date IS NOT NULL OR {UNFINISHED_TASKS}",
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
