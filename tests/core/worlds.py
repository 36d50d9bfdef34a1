"""Worlds for tests: small DAGs, runs and what happens to them, without a database."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flowctl.core.dag import Dag
from flowctl.core.fulfilment import absorb
from flowctl.core.graph import compile_graph
from flowctl.core.plan import Plan
from flowctl.core.run import Run, Task
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from flowctl.core.usage import Pool
from flowctl.core.world import World

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
_ids = count(1)


def task(task_id: str, *upstream: str, **options: Any) -> TaskSpec:
    """Return a task after `upstream`."""
    return TaskSpec(task_id=task_id, upstream=tuple(sorted(upstream)), **options)


def dag(*tasks: TaskSpec, dag_id: str = "d", **options: Any) -> Dag:
    """Return a DAG without a schedule, unless `options` has one."""
    spec = DagSpec(dag_id=dag_id, file=f"{dag_id}.py", tasks=tasks, **options)
    return Dag(dag_id, compile_graph(spec), version=f"v-{dag_id}", is_due_known=True)


def scheduled(*tasks: TaskSpec, **options: Any) -> Dag:
    """Return a daily DAG whose next run is not worked out yet."""
    daily = ScheduleSpec("cron", expression="0 0 * * *", timezone="UTC", summary="@daily")
    usual: dict[str, Any] = {"schedule": daily, "start_date": NOON - timedelta(days=5)}
    made = dag(*tasks, **usual | options)
    made.is_due_known = False
    return made


def world(*dags: Dag, parallelism: int = 32, **pools: int) -> World:
    """Return a world with these DAGs and pools; `default_pool` has 128 slots."""
    made = World(parallelism=parallelism)
    made.pools = {
        name: Pool(name, slots) for name, slots in ({"default_pool": 128} | pools).items()
    }
    for one in dags:
        made.put_dag(one)
    return made


def run_of(
    of: Dag,
    state: RunState = RunState.RUNNING,
    *,
    logical_date: datetime = NOON - timedelta(days=1),
    previous: Run | None = None,
    **states: Any,
) -> Run:
    """Return a run of a DAG; `states` are those of its tasks, NONE where nothing is said."""
    pk = next(_ids)
    made = Run(
        pk=pk,
        dag_id=of.dag_id,
        run_id=f"run_{pk}",
        run_type="manual",
        state=state,
        logical_date=logical_date,
        graph=of.graph,
        version=of.version,
        start_date=NOON - timedelta(hours=1) if state is RunState.RUNNING else None,
        previous_pk=previous.pk if previous else None,
    )
    made.take(
        Task(
            id=next(_ids),
            run=made,
            spec=spec,
            state=states.get(spec.task_id, TaskState.NONE),
            max_tries=spec.retries,
        )
        for spec in of.graph.spec.tasks
    )
    return made


def step(of: World, now: datetime = NOON) -> Plan:
    """Decide, and let it come true."""
    plan = decide(of, now)
    absorb(of, plan, now)
    return plan


def end(of: World, task: Task, state: TaskState = TaskState.SUCCESS, **facts: Any) -> None:
    """Let an attempt end."""
    of.change(task, state, **facts)


def names(of: World, plan: Plan) -> list[str]:
    """Return the tasks that a plan starts, in order."""
    return [of.by_id[move.ti_id].spec.task_id for move in plan.starts]


def states(run: Run) -> dict[str, str]:
    """Return the state of every task of a run."""
    return {task.name: task.state.value for task in run.instances}


def play(of: World, ends: Iterable[tuple[str, TaskState]] = (), ticks: int = 1000) -> None:
    """Let everything that starts succeed, but for `ends`, until nothing happens any more."""
    fates = dict(ends)
    for _ in range(ticks):
        plan = step(of)
        if plan.is_empty:
            return
        for move in plan.starts:
            started = of.by_id[move.ti_id]
            end(of, started, fates.get(started.spec.task_id, TaskState.SUCCESS))
    raise AssertionError("it never comes to rest")
