"""What the timetables that come with flowctl share: each is a `ScheduleSpec`.

`core.timetables` answers for it.
"""

from datetime import datetime

from flowctl import clock
from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.timetables.contract import (
    DagRunInfo,
    DataInterval,
    TimeRestriction,
    Timetable,
)
from flowctl.core.spec import ScheduleSpec
from flowctl.core.timetables import Asked, ScheduleError, timetable_of
from flowctl.core.timetables import Timetable as CoreTimetable


class KnownTimetable(Timetable):
    """A timetable that is plain data."""

    schedule_spec: ScheduleSpec

    @classmethod
    def of(cls, spec: ScheduleSpec) -> "KnownTimetable":
        """Return the timetable of a schedule that is given as data."""
        made = cls.__new__(cls)
        made.schedule_spec = spec
        return made

    @property
    def _core(self) -> CoreTimetable:
        try:
            return timetable_of(self.schedule_spec)
        except ScheduleError as error:
            raise AirflowTimetableInvalid(str(error)) from error

    @property
    def description(self) -> str:  # type: ignore[override]
        """Return in words when runs are due."""
        return self.schedule_spec.description or self._core.describe()

    @property
    def summary(self) -> str:
        """Return the schedule in a word."""
        return self._core.summary

    def validate(self) -> None:
        """Raise `AirflowTimetableInvalid` if it never works."""
        _ = self._core

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the run that follows."""
        last = last_automated_data_interval
        asked = Asked(
            last and (plain_utc(last.start), plain_utc(last.end)),
            restriction.earliest and plain_utc(restriction.earliest),
            restriction.latest and plain_utc(restriction.latest),
            restriction.catchup,
            clock.utcnow(),
        )
        due = self._core.next_due(asked)
        if due is None:
            return None
        interval = DataInterval(shown(due.interval_start), shown(due.interval_end))
        return DagRunInfo(shown(due.run_after), interval)

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """Return the data interval of a run that somebody starts at `run_after`."""
        start, end = self._core.manual_interval(plain_utc(run_after))
        return DataInterval(shown(start), shown(end))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.serialize() == other.serialize()

    def __hash__(self) -> int:
        return hash((type(self), self.summary))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary}>"
