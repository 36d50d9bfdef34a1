"""Timetables of durations.

What begins with an underscore are the steps that users' subclasses of Airflow's call.
"""

from datetime import datetime, timedelta
from typing import Any

from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.timetables.contract import Timetable
from flowctl.authoring.timetables.known import KnownTimetable
from flowctl.authoring.timetables.lengths import (
    from_plain,
    length_fields,
    length_of,
    parts,
    to_plain,
)
from flowctl.core.spec import ScheduleSpec


class _Delta(KnownTimetable):
    """What timetables with a duration share."""

    @property
    def _delta(self) -> Any:
        spec = self.schedule_spec
        return from_plain(spec.relative) if spec.delta is None else spec.delta

    @property
    def summary(self) -> str:
        """Return the duration."""
        return str(self._delta)

    def _get_next(self, current: datetime) -> Any:
        return shown(plain_utc(current) + self._delta)

    def _get_prev(self, current: datetime) -> Any:
        return shown(plain_utc(current) - self._delta)

    def _align_to_next(self, current: datetime) -> Any:
        return current

    def _align_to_prev(self, current: datetime) -> Any:
        return current

    def serialize(self) -> dict[str, Any]:
        """Return the duration."""
        return {"delta": to_plain(self._delta)}


class DeltaDataIntervalTimetable(_Delta):
    """Runs for intervals of equal length, each at its end."""

    def __init__(self, delta: Any) -> None:
        self.schedule_spec = delta_spec(delta)

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` made this of."""
        return cls(from_plain(data["delta"]))


class DeltaTriggerTimetable(_Delta):
    """Runs at equal distances.

    Args:
        delta: how far they lie apart.
        interval: how far the data of a run reaches back from its moment.
    """

    def __init__(self, delta: Any, *, interval: Any = timedelta(0)) -> None:
        self.schedule_spec = delta_spec(delta, trigger=True, **length_fields(interval))

    def serialize(self) -> dict[str, Any]:
        """Return both durations."""
        return {**super().serialize(), "interval": to_plain(length_of(self.schedule_spec))}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` made this of."""
        return cls(from_plain(data["delta"]), interval=from_plain(data["interval"]))


def delta_spec(delta: Any, **more: Any) -> ScheduleSpec:
    """Return the schedule of a timedelta or a relativedelta.

    Raises:
        AirflowTimetableInvalid: it is neither.
    """
    if isinstance(delta, timedelta):
        return ScheduleSpec("delta", delta=delta, summary=str(delta), **more)
    relative = parts(delta)
    return ScheduleSpec("delta", relative=relative, summary=str(delta), **more)
