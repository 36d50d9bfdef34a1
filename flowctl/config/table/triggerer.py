"""Rows of [triggerer]."""

from flowctl.config.kinds import seconds, whole
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "triggerer",
        "default_capacity",
        whole(1000, low=1),
        "How many triggers one triggerer runs at once; the others wait for room, or for another\n"
        "triggerer.",
    ),
    Option(
        "triggerer",
        "job_heartbeat_sec",
        seconds(5, low=1),
        "After how many seconds a triggerer leaves a sign of life, and looks for work that nobody\n"
        "told it of.",
    ),
    Option(
        "triggerer",
        "triggerer_health_check_threshold",
        seconds(30),
        "After how many seconds without a sign of life a triggerer counts as gone: its triggers\n"
        "are run by another one. On the same machine a dead one is noticed at once.",
    ),
)
