"""Timetables without a rhythm: never, once, always again, and at listed dates."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.authoring.moments import shown, utc_moment
from flowctl.authoring.timetables.contract import Timetable
from flowctl.authoring.timetables.known import KnownTimetable
from flowctl.core.spec import ScheduleSpec


class _Trivial(KnownTimetable):
    periodic = False
    run_ordering = ("execution_date",)
    kind = "none"
    word = "None"

    def __init__(self) -> None:
        self.schedule_spec = ScheduleSpec(self.kind, summary=self.word)  # type: ignore[arg-type]


class NullTimetable(_Trivial):
    """No run comes by itself."""

    _can_be_scheduled = False


class OnceTimetable(_Trivial):
    """One run, at the start date."""

    kind = "once"
    word = "@once"


class ContinuousTimetable(_Trivial):
    """A run whenever the one before has ended."""

    kind = "continuous"
    word = "@continuous"
    active_runs_limit = 1


class AssetTriggeredTimetable(_Trivial):
    """A run when assets were updated; DAGs get it for `schedule=[asset]`."""

    kind = "assets"
    word = "Asset"


class EventsTimetable(KnownTimetable):
    """Runs at listed dates.

    Args:
        event_dates: aware datetimes; one without a zone is in the configured zone.
        restrict_to_events: a manual run stands for the latest of them that has come.
        presorted: they are in order.
        description: what people see instead of how many there are.
    """

    def __init__(
        self,
        event_dates: Iterable[datetime],
        restrict_to_events: bool = False,
        presorted: bool = False,
        description: str | None = None,
    ) -> None:
        dates: list[datetime] = [_event(date) for date in event_dates]
        if not presorted:
            dates.sort()
        count = f"{len(dates)} events"
        span = f"{count} between {dates[0]} and {dates[-1]}" if dates else "No events"
        self.schedule_spec = ScheduleSpec(
            "events",
            dates=tuple(dates),
            restrict_to_events=restrict_to_events,
            summary=count if description is None else description,
            description=span if description is None else description,
        )

    @property
    def event_dates(self) -> list[datetime]:
        """Return the dates, sorted."""
        return [shown(date) for date in self.schedule_spec.dates]

    @property
    def restrict_to_events(self) -> bool:
        """Say whether manual runs stand for one of the dates."""
        return self.schedule_spec.restrict_to_events

    def serialize(self) -> dict[str, Any]:
        """Return the dates and what manual runs mean."""
        return {
            "event_dates": [str(date) for date in self.schedule_spec.dates],
            "restrict_to_events": self.restrict_to_events,
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Return the timetable that `serialize` made this of."""
        dates = [datetime.fromisoformat(text) for text in data["event_dates"]]
        return cls(dates, data["restrict_to_events"], presorted=True)


def _event(date: Any) -> datetime:
    moment = utc_moment(date, "a date of EventsTimetable")
    if moment is None:
        raise AirflowTimetableInvalid("a date of EventsTimetable is None")
    return moment
