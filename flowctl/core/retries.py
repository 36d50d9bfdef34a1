"""May a failed attempt be followed by another, and when.

Source: Airflow 2.10.5, whose answers the tests hold; the factor is that of 3.3. The
random part of the back-off depends only on which attempt failed, so asking twice gives the same
moment.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flowctl.core.attempt import RetryPolicy
from flowctl.core.spec import TaskSpec
from flowctl.late import Late

if TYPE_CHECKING:
    import hashlib
else:
    hashlib = Late("hashlib")

DELAY_MAX = timedelta(days=1)
"""The default of `[core] max_task_retry_delay`: no back-off waits longer."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # a day that every time zone can show


def may_retry(try_number: int, max_tries: int) -> bool:
    """Say whether the failed try may be followed by another; `max_tries` is the last that may."""
    return try_number <= max_tries


def policy_of(spec: TaskSpec) -> RetryPolicy:
    """Return how a task is retried."""
    given = spec.retry_exponential_backoff
    factor = 2.0 if given is True else float(given)
    return RetryPolicy(spec.retry_delay, factor, spec.max_retry_delay)


def next_retry_at(
    policy: RetryPolicy,
    identity: tuple[str, str, datetime],
    try_number: int,
    ended_at: datetime,
    delay_max: timedelta = DELAY_MAX,
) -> datetime:
    """Return when the try after `try_number` may start.

    Args:
        identity: dag id, task id and logical date; together with the try number it decides by how
            much the back-off is lengthened, so that tasks that failed together come back apart.
        try_number: of the try that failed, from 1.
        ended_at: when that try ended.
        delay_max: the longest back-off; a plain delay may be longer.
    """
    delay = policy.delay
    if policy.factor not in (0.0, 1.0):
        backed_off = _backed_off(delay, policy.factor, identity, try_number, delay_max)
        delay = min(backed_off, delay_max)
        if policy.max_delay:
            delay = min(delay, policy.max_delay)
    try:
        return ended_at + delay
    except OverflowError:  # after the last year there is: never
        return NEVER


def _backed_off(
    delay: timedelta,
    factor: float,
    identity: tuple[str, str, datetime],
    try_number: int,
    delay_max: timedelta,
) -> timedelta:
    """Return the grown delay, lengthened by less than itself."""
    try:
        grown = delay.total_seconds() * factor ** (try_number - 1)
    except OverflowError:
        return delay_max
    if grown >= delay_max.total_seconds():
        return delay_max
    seconds = max(math.ceil(grown), 1)
    name = "#".join(str(part) for part in (*identity, try_number))
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).digest()
    return timedelta(seconds=seconds + int.from_bytes(digest) % seconds)
