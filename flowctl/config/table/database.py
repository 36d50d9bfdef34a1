"""Rows of [database]. They lived in [core] until Airflow 2.3."""

from flowctl.config.kinds import Kind, flag, json_object, text, whole
from flowctl.config.row import Option


def moved(key: str, kind: Kind, doc: str, *, sensitive: bool = False) -> Option:
    """An option of [database] that used to be in [core] under the same name."""
    return Option("database", key, kind, doc, sensitive, old=(("core", key),))


ROWS: tuple[Option, ...] = (
    moved(
        "sql_alchemy_conn",
        text("sqlite:///{AIRFLOW_HOME}/airflow.db"),
        "The address of the metastore: sqlite:////absolute/path.db, or\n"
        "postgresql://user:password@host/name (needs `pip install flowctl[postgres]`).\n"
        "A metastore that belongs to Apache Airflow is refused: give flowctl its own.",
        sensitive=True,
    ),
    Option(
        "database",
        "sql_alchemy_engine_args",
        json_object(None),
        "More arguments for SQLAlchemy's `create_engine`, as a JSON object. Behind a pooler that\n"
        "gives each transaction another connection of PostgreSQL, as PgBouncer may:\n"
        '{"connect_args": {"prepare_threshold": null}}, so that nothing is kept in one.',
        sensitive=True,
    ),
    moved(
        "sql_alchemy_pool_enabled",
        flag(True),
        "Whether connections to PostgreSQL are kept for reuse.",
    ),
    moved(
        "sql_alchemy_pool_size",
        whole(5),
        "How many connections each process keeps. 0 means without limit.",
    ),
    moved(
        "sql_alchemy_max_overflow",
        whole(10, low=-1),
        "How many more each process may open for a moment. -1 means without limit.",
    ),
    moved(
        "sql_alchemy_pool_recycle",
        whole(1800, low=-1),
        "After how many seconds a kept connection is replaced. -1 means never.",
    ),
    moved(
        "sql_alchemy_pool_pre_ping",
        flag(True),
        "Whether a kept connection is tested before it is used again. The daemons' loops do not\n"
        "test: they meet a lost connection by trying again.",
    ),
    moved(
        "sql_alchemy_schema",
        text(""),
        "The PostgreSQL schema that holds the tables. Nothing means the user's first one.",
    ),
)
