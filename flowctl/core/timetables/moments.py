"""Timetables whose runs start at a moment that they stand for: they look at no data by themselves.

The data interval of a run may be told to reach back from its moment by a fixed length; its logical
date is then the start of that.

Source: what Airflow answers, 2.10.5 where the DAG has to have a start date, else 3.3.2.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flowctl.core.timetables.contract import Asked, Due, Interval, NoMoreDates, Timetable
from flowctl.core.timetables.periodic import checked_length, leap_by

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta

    from flowctl.core.timetables.ticks import CronTicks

    Length = timedelta | relativedelta

_NEAR_MIN = timedelta(minutes=5)  # a strike this fresh is always near enough for the first run


class Moments(Timetable):
    """A run at each moment of a row."""

    def __init__(self, summary: str, interval: "Length", *, needs_start: bool = True) -> None:
        """Take the length of the data before each moment."""
        super().__init__(summary)
        self._interval = interval
        self._needs_start = needs_start

    def next_due(self, asked: Asked) -> Due | None:
        """Return the moment after the last run, or with no catch-up none before the latest one."""
        last, earliest, latest, catchup, now = asked
        try:
            moments = [] if catchup else [self._latest(now)]
            if last is not None:
                moments.append(self._after(last[1]))
            elif earliest is None and not self._needs_start:
                moments.append(self._first(now))
            if earliest is not None and not (catchup and last is not None):
                moments.append(self._at_or_after(earliest))
        except NoMoreDates:
            return None
        if not moments or (latest is not None and max(moments) > latest):
            return None
        return Due.over(*self.manual_interval(max(moments)))

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return the data before `run_after`."""
        return (run_after - self._interval, run_after)

    @abstractmethod
    def _first(self, now: datetime) -> datetime:
        """Return the first moment of a DAG without a start date."""

    @abstractmethod
    def _latest(self, now: datetime) -> datetime:
        """Return the last moment that has come."""

    @abstractmethod
    def _after(self, moment: datetime) -> datetime:
        """Return the moment that follows."""

    @abstractmethod
    def _at_or_after(self, moment: datetime) -> datetime:
        """Return `moment` if it is of the row, else the one that follows."""


class CronMoments(Moments):
    """The strikes of a cron expression."""

    def __init__(
        self,
        summary: str,
        ticks: "CronTicks",
        interval: "Length" = timedelta(0),
        *,
        needs_start: bool = True,
        run_immediately: bool | timedelta | None = None,
    ) -> None:
        """Take the strikes as they come.

        Args:
            run_immediately: which strike is the first, without a start date: True the last one,
                else the last one if it is near enough (a duration, or a tenth of the way to the
                next and at least five minutes), else the next.
        """
        super().__init__(summary, interval, needs_start=needs_start)
        self._ticks = ticks
        self._run_immediately = run_immediately

    def describe(self) -> str:
        """Return the expression."""
        return self.summary

    def leap(self, due: Due, moment: datetime) -> Due:
        """Return the last one until `moment`."""
        try:
            strike = self._ticks.at_or_before(moment)
        except NoMoreDates:  # `due` is of another row
            return due
        return due if strike <= due.run_after else Due.over(*self.manual_interval(strike))

    def _first(self, now: datetime) -> datetime:
        past, coming = self._ticks.at_or_before(now), self._ticks.at_or_after(now)
        if self._run_immediately is True:
            return past
        near = max((coming - past) / 10, _NEAR_MIN)
        if isinstance(self._run_immediately, timedelta):
            near = self._run_immediately
        return past if now - past <= near else coming

    def _latest(self, now: datetime) -> datetime:
        return self._ticks.at_or_before(now)

    def _after(self, moment: datetime) -> datetime:
        return self._ticks.after(moment)

    def _at_or_after(self, moment: datetime) -> datetime:
        return self._ticks.at_or_after(moment)


class DeltaMoments(Moments):
    """Moments at equal distances, counted from the start date."""

    def __init__(self, summary: str, delta: "Length", interval: "Length" = timedelta(0)) -> None:
        """Check the distance.

        Raises:
            ScheduleError: it is not positive, or not always leads to a later moment.
        """
        super().__init__(summary, interval, needs_start=False)
        self._delta = delta
        checked_length(summary, delta)

    def describe(self) -> str:
        """Return "every" and the duration."""
        return f"every {self.summary}"

    def leap(self, due: Due, moment: datetime) -> Due:
        """Return the last one until `moment`, if all distances are equal."""
        return leap_by(self._delta, due, moment)

    def _first(self, now: datetime) -> datetime:
        return now

    def _latest(self, now: datetime) -> datetime:
        return now

    def _after(self, moment: datetime) -> datetime:
        return moment + self._delta

    def _at_or_after(self, moment: datetime) -> datetime:
        return moment


class SeveralMoments(Timetable):
    """The moments of several rows as one; where two strike together there is one run."""

    def __init__(self, summary: str, rows: Sequence[CronMoments]) -> None:
        """Take at least one row."""
        super().__init__(summary)
        self._rows = rows

    def describe(self) -> str:
        """Return the expressions."""
        return self.summary

    def next_due(self, asked: Asked) -> Due | None:
        """Return the first of the rows' runs; with no catch-up the last one that has come."""
        answers = [row.next_due(asked) for row in self._rows]
        found = [due for due in answers if due is not None]
        come = [due for due in found if due.logical_date <= asked.now]
        if come and not asked.catchup:
            return max(come, key=_logical_date)
        return min(found, key=_logical_date, default=None)

    def leap(self, due: Due, moment: datetime) -> Due:
        """Return the last of all rows until `moment`."""
        return max((row.leap(due, moment) for row in self._rows), key=_logical_date)

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return the data before `run_after`."""
        return self._rows[0].manual_interval(run_after)


def _logical_date(due: Due) -> datetime:
    return due.logical_date
