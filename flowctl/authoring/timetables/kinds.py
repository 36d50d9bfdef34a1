"""The timetable of each kind of schedule, as DAG files know it."""

from flowctl.authoring.timetables.cron import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    MultipleCronTriggerTimetable,
)
from flowctl.authoring.timetables.delta import DeltaDataIntervalTimetable, DeltaTriggerTimetable
from flowctl.authoring.timetables.known import KnownTimetable
from flowctl.authoring.timetables.simple import (
    AssetTriggeredTimetable,
    ContinuousTimetable,
    EventsTimetable,
    NullTimetable,
    OnceTimetable,
)
from flowctl.core.spec import ScheduleSpec

_BY_KIND: dict[tuple[str, bool], type[KnownTimetable]] = {
    ("none", False): NullTimetable,
    ("once", False): OnceTimetable,
    ("continuous", False): ContinuousTimetable,
    ("cron", False): CronDataIntervalTimetable,
    ("cron", True): CronTriggerTimetable,
    ("crons", False): MultipleCronTriggerTimetable,
    ("delta", False): DeltaDataIntervalTimetable,
    ("delta", True): DeltaTriggerTimetable,
    ("events", False): EventsTimetable,
    ("assets", False): AssetTriggeredTimetable,
}

PLAIN = frozenset(_BY_KIND.values())
"""The classes that are their `schedule_spec` and nothing else; a subclass may be more."""


def timetable_for(spec: ScheduleSpec) -> KnownTimetable:
    """Return the timetable of a schedule that is no user's own."""
    return _BY_KIND[spec.kind, spec.trigger].of(spec)
