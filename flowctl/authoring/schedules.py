"""What does `schedule=` of a DAG mean, as plain data for `core.timetables`?"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.authoring.not_yet import refuse
from flowctl.authoring.settings import defaults
from flowctl.core.spec import ScheduleSpec
from flowctl.late import is_a

if TYPE_CHECKING:
    from dateutil.relativedelta import relativedelta


def schedule_spec(dag_id: str, schedule: Any, zone: Any) -> ScheduleSpec:
    """Return the schedule of a DAG.

    Args:
        dag_id: names the DAG in errors.
        schedule: None, a preset or a cron expression, a duration.
        zone: where a cron expression ticks.

    Raises:
        NotYetError: the schedule is a list of datasets or a timetable.
        AirflowTimetableInvalid: it is something else. Whether an expression makes sense is found
            out when the DAG is complete, so that one bad DAG does not take its file along.
    """
    zone = str(getattr(zone, "name", None) or zone)
    if schedule is None:
        return ScheduleSpec(timezone=zone, summary="None")
    if isinstance(schedule, timedelta):
        return ScheduleSpec("delta", delta=schedule, timezone=zone, summary=str(schedule))
    if is_a(schedule, "dateutil.relativedelta.relativedelta"):
        return ScheduleSpec(
            "delta", relative=_parts(schedule), timezone=zone, summary=str(schedule)
        )
    if schedule == "@once":
        return ScheduleSpec("once", timezone=zone, summary=schedule)
    if schedule == "@continuous":
        return ScheduleSpec("continuous", timezone=zone, summary=schedule)
    if isinstance(schedule, str):
        return ScheduleSpec(
            "cron",
            expression=schedule,
            timezone=zone,
            trigger=not defaults.has_cron_intervals,
            summary=schedule,
        )
    if isinstance(schedule, list | tuple | set) or "Dataset" in type(schedule).__name__:
        refuse(f"schedules by datasets (DAG {dag_id!r})")
    if hasattr(schedule, "next_dagrun_info"):
        refuse(f"custom timetables ({type(schedule).__name__} of DAG {dag_id!r})")
    raise AirflowTimetableInvalid(
        f"schedule of DAG {dag_id!r} is {schedule!r}; use None, a cron expression, a preset such as"
        " '@daily', or a timedelta"
    )


def _parts(delta: "relativedelta") -> dict[str, int]:
    """Return the keyword arguments that make `delta` again."""
    names = ("years", "months", "days", "hours", "minutes", "seconds", "microseconds")
    absolute = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    parts = {name: getattr(delta, name) for name in names if getattr(delta, name)}
    parts |= {name: getattr(delta, name) for name in absolute if getattr(delta, name) is not None}
    if delta.weekday is not None:
        parts["weekday"] = delta.weekday.weekday
    return parts
