"""What the whole site shares: pools, variables, connections, the lease, processes and events."""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text

from flowctl.store.schema.columns import ID, METADATA, Key, Moment

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

instance = Table(
    "instance",
    METADATA,
    Column("name", String(50), primary_key=True),  # "id": a random name of this metastore
    Column("value", String(200), nullable=False),
)
