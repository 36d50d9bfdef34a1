"""Timetables with a rhythm: a cron expression, or a duration.

A run stands for an interval of data and starts at its end. Those that stand for the moment at which
they start are in `moments`.
"""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flowctl.core.timetables.contract import (
    Asked,
    Due,
    Interval,
    NoMoreDates,
    ScheduleError,
    Timetable,
)

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

    from flowctl.core.timetables.ticks import CronTicks

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Intervals(Timetable):
    """Intervals of data, one after the other without a gap.

    Source: what Airflow 2.10.5 answers, compared case by case.
    """

    def next_due(self, asked: Asked) -> Due | None:
        """Return the interval after the last, aligned anew as the schedule may have changed."""
        last, earliest, latest, catchup, now = asked
        try:
            if last is not None and (earliest is None or earliest <= last[1]):
                start = self._align_back(last[1])
                end = self._end_of(start)
                is_next = catchup or end > now  # a later one that is complete would be meant
                is_within = earliest is None or earliest <= start
                if is_next and is_within and (latest is None or start <= latest):
                    return Due.over(start, end)  # the usual case, with the fewest questions
            starts = [self._first_start(earliest)] if earliest is not None else []
            if not catchup:
                starts.append(self._latest_complete(now))
            if last is not None:
                starts.append(self._align_back(last[1]))
            if not starts or (latest is not None and max(starts) > latest):
                return None
            return Due.over(max(starts), self._end_of(max(starts)))
        except NoMoreDates:
            return None

    def between(
        self,
        since: datetime,
        until: datetime,
        now: datetime,  # noqa: ARG002 - the contract
    ) -> Iterator[Due]:
        """Yield the intervals that start from `since` to `until`: each begins where one ends."""
        try:
            start = self._first_start(since)
            while start <= until:
                end = self._end_of(start)
                yield Due.over(start, end)
                start = end
        except NoMoreDates:
            return

    @abstractmethod
    def _first_start(self, earliest: datetime) -> datetime:
        """Return the start of the first interval that lies after `earliest`."""

    @abstractmethod
    def _latest_complete(self, now: datetime) -> datetime:
        """Return the start of the latest interval that has ended."""

    @abstractmethod
    def _align_back(self, end: datetime) -> datetime:
        """Return where the interval starts that follows one which ended at `end`."""

    @abstractmethod
    def _end_of(self, start: datetime) -> datetime:
        """Return the end of the interval that starts at `start`."""


class CronIntervals(_Intervals):
    """The intervals between the strikes of a cron expression."""

    def __init__(self, summary: str, ticks: "CronTicks") -> None:
        """Take the strikes as they come."""
        super().__init__(summary)
        self._ticks = ticks

    def describe(self) -> str:
        """Return the expression."""
        return self.summary

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return the latest interval that is complete at `run_after`."""
        try:
            end = self._ticks.at_or_before(run_after)
            return (self._ticks.before(end), end)
        except NoMoreDates:
            return (run_after, run_after)

    def leap(self, due: Due, moment: datetime) -> Due:
        """Return the last one that has ended by `moment`."""
        end = self._ticks.at_or_before(moment)
        return due if end <= due.interval_end else Due.over(self._ticks.before(end), end)

    def _first_start(self, earliest: datetime) -> datetime:
        return self._ticks.at_or_after(earliest)

    def _latest_complete(self, now: datetime) -> datetime:
        return self._ticks.before(self._ticks.at_or_before(now))

    def _align_back(self, end: datetime) -> datetime:
        return self._ticks.at_or_before(end)

    def _end_of(self, start: datetime) -> datetime:
        return self._ticks.after(start)


class DeltaIntervals(_Intervals):
    """Intervals of equal length, counted from the start date."""

    def __init__(self, summary: str, delta: "timedelta | relativedelta") -> None:
        """Check the length.

        Raises:
            ScheduleError: it is not positive, or not always leads to a later moment.
        """
        super().__init__(summary)
        self._delta = delta
        self._length = checked_length(summary, delta)

    def describe(self) -> str:
        """Return "every" and the duration."""
        return f"every {self.summary}"

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return the interval that ends at `run_after`."""
        return (run_after - self._delta, run_after)

    def leap(self, due: Due, moment: datetime) -> Due:
        """Return the last one that has ended by `moment`, if all are of one length."""
        return leap_by(self._delta, due, moment)

    def _first_start(self, earliest: datetime) -> datetime:
        return earliest

    def _latest_complete(self, now: datetime) -> datetime:
        return now - (now - _EPOCH) % self._length - self._delta

    def _align_back(self, end: datetime) -> datetime:
        return end

    def _end_of(self, start: datetime) -> datetime:
        return start + self._delta


def leap_by(delta: "timedelta | relativedelta", due: Due, moment: datetime) -> Due:
    """Return the last run until `moment` of a row with equal steps; a calendar's are not equal."""
    if not isinstance(delta, timedelta):
        return due
    way = max(0, (moment - due.run_after) // delta) * delta
    return Due.over(due.interval_start + way, due.interval_end + way)


def checked_length(summary: str, delta: "timedelta | relativedelta") -> timedelta:
    """Return how long a step is.

    Raises:
        ScheduleError: it is not positive, or not always leads to a later moment.
    """
    length = delta if isinstance(delta, timedelta) else _usual_length(delta)
    if length <= timedelta(0):
        raise ScheduleError(f"schedule {summary!r} must be a positive duration")
    if not _moves_forward(delta):
        raise ScheduleError(f"schedule {summary!r} does not lead forward from every date")
    return length


def _usual_length(delta: "relativedelta") -> timedelta:
    """Return the length with years of 365 and months of 30 days, as Airflow rounds by it."""
    return timedelta(
        days=delta.years * 365 + delta.months * 30 + delta.days,
        hours=delta.hours,
        minutes=delta.minutes,
        seconds=delta.seconds,
    )


def _moves_forward(delta: "timedelta | relativedelta") -> bool:
    """Say whether the step leads forward from the end of each day of three months.

    `relativedelta(months=1, days=-29)` leads back from 31 January; the schedule would stand still.
    """
    ends = [_EPOCH + timedelta(days=day, microseconds=-1) for day in range(1, 91)]
    return all(end + delta > end for end in ends)
