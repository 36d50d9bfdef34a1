"""What a deferred task waits for, how it goes on, and until when it waits."""

from datetime import datetime, timedelta

import msgspec


class Deferral(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trigger and the way on; `kwargs` and `method_kwargs` are texts of plain data.

    `timeout` is the trigger's own; `execution_timeout` of the task counts as well.
    """

    classpath: str  # of the trigger: "package.module.Class"
    kwargs: str = "{}"
    method: str = ""  # of the operator; empty: the trigger ends the task itself
    method_kwargs: str = "{}"
    timeout: timedelta | None = None


def waits_until(
    deferral: Deferral, now: datetime, began_at: datetime, execution_timeout: timedelta | None
) -> datetime | None:
    """Return when a task that is deferred now goes on without an event, None: never.

    Args:
        began_at: when the try began; `execution_timeout` counts from it, the waiting included.
    """
    ends = []
    if deferral.timeout is not None:
        ends.append((now, deferral.timeout))
    if execution_timeout:
        ends.append((began_at, execution_timeout))
    return min((_later(start, by) for start, by in ends), default=None)


def _later(start: datetime, by: timedelta) -> datetime:
    try:
        return start + by
    except OverflowError:  # after the last year there is
        return datetime.max.replace(tzinfo=start.tzinfo)
