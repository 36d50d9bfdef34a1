"""What does the site's configuration decide for all DAGs?"""

from datetime import timedelta

from flowctl.config import Config
from flowctl.core.retention import Limits
from flowctl.core.world import Rules

AGES = {
    "dag_run": ("retention", "run_days"),
    "xcom": ("retention", "xcom_days"),
    "asset_event": ("retention", "asset_event_days"),
    "backfill": ("retention", "backfill_days"),
    "dag_version": ("retention", "version_days"),
    "dag": ("retention", "version_days"),
    "token": ("retention", "token_days"),
    "log": ("retention", "audit_days"),
    "job": ("retention", "process_days"),
}
"""The option that says how long a part of the metastore is kept."""


def read(conf: Config) -> Rules:
    """Return what the configuration says."""
    return Rules(
        makes_scheduled_runs=conf.flag("scheduler", "use_job_schedule"),
        runs_ahead_of_time=conf.flag("scheduler", "allow_trigger_in_future"),
    )


def limits(conf: Config) -> Limits:
    """Return how much history is kept."""
    days = {part: conf.whole(*option) for part, option in AGES.items()}
    log_size = conf.get("retention", "log_size")
    return Limits(
        ages={part: timedelta(days=count) for part, count in days.items() if count},
        runs_max=conf.whole("retention", "runs_per_dag"),
        runs_kept=conf.whole("retention", "runs_kept"),
        versions_max=conf.whole("retention", "versions_per_dag"),
        log_age=timedelta(days=conf.whole("retention", "log_days")),
        log_share=log_size if isinstance(log_size, float) else 0.0,
        log_bytes=log_size if isinstance(log_size, int) else 0,
        is_on=conf.flag("retention", "enabled"),
    )
