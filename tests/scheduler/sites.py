"""A metastore with DAGs and runs, and an executor that only remembers, for tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select, update

from flowctl.core.attempt import Order
from flowctl.core.graph import compile_graph
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.states import FINISHED, RunState, RunType, TaskState
from flowctl.executors.contract import Key, nothing
from flowctl.runner.messages import Facts
from flowctl.store import dags, runs
from flowctl.store.schema import dag, dag_run, task_instance

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Remembering:
    """An executor that starts nothing."""

    parallelism, ahead, memory_way = 8, 0, ""
    taken: Mapping[int, int] = MappingProxyType({})

    def __init__(self) -> None:
        self.started: list[Order] = []
        self.killed: list[Key] = []

    def connect(self, term: int, meanwhile: Callable[[], object] = nothing) -> set[Key]:
        self.term = term
        meanwhile()
        return set()

    def start(self, orders: Sequence[Order], written: Sequence[Key] = ()) -> None:
        assert not written
        self.started += orders

    def kill(self, keys: Sequence[Key], reason: str) -> None:
        self.killed += keys
        self.reason = reason

    def fileno(self) -> int:
        raise NotImplementedError

    def facts(self) -> list[Facts]:
        return []

    def give_back(self, keys: Sequence[Key]) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        return


def define(
    conn: Connection, dag_id: str, *tasks: TaskSpec, source: str = "", **options: Any
) -> None:
    """Let a file define a DAG."""
    spec = DagSpec(dag_id=dag_id, file=f"{dag_id}.py", tasks=tasks, catchup=False, **options)
    parsed = ParsedFile(f"{dag_id}.py", source or "1", (spec,), source=source.encode() or b"1")
    dags.record(conn, parsed, NOW, paused_at_creation=False)


def add_run(
    conn: Connection, dag_id: str, day: int, state: RunState = RunState.RUNNING, **states: TaskState
) -> int:
    """Add a run on the newest version of a DAG; tasks without a state are NONE."""
    version_pk = conn.scalar(select(dag.c.version_id).where(dag.c.dag_id == dag_id)) or 0
    pk = runs.create(
        conn,
        graph=compile_graph(dags.spec_of_version(conn, version_pk)),
        version_pk=version_pk,
        run_id=f"day{day}",
        run_type=RunType.MANUAL,
        logical_date=NOW + timedelta(days=day),
        interval=None,
        now=NOW,
    )
    assert pk is not None
    move_run(conn, pk, state)
    for task_id, task_state in states.items():
        move_task(conn, pk, task_id, task_state)
    return pk


def move_run(conn: Connection, pk: int, state: RunState) -> None:
    """Move a run, as somebody else would."""
    ended = NOW if state in (RunState.SUCCESS, RunState.FAILED) else None
    conn.execute(
        update(dag_run)
        .where(dag_run.c.id == pk)
        .values(state=state.value, end_date=ended, revision=dag_run.c.revision + 1)
    )


def move_task(conn: Connection, pk: int, task_id: str, state: TaskState) -> None:
    """Move a task instance, as somebody else would; it has had one try."""
    columns = task_instance.c
    conn.execute(
        update(task_instance)
        .where(columns.dag_run_id == pk, columns.task_id == task_id)
        .values(state=state.value, try_number=1, end_date=NOW if state in FINISHED else None)
    )
    conn.execute(update(dag_run).where(dag_run.c.id == pk).values(revision=dag_run.c.revision + 1))
