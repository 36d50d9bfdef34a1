"""Why does a run not move? The words of `flowctl why`, for whoever watches it.

Said for the tasks at the head of the run: what waits only for them needs no words of its own.
"""

from collections.abc import Collection

from sqlalchemy import Engine

from flowctl import clock
from flowctl.cli.settings import settings
from flowctl.core import explain
from flowctl.core.run import Run, Task
from flowctl.core.states import FINISHED
from flowctl.executors import outlook
from flowctl.store.engine import reading

STILL_S = 2.0  # who watches wonders after this long; the question reads all unfinished runs
SHOWN_MAX = 3  # tasks; more are not read


class Standing:
    """The time without movement, and what was said about it already."""

    def __init__(self, engine: Engine, run_pk: int, task_id: str | None = None) -> None:
        """Watch a run, or only one task of it."""
        self._engine = engine
        self._run_pk = run_pk
        self._task_id = task_id
        self._still_s = 0.0
        self._said: list[str] = []

    def lines(self, *, has_moved: bool, passed_s: float) -> list[str]:
        """Return what is to be said now: nothing until it is long, and nothing twice.

        Args:
            has_moved: since the last call.
            passed_s: seconds since the last call.
        """
        if has_moved:
            self._still_s, self._said = 0.0, []
            return []
        self._still_s += passed_s
        if self._still_s < STILL_S:
            return []
        self._still_s = 0.0
        found = self._reasons()
        new = [line for line in found if line not in self._said]
        self._said = found
        return [f"waiting: {line}" for line in new]

    def _reasons(self) -> list[str]:
        now = clock.utcnow()
        with reading(self._engine) as conn:
            alarm = outlook.alarm(conn, now)
            world = outlook.world(conn, settings(), [self._run_pk])
        run = world.runs.get(self._run_pk)
        if alarm or run is None:
            return [alarm] if alarm else []
        if (whole := explain.of_run(world, run, now)) is not None:
            return [whole]
        heads = _heads(run, [self._task_id] if self._task_id else run.tasks)
        told = [f"{one.name}: {explain.of_task(world, one, now)}" for one in heads]
        more = [f"and {len(told) - SHOWN_MAX} more tasks"] if len(told) > SHOWN_MAX else []
        return told[:SHOWN_MAX] + more


def _heads(run: Run, task_ids: Collection[str]) -> list[Task]:
    """Return those unfinished tasks of `task_ids` that wait for none of the others."""
    unfinished = [
        task
        for task_id in task_ids
        for task in run.tasks.get(task_id, ())
        if task.state not in FINISHED
    ]
    waiting = {task.spec.task_id for task in unfinished}
    return [task for task in unfinished if waiting.isdisjoint(task.spec.upstream)]
