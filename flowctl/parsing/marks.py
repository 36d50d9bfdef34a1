"""Which task of another DAG does an ExternalTaskMarker mean, in which of its runs?

The date of that run is a template of the user's. It is rendered here, in a parser child, for a few
runs; what is written down is how far it lies from the date of the marker's own run, or the date
itself, so that whoever clears tasks runs no code of the user's.
"""

import warnings
from datetime import UTC, datetime
from typing import Any

from flowctl.authoring import macros
from flowctl.authoring.moments import plain_utc, shown
from flowctl.authoring.operator import BaseOperator
from flowctl.core.spec import MarkSpec

KIND = "ExternalTaskMarker"
SAMPLES = tuple(datetime(2024, 1, day, day % 12, tzinfo=UTC) for day in (3, 10, 21))


def mark_of(task: BaseOperator) -> MarkSpec | None:
    """Return what a marker marks; None for other tasks, and with a warning where it is unclear."""
    if task.task_type != KIND or task.is_mapped:
        return None
    marker: Any = task
    template = getattr(marker, "logical_date", None) or marker.execution_date
    found = [_rendered(marker, template, moment) for moment in SAMPLES]
    known = [one for one in found if one is not None]
    if len(known) == len(SAMPLES):
        facts: dict[str, Any] = {
            "dag_id": marker.external_dag_id,
            "task_id": marker.external_task_id,
            "depth": marker.recursion_depth,
        }
        offsets = {one - moment for one, moment in zip(known, SAMPLES, strict=True)}
        if len(set(known)) == 1:
            return MarkSpec(date=known[0], **facts)
        if len(offsets) == 1:
            return MarkSpec(offset=offsets.pop(), **facts)
    warnings.warn(
        f"task {task.task_id!r} of DAG {task.dag_id!r}: clearing does not go on to"
        f" {marker.external_dag_id!r}, as {template!r} is no date at a fixed distance from the"
        " run's",
        stacklevel=3,
    )
    return None


def _rendered(marker: Any, template: Any, moment: datetime) -> datetime | None:
    """Return the date that the template gives in the run of `moment`, if it gives any."""
    date = shown(moment)
    context = {
        "logical_date": date,
        "execution_date": date,
        "data_interval_start": date,
        "ds": moment.strftime("%Y-%m-%d"),
        "ts": moment.isoformat(),
        "macros": macros,
        "dag": marker.get_dag(),
        "task": marker,
        "params": {},
    }
    try:
        text = str(marker.render_template(str(template), context))
        found = datetime.fromisoformat(text.strip())
    except Exception:  # a template of the user
        return None
    return plain_utc(found if found.tzinfo else found.replace(tzinfo=UTC))
