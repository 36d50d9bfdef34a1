"""Rows that say what user code and provider packages find: [compat], [secrets], XComs."""

from flowctl.config.kinds import choice, flag, json_object, seconds, text, whole
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "compat",
        "airflow_version",
        text("2.11.2"),
        "What `airflow.__version__` says, and the package apache-airflow that provider packages\n"
        "look for. The newest packages ask for 2.11 at least; with 3.x they take other paths.",
    ),
    Option(
        "compat",
        "dag_defaults",
        choice("by_import", "2", "3"),
        "Whose defaults a DAG gets: 2, 3, or by_import, which is those of Airflow 3 if its file\n"
        "imports airflow.sdk, else those of Airflow 2. In 3 a DAG has no schedule, no catch-up,\n"
        "and runs that stand for moments instead of intervals, unless it says otherwise.",
    ),
    Option(
        "secrets",
        "backend",
        text(""),
        "The class, by its dotted path, that is asked for variables and connections before the\n"
        "environment and the metastore are: of a provider package, of your own, or\n"
        "airflow.secrets.local_filesystem.LocalFilesystemBackend.",
    ),
    Option(
        "secrets",
        "backend_kwargs",
        json_object(""),
        "What that class is made with.",
        sensitive=True,
    ),
    Option(
        "secrets",
        "use_cache",
        flag(False),
        "Whether a process keeps the answers, so that the file of a DAG or one try of a task asks\n"
        "for each value once.",
    ),
    Option(
        "secrets",
        "cache_ttl_seconds",
        seconds(900),
        "How long an answer is kept.",
    ),
    Option(
        "core",
        "xcom_backend",
        text("airflow.models.xcom.BaseXCom"),
        "The class, by its dotted path, that writes what tasks return, and reads it again. Its\n"
        "`purge` is never called: what it keeps elsewhere, of tasks that run again and of\n"
        "deleted runs, stays until something of yours removes it.",
    ),
    Option(
        "core",
        "allowed_deserialization_classes",
        text("airflow.*"),
        "Which classes of yours (dataclasses, attrs, pydantic) an XCom may be made into: dotted\n"
        "names with blanks between them, * stands for anything.",
    ),
    Option(
        "core",
        "allowed_deserialization_classes_regexp",
        text(""),
        "The same as regular expressions.",
    ),
    Option(
        "common.io",
        "xcom_objectstorage_path",
        text(""),
        "Where XComs lie that are too big for the metastore, as in file:///srv/xcoms. Counts with\n"
        "[core] xcom_backend = airflow.providers.common.io.xcom.backend.XComObjectStorageBackend.\n"
        "A task that runs again writes over its files; those of deleted runs stay.",
    ),
    Option(
        "common.io",
        "xcom_objectstorage_threshold",
        whole(-1, low=-1),
        "From how many bytes on an XCom is too big; -1 keeps all in the metastore, 0 none.",
    ),
    Option(
        "common.io",
        "xcom_objectstorage_compression",
        text(""),
        "How they are compressed: gzip, bz2, xz, or what fsspec knows. Empty: not.",
    ),
)
