"""Which runs does a backfill make, in which order, and how do they see their DAG?

The dates come from the DAG's timetable, as if the scheduler had been there. Some options change
what a run is: it then works on a copy of its version's spec, `shaped`, for as long as the backfill
is open.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.timetables import Asked, Due, timetable_of
from flowctl.errors import FlowctlError

SAMPLE = 20_000  # after so many dates a span of thousands of years is refused, in under a second
RUNS_MAX = 100_000  # eleven years of hours; more is a mistake in a date
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
    found: list[Due] = []
    for due in _dues(spec, since, until, now) if answered is None else answered:
        found.append(due)
        is_absurd = len(found) == SAMPLE and _foreseen(found, since, until) > 10 * RUNS_MAX
        if is_absurd or len(found) > RUNS_MAX:
            raise BackfillError(f"these are more than {RUNS_MAX} runs; fill a shorter time")
    return found


def _foreseen(found: list[Due], since: datetime, until: datetime) -> float:
    """Return how many dates there will be, if it goes on as it began."""
    return len(found) * ((until - since) / (found[-1].logical_date - since))


def _dues(spec: DagSpec, since: datetime, until: datetime, now: datetime) -> Iterator[Due]:
    timetable = timetable_of(spec.schedule)
    asked = Asked(None, since, until, True, now)
    due = timetable.next_due(asked)
    while due is not None and due.logical_date <= until:
        yield due
        due = timetable.next_due(asked._replace(last=(due.interval_start, due.interval_end)))
