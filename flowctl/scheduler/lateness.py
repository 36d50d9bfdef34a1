"""What is late: noted once in the audit trail, and told to those who want to know.

Each deadline of an unfinished run lies in a heap; nothing is looked at before its moment. What was
noted before, by this scheduler or the one before it, is read once for a new run.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from heapq import heappop, heappush

from sqlalchemy import Connection, Engine, select

from flowctl.core.lateness import Due, due, is_missed
from flowctl.core.run import Run
from flowctl.core.world import World
from flowctl.store import callbacks, events, lease
from flowctl.store.engine import reading, writing
from flowctl.store.schema import event

ACTOR = "scheduler"
SLA_MISS, DEADLINE = "sla_miss", "deadline"  # events, in the audit trail and of callbacks
RUNS_MAX = 500  # of one question


class Lateness:
    """See the module."""

    def __init__(self, engine: Engine, term: int, *, checks_slas: bool = True) -> None:
        self._engine = engine
        self._term = term
        self._checks_slas = checks_slas
        self._seen: set[int] = set()
        self._heap: list[Due] = []
        self.noted = 0  # how often something was late

    def look(self, world: World, now: datetime) -> datetime | None:
        """Note what is late; return when to look again, None while nothing is due."""
        self._take_new(world)
        late: list[Due] = []
        while self._heap and self._heap[0].at <= now:
            one = heappop(self._heap)
            run = world.runs.get(one.run_pk)
            if run is not None and is_missed(run, one):
                late.append(one)
        if late:
            self.noted += 1
            self._note(world, late, now)
        return self._heap[0].at if self._heap else None

    def _take_new(self, world: World) -> None:
        new = world.runs.keys() - self._seen
        if not new and len(self._seen) == len(world.runs):
            return
        self._seen = set(world.runs)
        wanted = {pk: found for pk in new if (found := self._wanted(world.runs[pk]))}
        if not wanted:
            return
        with reading(self._engine) as conn:
            noted = _noted(conn, [world.runs[pk] for pk in wanted])
        for one in (one for found in wanted.values() for one in found):
            run = world.runs[one.run_pk]
            if (run.dag_id, run.run_id, one.task_id or str(one.number)) not in noted:
                heappush(self._heap, one)

    def _wanted(self, run: Run) -> list[Due]:
        return [one for one in due(run) if not one.task_id or self._checks_slas]

    def _note(self, world: World, late: list[Due], now: datetime) -> None:
        by_run: dict[int, list[Due]] = {}
        for one in late:
            by_run.setdefault(one.run_pk, []).append(one)
        with writing(self._engine) as conn:
            lease.hold(conn, self._term, now)
            for pk, found in by_run.items():
                _write(conn, world.runs[pk], found, now)


def _noted(conn: Connection, runs: list[Run]) -> set[tuple[str, str, str]]:
    """Return what was noted of these runs: DAG, run, and the task or the number of the deadline."""
    found: set[tuple[str, str, str]] = set()
    for at in range(0, len(runs), RUNS_MAX):
        batch = runs[at : at + RUNS_MAX]
        rows = conn.execute(
            select(event.c.dag_id, event.c.run_id, event.c.task_id, event.c.detail).where(
                event.c.name.in_((SLA_MISS, DEADLINE)),
                event.c.dag_id.in_({run.dag_id for run in batch}),
                event.c.run_id.in_({run.run_id for run in batch}),
            )
        )
        found |= {
            (row.dag_id, row.run_id, row.task_id or str((row.detail or {}).get("number", 0)))
            for row in rows
        }
    return found


def _write(conn: Connection, run: Run, late: list[Due], now: datetime) -> None:
    """Note what is late of one run, and leave word that its DAG's callbacks or mails are due."""
    note = partial(events.record, conn, actor=ACTOR, at=now, dag_id=run.dag_id, run_id=run.run_id)
    tasks = [one.task_id for one in late if one.task_id]
    for task_id in tasks:
        note(SLA_MISS, task_id=task_id)
    if tasks and _is_told(run, tasks):
        callbacks.queue(conn, run.pk, None, 0, SLA_MISS, json.dumps(tasks), now)
    for one in late:
        if not one.task_id:
            note(DEADLINE, detail={"number": one.number})
            callbacks.queue(conn, run.pk, None, 0, DEADLINE, str(one.number), now)


def _is_told(run: Run, tasks: Iterable[str]) -> bool:
    spec = run.graph.spec
    return SLA_MISS in spec.callbacks or any(run.graph.tasks[one].email for one in tasks)
