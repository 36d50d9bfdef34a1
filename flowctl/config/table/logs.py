"""Rows of [logging]. Most lived in [core] until Airflow 2.0."""

from flowctl.config.kinds import choice, path, size
from flowctl.config.row import Option

LEVELS = ("DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL")

ROWS: tuple[Option, ...] = (
    Option(
        "logging",
        "base_log_folder",
        path("{AIRFLOW_HOME}/logs"),
        "The folder that holds the logs of tasks.",
        old=(("core", "base_log_folder"),),
    ),
    Option(
        "logging",
        "logging_level",
        choice("INFO", *LEVELS, any_case=True),
        "The least important messages that are still written.",
        old=(("core", "logging_level"),),
    ),
    Option(
        "logging",
        "task_log_size",
        size("1G"),
        "How much the log of one try of a task may take. When it is more, lines in the middle of\n"
        "it are dropped, and a line says so. 0 means any amount.",
    ),
)
