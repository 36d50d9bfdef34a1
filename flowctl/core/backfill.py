"""Which runs does a backfill make, in which order, and how do they see their DAG?

The dates come from the DAG's timetable, as if the scheduler had been there. Some options change
what a run is: it then works on a copy of its version's spec, `shaped`, for as long as the backfill
is open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.timetables import Due, timetable_of
from flowctl.errors import FlowctlError

RUNS_MAX = 50_000  # nearly six years of hours; their dates are told in a second
SPAN_MAX = timedelta(days=300 * 366)  # a longer one is a slip; a rare date takes long to find
WITHOUT_DATES = ("none", "assets", "continuous")


@dataclass(slots=True, eq=False)
class Backfill:
    """One open backfill, and the dates that come next."""

    id: int
    dag_id: str
    max_active_runs: int
    is_paused: bool = False
    stops_on_failure: bool = False
    has_failed: bool = False  # a run of it
    waiting: Sequence[int] = ()  # keys of its next dates, in order


class BackfillError(FlowctlError):
    """A backfill cannot be made, or changed, as asked."""


class Shape(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the runs of a backfill differ from the DAG."""

    task_ids: tuple[str, ...] | None = None  # only these tasks
    ignores_dependencies: bool = False  # each task starts at once
    marks_success: bool = False  # tasks succeed without being run
    disables_retry: bool = False
    pool: str | None = None  # for all tasks

    @property
    def is_plain(self) -> bool:
        """Say whether the runs see their DAG as it is."""
        return self == Shape()


def shaped(spec: DagSpec, shape: Shape) -> DagSpec:
    """Return the DAG as the runs of a backfill see it."""
    if shape.is_plain:
        return spec
    wanted = {task.task_id for task in spec.tasks}
    if shape.task_ids is not None:
        wanted &= set(shape.task_ids)
    tasks = tuple(_shaped(task, shape, wanted) for task in spec.tasks if task.task_id in wanted)
    return msgspec.structs.replace(spec, tasks=tasks)


def _shaped(task: TaskSpec, shape: Shape, wanted: set[str]) -> TaskSpec:
    changes: dict[str, Any] = {"upstream": tuple(t for t in task.upstream if t in wanted)}
    if shape.ignores_dependencies:
        changes |= {"upstream": (), "depends_on_past": False, "wait_for_downstream": False}
    if shape.marks_success:
        changes["is_empty"] = True
    if shape.disables_retry:
        changes["retries"] = 0
    if shape.pool is not None:
        changes["pool"] = shape.pool
    return msgspec.structs.replace(task, **changes)


def chosen(spec: DagSpec, found: set[str], *, with_upstream: bool) -> tuple[str, ...]:
    """Return these tasks in the DAG's order, with those before them."""
    if with_upstream:
        for task in reversed(spec.tasks):
            if task.task_id in found:
                found = found | set(task.upstream)
    return tuple(task.task_id for task in spec.tasks if task.task_id in found)


def dates(
    spec: DagSpec,
    since: datetime,
    until: datetime,
    now: datetime,
    answered: Iterable[Due] | None = None,
) -> list[Due]:
    """Return the runs with a logical date from `since` to `until`, both included.

    However long the time is, no more than `RUNS_MAX` + 1 dates are looked for.

    Args:
        answered: what the timetable says of them, where a user wrote it.

    Source: Airflow 2.10's `iter_dagrun_infos_between`: start and end date of the DAG do not count.

    Raises:
        BackfillError: the DAG has no dates by itself, or there are too many.
    """
    if spec.schedule.kind in WITHOUT_DATES:
        raise BackfillError(
            f"DAG {spec.dag_id!r} has no dates to fill: its schedule is {spec.schedule.summary}"
        )
    assert spec.schedule.kind != "own" or answered is not None
    if until - since > SPAN_MAX:
        raise too_many(spec.dag_id, since, until)
    if answered is None:
        answered = timetable_of(spec.schedule).between(since, until, now)
    found = list(islice(answered, RUNS_MAX + 1))
    if len(found) > RUNS_MAX:
        raise too_many(spec.dag_id, since, until)
    return found


def too_many(dag_id: str, since: datetime, until: datetime) -> BackfillError:
    """Return what is said of a time with more dates than a backfill may have."""
    return BackfillError(
        f"from {since} to {until} is too long for DAG {dag_id!r}: a backfill fills at most"
        f" {RUNS_MAX} dates in {SPAN_MAX.days // 366} years; fill a shorter time, then the next"
    )
