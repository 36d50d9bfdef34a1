"""What a timetable is: dates out of a schedule, and nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

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

    @property
    def interval(self) -> Interval:
        """Return the data interval."""
        return (self.interval_start, self.interval_end)


class Asked(NamedTuple):
    """Of which run a timetable is asked. All moments aware UTC."""

    last: Interval | None
    """The data interval of the latest run that a timetable made."""
    earliest: datetime | None
    """The DAG's start date; without it nothing can be caught up."""
    latest: datetime | None
    """The DAG's end date; no logical date lies after it."""
    catchup: bool
    """False leaves out every interval but the latest complete one."""
    now: datetime
    """The present moment; it counts only where the answer depends on it."""


class Timetable(ABC):
    """When the runs of a DAG are due. Immutable; one object serves all DAGs of equal schedule."""

    can_be_scheduled = True  # False: runs come only from people and programs
    active_runs_limit: int | None = None  # the DAG's own `max_active_runs` may only be lower
    may_pass_over = True  # False: every run that it names is made, however late
    looks_ahead_only = False  # True: without catch-up a date that has just come is named no more

    def __init__(self, summary: str) -> None:
        """Keep what a person sees of the schedule: an expression, a duration, "None"."""
        self.summary = summary

    @abstractmethod
    def describe(self) -> str:
        """Say in words when runs are due; an expression stands for itself."""

    @abstractmethod
    def next_due(self, asked: Asked) -> Due | None:
        """Return the run that follows, in the past or to come, or None when there is none."""

    def between(self, since: datetime, until: datetime, now: datetime) -> Iterator[Due]:
        """Yield the runs with a logical date from `since` to `until`, both included, in order."""
        asked = Asked(None, since, until, catchup=True, now=now)
        due = self.next_due(asked)
        while due is not None and due.logical_date <= until:
            yield due
            due = self.next_due(asked._replace(last=due.interval))

    def leap(self, due: Due, moment: datetime) -> Due:  # noqa: ARG002 - the contract
        """Return `due`, or a run after it in the same row that comes until `moment`.

        The nearer to the moment, the fewer steps are left; a row may know of no short cut.
        """
        return due

    def manual_interval(self, run_after: datetime) -> Interval:
        """Return the data interval of a run that a person starts at `run_after`."""
        return (run_after, run_after)
