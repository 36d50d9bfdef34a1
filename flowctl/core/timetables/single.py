"""Timetables without a rhythm: never, once, and always again."""

from datetime import datetime

from flowctl.core.timetables.contract import Due, Interval, Timetable


class Never(Timetable):
    """No run comes by itself."""

    can_be_scheduled = False

    def describe(self) -> str:
        """Say so."""
        return "never by itself, only when triggered"

    def next_due(
        self,
        last: Interval | None,  # noqa: ARG002 - the contract's arguments
        earliest: datetime | None,  # noqa: ARG002
        latest: datetime | None,  # noqa: ARG002
        catchup: bool,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Due | None:
        """Return None."""
        return None


class Once(Timetable):
    """One run, at the start date."""

    def describe(self) -> str:
        """Say so."""
        return "once, at the start date"

    def next_due(
        self,
        last: Interval | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,  # noqa: ARG002 - the one run is never left out
        now: datetime,  # noqa: ARG002
    ) -> Due | None:
        """Return the run at `earliest`, unless there was one."""
        if last is not None or earliest is None:
            return None
        if latest is not None and earliest > latest:
            return None
        return Due.over(earliest, earliest)


class Continuous(Timetable):
    """A run whenever the one before has ended, each standing for the time since that one."""

    active_runs_limit = 1

    def describe(self) -> str:
        """Say so."""
        return "again and again, one run at a time"

    def next_due(
        self,
        last: Interval | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,  # noqa: ARG002 - there is nothing to catch up
        now: datetime,
    ) -> Due | None:
        """Return the time from the end of `last` until `now`."""
        if earliest is None:
            return None
        start, end = (earliest, max(earliest, now)) if last is None else (last[1], now)
        if latest is not None and end > latest:
            return None
        return Due.over(start, end)
