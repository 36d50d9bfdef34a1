"""When is a task or a run late, and which are?

A task with an `sla` is due that long after the end of its run's data interval, in scheduled runs
only. A run is due by each deadline of its DAG, whatever started it. What has ended by then is in
time, except a task that failed: nothing came of it.

Source: the moments are those of Airflow 2.10's SLAs, which names them after the run before.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from flowctl.core.run import Run
from flowctl.core.spec import DeadlineSpec
from flowctl.core.states import FINISHED, RunType, TaskState

IN_TIME = frozenset(FINISHED) - {TaskState.FAILED, TaskState.UPSTREAM_FAILED}


class Due(NamedTuple):
    """Something of a run that is to be done by a moment; sorted by it."""

    at: datetime
    run_pk: int
    task_id: str  # empty: the run itself
    number: int = 0  # of the deadline of the DAG


def due(run: Run) -> list[Due]:
    """Return all moments by which something of a run is to be done."""
    found = [Due(at, run.pk, "", number) for number, at in enumerate(_run_moments(run)) if at]
    if run.run_type == RunType.SCHEDULED:
        start = run.data_interval_end or run.logical_date
        found += [
            Due(_after(start, task.sla), run.pk, task.task_id)
            for task in run.graph.spec.tasks
            if task.sla is not None
        ]
    return found


def _run_moments(run: Run) -> list[datetime | None]:
    return [_moment(run, deadline) for deadline in run.graph.spec.deadlines]


def _moment(run: Run, deadline: DeadlineSpec) -> datetime | None:
    start = {
        "logical_date": run.logical_date,
        "queued_at": run.queued_at,
        "fixed": deadline.moment,
    }[deadline.reference]
    return None if start is None else _after(start, deadline.interval)


def _after(start: datetime, interval: timedelta) -> datetime:
    try:
        return start + interval
    except OverflowError:
        return datetime.max.replace(tzinfo=start.tzinfo)


def is_missed(run: Run, one: Due) -> bool:
    """Say whether what was due of an unfinished run is not done."""
    if not one.task_id:
        return True
    return any(task.state not in IN_TIME for task in run.tasks.get(one.task_id, ()))
