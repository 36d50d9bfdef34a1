"""Timetables without a rhythm: never, on updates of assets, once, always again, at listed dates,
and as the user says.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime

from flowctl.core.timetables.contract import Asked, Due, Interval, Timetable


class Never(Timetable):
    """No run comes by itself."""

    can_be_scheduled = False

    def describe(self) -> str:
        """Say so."""
        return "never by itself, only when triggered"

    def next_due(self, asked: Asked) -> Due | None:  # noqa: ARG002 - the contract
        """Return None."""
        return None


class WhenUpdated(Never):
    """No run comes by the clock; the updates of assets make them due (`core.assets`)."""

    can_be_scheduled = True

    def describe(self) -> str:
        """Say so."""
        return "when its assets are updated"


class _FromStart(Timetable):
    """What begins at the start date."""

    def __init__(self, summary: str, *, needs_start: bool = True) -> None:
        """Say whether there is no run without a start date; else the first is at once."""
        super().__init__(summary)
        self._needs_start = needs_start

    def _start(self, asked: Asked) -> datetime | None:
        return asked.now if asked.earliest is None and not self._needs_start else asked.earliest


class Once(_FromStart):
    """One run, at the start date."""

    may_pass_over = False

    def describe(self) -> str:
        """Say so."""
        return "once, at the start date"

    def next_due(self, asked: Asked) -> Due | None:
        """Return the run at the start date, unless there was one; it is never left out."""
        start = self._start(asked)
        if asked.last is not None or start is None:
            return None
        if asked.latest is not None and start > asked.latest:
            return None
        return Due.over(start, start)


class Continuous(_FromStart):
    """A run whenever the one before has ended, each standing for the time since that one."""

    active_runs_limit = 1
    may_pass_over = False  # a run is due only once the one before has ended

    def describe(self) -> str:
        """Say so."""
        return "again and again, one run at a time"

    def next_due(self, asked: Asked) -> Due | None:
        """Return the time from the end of the last run until now; nothing is caught up."""
        first, now = self._start(asked), asked.now
        if first is None:
            return None
        start, end = (first, max(first, now)) if asked.last is None else (asked.last[1], now)
        if asked.latest is not None and end > asked.latest:
            return None
        return Due.over(start, end)


class Events(Timetable):
    """A run at each of some listed dates."""

    looks_ahead_only = True

    def __init__(
        self, summary: str, dates: Sequence[datetime], *, is_restricted: bool, description: str
    ) -> None:
        """Take the dates.

        Args:
            dates: aware UTC, sorted.
            is_restricted: a manual run stands for the latest date that has come, not for its own.
            description: what `describe` says.
        """
        super().__init__(summary)
        self._dates = dates
        self._is_restricted = is_restricted
        self._description = description

    def describe(self) -> str:
        """Say which dates."""
        return self._description

    def next_due(self, asked: Asked) -> Due | None:
        """Return the first date after the last run; with no catch-up none that has gone by."""
        last, earliest, latest, catchup, now = asked
        if not catchup:
            earliest = now if earliest is None else max(earliest, now)
        at = 0 if earliest is None else bisect_left(self._dates, earliest)
        if last is not None:
            at = max(at, bisect_right(self._dates, last[1]))
        if at == len(self._dates) or (latest is not None and self._dates[at] > latest):
            return None
        return Due.over(self._dates[at], self._dates[at])

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return `run_after`, or the date that is meant by it."""
        if self._is_restricted and self._dates:
            at = bisect_right(self._dates, run_after)
            run_after = self._dates[max(at - 1, 0)]
        return (run_after, run_after)


class Own(Timetable):
    """What is known of a timetable that the user wrote, where user code does not run.

    Its dates are asked for in a parser child, see `core.foresight`.
    """

    looks_ahead_only = True

    def __init__(
        self, summary: str, *, description: str, is_scheduled: bool, runs_limit: int | None
    ) -> None:
        """Take what it said of itself when its DAG file was parsed."""
        super().__init__(summary)
        self._description = description
        self.can_be_scheduled = is_scheduled
        self.active_runs_limit = runs_limit

    def describe(self) -> str:
        """Return its own description."""
        return self._description or self.summary

    def next_due(self, asked: Asked) -> Due | None:  # noqa: ARG002 - the contract
        """Refuse: only the user's code knows."""
        raise AssertionError(f"{self.summary} must be asked where user code runs")
