"""What does the site's configuration decide for all DAGs?"""

from flowctl.config import Config
from flowctl.core.world import Rules


def read(conf: Config) -> Rules:
    """Return what the configuration says."""
    return Rules(
        makes_scheduled_runs=conf.flag("scheduler", "use_job_schedule"),
        runs_ahead_of_time=conf.flag("scheduler", "allow_trigger_in_future"),
    )
