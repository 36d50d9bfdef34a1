"""Rows of [scheduler]."""

from flowctl.config.kinds import flag, path, seconds, text, whole
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "scheduler",
        "scheduler_heartbeat_sec",
        seconds(5, low=1),
        "The longest the scheduler sleeps when nothing wakes it, in seconds. A lost wake-up\n"
        "delays a task by at most this.",
    ),
    Option(
        "scheduler",
        "min_file_process_interval",
        seconds(30),
        "After how many seconds a DAG file is looked at again when no change of it was noticed. A\n"
        "change is noticed at once.",
    ),
    Option(
        "scheduler",
        "parsing_processes",
        whole(2, low=1),
        "How many DAG files are read at the same time.",
        old=(("scheduler", "max_threads"),),
    ),
    Option(
        "scheduler",
        "parsing_memory_limit_mb",
        whole(2048, low=0),
        "How many MiB of memory one DAG file may use while it is read; 0 means no limit.",
    ),
    Option(
        "scheduler",
        "child_process_log_directory",
        path("{AIRFLOW_HOME}/logs/scheduler"),
        "Where the logs of DAG files are, with what they print while they are read. A log is of\n"
        "bounded size, and goes when its file does.",
    ),
    Option(
        "scheduler",
        "scheduler_health_check_threshold",
        seconds(30),
        "After how many seconds without a sign of life the scheduler counts as unhealthy.",
    ),
    Option(
        "scheduler",
        "catchup_by_default",
        flag(True),
        "Whether a DAG that does not say `catchup` gets runs for the past since its start date.\n"
        "Where this is not set, [compat] dag_defaults says it.",
    ),
    Option(
        "scheduler",
        "catchup_window",
        seconds(0),
        "For how many seconds a DAG that catches up goes back, when it does not say\n"
        "`catchup_window`: runs that were due longer ago are passed over. 0 means that all are\n"
        "made.",
    ),
    Option(
        "scheduler",
        "ignore_first_depends_on_past_by_default",
        flag(True),
        "Whether the first run of a task with `depends_on_past` may start, when the task does not\n"
        "say it.",
    ),
    Option(
        "scheduler",
        "use_job_schedule",
        flag(True),
        "Whether DAGs run by their schedule. With False only triggered runs are made.",
    ),
    Option(
        "scheduler",
        "allow_trigger_in_future",
        flag(False),
        "Whether a run with a logical date in the future starts at once (only DAGs without a\n"
        "schedule).",
    ),
    Option(
        "scheduler",
        "allowed_run_id_pattern",
        text("^[A-Za-z0-9_.~:+-]+$"),
        "The regular expression that run ids given by people must match.",
    ),
    Option(
        "scheduler",
        "create_cron_data_intervals",
        flag(True),
        "Whether a cron expression gives each run the interval since the time before. With False\n"
        "the interval is empty and the run's date is the time itself; in a DAG with the defaults\n"
        "of Airflow 3 this goes for durations, too. Where it is not set, [compat] dag_defaults\n"
        "says it.",
    ),
)
