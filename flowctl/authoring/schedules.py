"""What does `schedule=` of a DAG mean, as plain data for `core.timetables`?"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from flowctl.authoring.asset_schedules import AssetOrTimeSchedule, joined
from flowctl.authoring.assets import BaseAsset, Dataset, DatasetAlias
from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.authoring.settings import defaults
from flowctl.core.spec import ScheduleSpec
from flowctl.late import Late, is_a

if TYPE_CHECKING:
    from flowctl.authoring.timetables import kinds, lengths, own
else:
    kinds = Late("flowctl.authoring.timetables.kinds")
    lengths = Late("flowctl.authoring.timetables.lengths")
    own = Late("flowctl.authoring.timetables.own")


def schedule_spec(dag_id: str, schedule: Any, zone: Any, generation: int = 2) -> ScheduleSpec:
    """Return the schedule of a DAG.

    Args:
        dag_id: names the DAG in errors.
        schedule: None, a preset or a cron expression, a duration, a timetable, assets.
        zone: where a cron expression ticks.
        generation: of Airflow, 2 or 3: whether runs stand for intervals where nothing says it, and
            whether there are runs without a start date.

    Raises:
        AirflowTimetableInvalid: it is something else. Whether an expression makes sense is found
            out when the DAG is complete, so that one bad DAG does not take its file along.
    """
    zone = str(getattr(zone, "name", None) or zone)
    needs_start = generation < 3
    if schedule is None:
        return ScheduleSpec(timezone=zone, summary="None")
    if isinstance(schedule, timedelta) or is_a(schedule, "dateutil.relativedelta.relativedelta"):
        return _delta(schedule, zone, generation)
    if schedule in ("@once", "@continuous"):
        kind = schedule.removeprefix("@")
        return ScheduleSpec(kind, timezone=zone, needs_start=needs_start, summary=schedule)
    if isinstance(schedule, str):
        return ScheduleSpec(
            "cron",
            expression=schedule,
            timezone=zone,
            trigger=not _has_intervals(generation),
            needs_start=needs_start,
            summary=schedule,
        )
    if isinstance(schedule, AssetOrTimeSchedule):
        spec = schedule_spec(dag_id, schedule.timetable, zone, generation)
        return _with_assets(spec, schedule.assets)
    if isinstance(schedule, BaseAsset | list | tuple | set | frozenset):
        return _with_assets(ScheduleSpec("assets", timezone=zone), _condition(dag_id, schedule))
    if hasattr(schedule, "next_dagrun_info"):
        return _of_timetable(schedule, zone, needs_start)
    raise AirflowTimetableInvalid(
        f"schedule of DAG {dag_id!r} is {schedule!r}; use None, a cron expression, a preset such as"
        " '@daily', a timedelta or a timetable"
    )


def _has_intervals(generation: int) -> bool:
    said = defaults.has_intervals
    return generation < 3 if said is None else said


def _delta(schedule: Any, zone: str, generation: int) -> ScheduleSpec:
    """Return the schedule of a duration; Airflow 2 knows no other than that of intervals."""
    has_moments = generation >= 3 and not _has_intervals(generation)
    is_plain = isinstance(schedule, timedelta)
    return ScheduleSpec(
        "delta",
        delta=schedule if is_plain else None,
        relative={} if is_plain else lengths.parts(schedule),
        timezone=zone,
        trigger=has_moments,
        summary=str(schedule),
    )


def _of_timetable(timetable: Any, zone: str, needs_start: bool) -> ScheduleSpec:
    if type(timetable) not in kinds.PLAIN:
        return own.own_spec(timetable, zone)
    spec: ScheduleSpec = timetable.schedule_spec
    return spec if needs_start else msgspec.structs.replace(spec, needs_start=False)


def _condition(dag_id: str, schedule: Any) -> BaseAsset:
    condition = joined(schedule)
    if condition is None:
        raise AirflowTimetableInvalid(
            f"schedule of DAG {dag_id!r} is a list with something in it that is neither an asset"
            f" nor an alias: {schedule!r}"
        )
    return condition


def _with_assets(spec: ScheduleSpec, condition: BaseAsset) -> ScheduleSpec:
    """Let updates of assets make runs due, too."""
    summary = _summary(condition)
    if spec.kind != "assets":
        summary = f"{summary} or {spec.summary}"
    return msgspec.structs.replace(spec, condition=condition.condition(), summary=summary)


def _summary(condition: BaseAsset) -> str:
    """Return what a person sees of a condition: the word that its file uses."""
    found = [*(asset for _, asset in condition.iter_assets()), *condition.iter_asset_aliases()]
    return "Dataset" if any(isinstance(one, Dataset | DatasetAlias) for one in found) else "Asset"
