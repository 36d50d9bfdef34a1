"""Rows of [logging]. Most lived in [core] until Airflow 2.0."""

from flowctl.config.kinds import choice, path
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
)
