"""The only reader of the wall clock.

Everything below the shell takes `now` as an argument; durations use `time.monotonic()`.
"""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this module is the one that may
