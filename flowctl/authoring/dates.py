"""How did DAG files of 1.10 and early 2.x write their dates? (`airflow.utils.dates`)"""

from datetime import datetime, timedelta

import pendulum
from croniter import croniter

from flowctl.authoring import timezone

cron_presets = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}


def days_ago(
    n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime:
    """Return the given time of the day `n` days before today, in UTC; midnight by default."""
    return (timezone.utcnow() - timedelta(days=n)).replace(
        hour=hour, minute=minute, second=second, microsecond=microsecond
    )


def date_range(
    start_date: datetime,
    end_date: datetime | None = None,
    num: int | None = None,
    delta: str | timedelta | None = None,
) -> list[datetime]:
    """Return the dates from `start_date` on, `delta` apart, `start_date` included.

    Args:
        start_date: the first date; without a time zone it is UTC.
        end_date: the last date that may be in the list; default now.
        num: how many dates instead of an end; a negative number counts backwards.
        delta: a step, a cron pattern or a preset; without it the list is empty.

    Raises:
        ValueError: the end is before the start, or both `end_date` and `num` are given.
    """
    if end_date is not None and num is not None:
        raise ValueError("give date_range an end_date or a num, not both")
    if end_date is not None and start_date > end_date:
        raise ValueError(f"the range starts at {start_date}, after its end at {end_date}")
    if not delta:
        return []
    now = _aware(start_date)
    if num is not None:
        dates = [now]
        while len(dates) < abs(num):
            dates.append(_step(dates[-1], delta, backwards=num < 0))
        return sorted(dates[: abs(num)])
    end = _aware(end_date) if end_date else timezone.utcnow()
    dates = []
    while now <= end:
        dates.append(now)
        now = _step(now, delta)
    return dates


def _aware(value: datetime) -> datetime:
    return value if timezone.is_localized(value) else value.replace(tzinfo=timezone.utc)


def _step(moment: datetime, delta: str | timedelta, backwards: bool = False) -> datetime:
    if isinstance(delta, timedelta):
        return moment - delta if backwards else moment + delta
    pattern = croniter(cron_presets.get(delta, delta), moment)
    found: datetime = (pattern.get_prev if backwards else pattern.get_next)(datetime)
    return found


def parse_execution_date(execution_date_str: str) -> pendulum.DateTime:
    """Return the moment that the text names, in UTC where it has no offset."""
    return timezone.parse(execution_date_str)
