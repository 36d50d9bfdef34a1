"""Rows of [core], [debug], [operators] and [standard]."""

from flowctl.config.kinds import (
    choice,
    flag,
    number,
    path,
    seconds,
    share_or_size,
    size,
    text,
    whole,
    words,
)
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "core",
        "dags_folder",
        path("{AIRFLOW_HOME}/dags"),
        "The folder that is searched, with all folders in it, for files that define DAGs.",
    ),
    Option(
        "core",
        "plugins_folder",
        path("{AIRFLOW_HOME}/plugins"),
        "Where modules lie that DAG files import, beside those in the DAG folder.",
    ),
    Option(
        "core",
        "default_timezone",
        text("utc"),
        "The zone of dates that DAG files write without one: `utc`, `system`, or a name such as\n"
        "Europe/Amsterdam.",
    ),
    Option(
        "core",
        "executor",
        text("SequentialExecutor"),
        "Who starts tasks: SequentialExecutor (one at a time), LocalExecutor (up to `parallelism`\n"
        "processes on this machine) or DebugExecutor (inside the scheduler, for breakpoints).\n"
        "`flowctl standalone` takes LocalExecutor when this is not set.",
    ),
    Option(
        "core",
        "test_connection",
        choice("Disabled", "Enabled", "Hidden"),
        "Whether `flowctl connections test` may try a connection, which reaches out to whatever\n"
        "the connection says: Disabled, Enabled, or Hidden, which counts as Disabled.",
    ),
    Option(
        "core",
        "parallelism",
        whole(32),
        "How many tasks may run at the same time, over all DAGs. 0 means without limit.",
    ),
    Option(
        "core",
        "max_active_tasks_per_dag",
        whole(16),
        "How many tasks of one DAG may run at the same time, over all its runs, when the DAG does\n"
        "not say it with `max_active_tasks`.",
        old=(("core", "dag_concurrency"),),
    ),
    Option(
        "core",
        "dags_are_paused_at_creation",
        flag(True),
        "Whether a DAG that is seen for the first time waits until somebody unpauses it.",
    ),
    Option(
        "core",
        "max_active_runs_per_dag",
        whole(16),
        "How many runs of one DAG may be unfinished at the same time, when the DAG does not\n"
        "say it with `max_active_runs`.",
    ),
    Option(
        "core",
        "max_consecutive_failed_dag_runs_per_dag",
        whole(0),
        "After how many failed runs in a row a DAG is paused, when the DAG does not say it.\n"
        "0 means never.",
    ),
    Option(
        "core",
        "load_examples",
        flag(True),
        "Whether the example DAGs that come with flowctl are shown besides your own.",
    ),
    Option(
        "core",
        "fernet_key",
        text("{FERNET_KEY}"),
        "The key that encrypts passwords of connections, and variables. Keep a copy: without it\n"
        "they cannot be read again. Several keys with commas between them: the first one\n"
        "encrypts, all of them decrypt. It is made when this file is first written.",
        sensitive=True,
    ),
    Option(
        "core",
        "dagbag_import_timeout",
        number(30.0),
        "After how many seconds the import of one DAG file is given up. 0 means never.",
    ),
    Option(
        "core",
        "dagbag_import_error_tracebacks",
        flag(True),
        "Whether an import error keeps its traceback, or only its message.",
    ),
    Option(
        "core",
        "dagbag_import_error_traceback_depth",
        whole(2),
        "How many of the last calls a kept traceback shows.",
    ),
    Option(
        "core",
        "dag_file_processor_timeout",
        seconds(50),
        "After how many seconds the process that reads one DAG file is killed, whatever it does.",
    ),
    Option(
        "core",
        "killed_task_cleanup_time",
        seconds(60),
        "How many seconds a task that is asked to stop may take before it is killed.",
    ),
    Option(
        "core",
        "dag_run_conf_overrides_params",
        flag(True),
        "Whether the `conf` of a run replaces the DAG's params of the same name.",
    ),
    Option(
        "core",
        "dag_discovery_safe_mode",
        flag(True),
        "Whether files are only read when their text has both words, `dag` and `airflow` (or\n"
        "`flowctl`), in any case.",
    ),
    Option(
        "core",
        "dag_ignore_file_syntax",
        choice("regexp", "glob"),
        "How the lines of .airflowignore files are understood: regular expressions, or patterns\n"
        "as in .gitignore.",
    ),
    Option(
        "core",
        "default_task_retries",
        whole(0),
        "How often a failed task is tried again, when the task does not say it with `retries`.",
    ),
    Option(
        "core",
        "default_task_retry_delay",
        seconds(300),
        "How many seconds pass before the next try, when the task does not say it with\n"
        "`retry_delay`.",
    ),
    Option(
        "core",
        "default_task_memory",
        size("0"),
        "How much memory all processes of a task may take together, when the task does not say it\n"
        "with `mem`: 2G, 512MiB. Over it the try fails. 0 means without limit. Tasks that have no\n"
        "process of their own, with DebugExecutor and in `flowctl tasks test`, are not limited.",
    ),
    Option(
        "core",
        "memory_budget",
        share_or_size("80%"),
        "How much memory all tasks together may take: a size, or a part of what the machine, or\n"
        "the control group of flowctl, has. A task counts with its `mem`, else with what it took\n"
        "lately, and waits until there is so much. One that needs more than all runs alone.",
    ),
    Option(
        "core",
        "memory_guard",
        choice("auto", "resident"),
        "How tasks are held to their memory limits: auto leaves it to the kernel where flowctl\n"
        "may make control groups. Elsewhere it is resident: what the processes of a task take is\n"
        "looked at five times a second. The log of the scheduler says which of them is used.",
    ),
    Option(
        "core",
        "max_task_retry_delay",
        seconds(86400),
        "The longest that exponential backoff may wait, in seconds.",
    ),
    Option(
        "core",
        "default_task_weight_rule",
        choice("downstream", "upstream", "absolute"),
        "Which tasks add to a task's priority: those after it, those before it, or none.",
    ),
    Option(
        "core",
        "default_task_execution_timeout",
        whole(None),
        "After how many seconds a try is stopped, when the task does not say it with\n"
        "`execution_timeout`. Nothing means never.",
    ),
    Option(
        "core",
        "hide_sensitive_var_conn_fields",
        flag(True),
        "Whether values whose name sounds secret (password, token ...) are masked in logs and\n"
        "lists.",
        old=(("admin", "hide_sensitive_variable_fields"),),
    ),
    Option(
        "core",
        "sensitive_var_conn_names",
        words(),
        "More words that make a name sound secret.",
        old=(("admin", "sensitive_variable_fields"),),
    ),
    Option(
        "core",
        "default_pool_task_slot_count",
        whole(128),
        "How many slots `default_pool` gets when the metastore is made. Later changes are made\n"
        "with `flowctl pools set`.",
        old=(("core", "non_pooled_task_slot_count"),),
    ),
    Option(
        "core",
        "max_templated_field_length",
        whole(4096),
        "The longest text, in characters, that a rendered field of a task is kept as.",
    ),
    Option(
        "core",
        "max_map_length",
        whole(1024),
        """The longest list or dict that a task may leave for other tasks to be mapped over. The
        task that leaves a longer one fails.""",
    ),
    Option(
        "debug",
        "fail_fast",
        flag(False),
        "Whether the DebugExecutor runs no further task of a run once one of its tasks has failed.",
    ),
    Option(
        "core",
        "check_slas",
        flag(True),
        "Whether tasks with an `sla` are watched. Who is late is noted in the audit trail; the\n"
        "DAG's `sla_miss_callback` is called and mail sent to the addresses of the task.",
    ),
    Option(
        "operators",
        "default_owner",
        text("airflow"),
        "The owner of tasks that do not name one.",
    ),
    Option(
        "operators",
        "default_queue",
        text("default"),
        "The queue of tasks that do not name one.",
        old=(("celery", "default_queue"),),
    ),
    Option(
        "operators",
        "allow_illegal_arguments",
        flag(False),
        "Whether an operator takes arguments that it does not know, with a warning, or refuses.",
    ),
    Option(
        "operators",
        "default_deferrable",
        flag(False),
        "Whether operators that can wait without a process do so when they do not say.",
    ),
    Option(
        "sensors",
        "default_timeout",
        seconds(604800),
        "The longest, in seconds, that a sensor waits when it does not say it with `timeout`.",
    ),
    Option(
        "standard",
        "venv_install_method",
        choice("auto", "uv", "pip"),
        "What makes the environments of PythonVirtualenvOperator: uv, pip, or uv where it is\n"
        "installed and pip elsewhere.",
    ),
)
