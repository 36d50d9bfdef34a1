"""What of a timetable that a user wrote can be said as plain data?

Everything but its dates: those are asked for where its code runs, see `parsing.foresight`.
"""

import json
from collections.abc import Callable
from typing import Any

from flowctl.authoring.dotted_names import qualname
from flowctl.authoring.exceptions import AirflowTimetableInvalid
from flowctl.core.spec import ScheduleSpec


def is_timetable(value: Any) -> bool:
    """Say whether `value` can be asked for dates; it need not be derived from `Timetable`."""
    return callable(getattr(value, "next_dagrun_info", None))


def own_spec(timetable: Any, zone: str) -> ScheduleSpec:
    """Return the schedule of a DAG with this timetable.

    Raises:
        AirflowTimetableInvalid: its code raised, it calls itself invalid, or what it serialises
            itself to is not JSON.
    """
    name = type(timetable).__name__
    _said(name, "validate", getattr(timetable, "validate", _nothing))
    limit = getattr(timetable, "active_runs_limit", None)
    return ScheduleSpec(
        "own",
        timezone=zone,
        timetable=qualname(timetable),
        data=_said(name, "serialize", lambda: _as_json(timetable.serialize())),
        can_be_scheduled=bool(getattr(timetable, "can_be_scheduled", True)),
        active_runs_limit=limit,
        summary=str(_said(name, "summary", lambda: getattr(timetable, "summary", name))),
        description=str(getattr(timetable, "description", "") or ""),
    )


def _said(name: str, what: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except AirflowTimetableInvalid:
        raise
    except Exception as error:
        raise AirflowTimetableInvalid(
            f"{what} of the timetable {name} raised {type(error).__name__}: {error}"
        ) from error


def _as_json(data: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(data))
    if not isinstance(plain, dict):
        raise TypeError(f"it returns a dict, not {data!r}")
    return plain


def _nothing() -> None:
    """Nothing is checked."""
