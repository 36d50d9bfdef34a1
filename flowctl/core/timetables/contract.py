"""What a timetable is: dates out of a schedule, and nothing else."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from flowctl.errors import FlowctlError

Interval = tuple[datetime, datetime]
"""Start and end of the data of one run, aware UTC; equal when the run stands for a moment."""


class ScheduleError(FlowctlError):
    """A schedule that never works; the message says which part and what would."""


class NoMoreDates(Exception):
    """There is no match in this direction: its years are over, or it names no real day."""


@dataclass(frozen=True, slots=True)
class Due:
    """One run to be created once `run_after` has come. All aware UTC."""

    logical_date: datetime
    interval_start: datetime
    interval_end: datetime
    run_after: datetime
    run_id: str = ""  # where a user's timetable chose it

    @classmethod
    def over(cls, start: datetime, end: datetime) -> "Due":
        """Return the run that works on the data from `start` to `end`, and so begins at `end`."""
        return cls(logical_date=start, interval_start=start, interval_end=end, run_after=end)


class Timetable(ABC):
    """When the runs of a DAG are due. Immutable; one object serves all DAGs of equal schedule."""

    can_be_scheduled = True  # False: runs come only from people and programs
    active_runs_limit: int | None = None  # the DAG's own `max_active_runs` may only be lower
    looks_ahead_only = False  # True: without catch-up a date that has just come is named no more

    def __init__(self, summary: str) -> None:
        """Keep what a person sees of the schedule: an expression, a duration, "None"."""
        self.summary = summary

    @abstractmethod
    def describe(self) -> str:
        """Say in words when runs are due; an expression stands for itself."""

    @abstractmethod
    def next_due(
        self,
        last: Interval | None,
        earliest: datetime | None,
        latest: datetime | None,
        catchup: bool,
        now: datetime,
    ) -> Due | None:
        """Return the run that follows, in the past or to come, or None when there is none.

        Args:
            last: the data interval of the latest run that a timetable made.
            earliest: the DAG's start date; without it nothing can be caught up.
            latest: the DAG's end date; no logical date lies after it.
            catchup: False leaves out every interval but the latest complete one.
            now: the present moment; asked only where the answer depends on it.
        """

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return the data interval of a run that a person starts at `run_after`."""
        return (run_after, run_after)
