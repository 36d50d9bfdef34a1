"""What is a timetable, for those who ask one and those who write one? `airflow.timetables.base`"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple


class DataInterval(NamedTuple):
    """From when to when the data of a run reaches; both are aware."""

    start: datetime
    end: datetime

    @classmethod
    def exact(cls, at: datetime) -> "DataInterval":
        """Return an interval that is a moment."""
        return cls(at, at)


class TimeRestriction(NamedTuple):
    """Between which dates, both included, a DAG may have runs.

    `catchup` False says that what was missed is left out.
    """

    earliest: datetime | None
    latest: datetime | None
    catchup: bool


class DagRunInfo(NamedTuple):
    """One run to be made once `run_after` has come."""

    run_after: datetime
    data_interval: DataInterval

    @classmethod
    def exact(cls, at: datetime) -> "DagRunInfo":
        """Return a run that stands for the moment at which it starts."""
        return cls(at, DataInterval.exact(at))

    @classmethod
    def interval(cls, start: datetime, end: datetime) -> "DagRunInfo":
        """Return a run that starts at the end of its data interval."""
        return cls(end, DataInterval(start, end))

    @property
    def logical_date(self) -> datetime:
        """Return the date that names the run: the start of its data."""
        return self.data_interval.start


class Timetable:
    """When runs are due. A subclass answers `next_dagrun_info` and `infer_manual_data_interval`.

    The attributes are what a subclass may say of itself:
        description: when runs are due, in words.
        periodic: False where runs have no rhythm.
        run_ordering: by which fields of a run people see them ordered.
        active_runs_limit: how many runs a DAG may have at once; None leaves it to the DAG.
    """

    description: str = ""
    periodic: bool = True
    run_ordering: Sequence[str] = ("data_interval_end", "execution_date")
    active_runs_limit: int | None = None
    _can_be_scheduled: bool = True

    @property
    def can_be_scheduled(self) -> bool:
        """Say whether runs come by themselves; `can_run` is what it was called in 2.2."""
        return bool(getattr(self, "can_run", self._can_be_scheduled))

    @property
    def summary(self) -> str:
        """Return the schedule in a word; the name of the class, if the subclass has no better."""
        return type(self).__name__

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "Timetable":  # noqa: ARG003 - for subclasses
        """Return the timetable that `serialize` made this of."""
        return cls()

    def serialize(self) -> dict[str, Any]:
        """Return what tells this timetable from others of its class; JSON can say it."""
        return {}

    def validate(self) -> None:
        """Raise `AirflowTimetableInvalid` if it never works."""

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the run that follows, None when there is none for now.

        Args:
            last_automated_data_interval: of the latest run that was not started by hand.
            restriction: where the DAG's dates end, and whether missed runs are made.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define next_dagrun_info")

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """Return the data interval of a run that somebody starts at `run_after`."""
        raise NotImplementedError(
            f"{type(self).__name__} does not define infer_manual_data_interval"
        )

    def generate_run_id(
        self,
        *,
        run_type: Any,
        logical_date: datetime,
        data_interval: DataInterval | None,  # noqa: ARG002 - for subclasses
        **extra: Any,  # noqa: ARG002
    ) -> str:
        """Return the id of a scheduled run."""
        return f"{run_type}__{logical_date.isoformat()}"
