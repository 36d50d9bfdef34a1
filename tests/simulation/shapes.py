"""Random DAGs of all shapes, and what their tasks do when they run."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from msgspec.structs import replace

from flowctl.core.dag import Dag
from flowctl.core.graph import compile_graph
from flowctl.core.overlap import OVERLAPS
from flowctl.core.spec import DagSpec, GroupSpec, Length, ScheduleSpec, TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.trigger_rules import RULES

RULE_NAMES = sorted(RULES)
PLAIN_RULES = ("all_success",) * 10
POOL_SLOTS = {"default_pool": 128, "small": 2}
MEMORY = 4  # bytes, that all tasks together may take
RETRY_DELAY = timedelta(seconds=30)
TASKS_MAX = 8
ELEMENTS_MAX = 3  # of a list that a task is mapped over
PERIOD = timedelta(minutes=5)  # of the DAGs that have a schedule
SCHEDULES = (
    ScheduleSpec("cron", expression="*/5 * * * *", timezone="UTC", summary="*/5 * * * *"),
    ScheduleSpec("delta", delta=PERIOD, summary="0:05:00"),
)
DATES_MAX = 5  # after that no more run is due


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one try, whoever runs it and whenever."""

    state: TaskState  # SUCCESS, FAILED or SKIPPED
    pauses: tuple[TaskState, ...]  # before it ends: UP_FOR_RESCHEDULE or DEFERRED
    followed: frozenset[str] | None  # of a branch: the tasks it goes on with
    left: int  # how many elements its result has


class Fates:
    """The fates of all tries of a history, told by its seed."""

    def __init__(self, seed: int, dags: list[Dag]) -> None:
        self._seed = seed
        self._graphs = {dag.dag_id: dag.graph for dag in dags}
        self.of = cache(self._of)

    def _of(self, run: str, dag_id: str, task_id: str, map_index: int, number: int) -> Fate:
        """Return the fate of try `number`, as people count, of a task instance."""
        chance = random.Random(f"{self._seed} {run} {task_id} {map_index} {number}")
        ends = (TaskState.SUCCESS,) * 4 + (TaskState.FAILED,) * 2 + (TaskState.SKIPPED,)
        pauses = [
            chance.choice((TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED))
            for _ in range(chance.choice((0, 0, 0, 0, 1, 2)))
        ]
        graph = self._graphs[dag_id]
        followed = None
        if graph.tasks[task_id].can_skip_others:
            children = graph.downstream[task_id]
            followed = frozenset(child for child in children if chance.random() < 0.6)
        return Fate(chance.choice(ends), tuple(pauses), followed, self.length(run, task_id))

    def length(self, run: str, task_id: str) -> int:
        """Return how long the list is that a task leaves, in all its tries."""
        return random.Random(f"{self._seed} {run} {task_id}").randint(0, ELEMENTS_MAX)


def random_dag(chance: random.Random, dag_id: str) -> Dag:
    """Return a DAG of up to `TASKS_MAX` tasks.

    Rules, pools, limits, branches, mapping, a group, a setup with its teardown, tasks that depend
    on the run before, one failure that stops all.
    """
    count = chance.randint(1, TASKS_MAX)
    grouped = set()
    if count > 3 and chance.random() < 0.25:
        first = chance.randrange(1, count - 1)
        grouped = set(range(first, chance.randint(first + 1, count - 1) + 1))
    tasks: list[TaskSpec] = []
    for number in range(count):
        above = chance.sample(range(number), min(number, chance.randint(0, 3)))
        tasks.append(_task(chance, number, above, tasks, "g" if number in grouped else None))
    if chance.random() < 0.3:
        _set_up(chance, tasks)
    if chance.random() < 0.3:
        tasks = [_looking_back(chance, task) for task in tasks]
    groups = (GroupSpec("g", length=Length(count=chance.randint(0, 3))),) if grouped else ()
    spec = DagSpec(
        dag_id=dag_id,
        file=f"{dag_id}.py",
        tasks=tuple(tasks),
        groups=groups,
        max_active_runs=chance.randint(1, 2),
        max_active_tasks=chance.choice((1, 2, 3, 16)),
        fail_stop=chance.random() < 0.15,
    )
    return Dag(dag_id, compile_graph(spec), version=f"v-{dag_id}", is_due_known=True)


def scheduled(chance: random.Random, dag: Dag, start: datetime) -> Dag:
    """Return a DAG of the same tasks whose runs are made by a schedule, from `start` on."""
    dates = chance.randint(1, DATES_MAX)
    spec = replace(
        dag.graph.spec,
        schedule=chance.choice(SCHEDULES),
        start_date=start,
        end_date=start + dates * PERIOD - timedelta(minutes=1),
        catchup=chance.random() < 0.7,
        catchup_window=chance.choice((None, None, 2 * PERIOD, timedelta(hours=1))),
        overlap=chance.choice(sorted(OVERLAPS)),
    )
    return Dag(dag.dag_id, compile_graph(spec), version=dag.version)


def _set_up(chance: random.Random, tasks: list[TaskSpec]) -> None:
    """Make one task a setup, and mostly a later one its teardown."""
    plain = [
        at
        for at, task in enumerate(tasks)
        if task.length is None and task.group is None and not task.is_empty
    ]
    if len(plain) < 2:
        return
    first, last = sorted(chance.sample(plain, 2))
    tasks[first] = replace(tasks[first], is_setup=True)
    if chance.random() < 0.8:
        tasks[last] = replace(
            tasks[last],
            upstream=tuple(sorted({*tasks[last].upstream, f"t{first}"})),
            is_teardown=True,
            fails_run=chance.random() < 0.5,
            trigger_rule="all_done_setup_success",
        )


def _looking_back(chance: random.Random, task: TaskSpec) -> TaskSpec:
    if chance.random() < 0.6:
        return task
    return replace(
        task,
        depends_on_past=True,
        wait_for_downstream=chance.random() < 0.3,
        wait_for_past_depends_before_skipping=chance.random() < 0.3,
    )


def _task(
    chance: random.Random, number: int, above: list[int], tasks: list[TaskSpec], group: str | None
) -> TaskSpec:
    upstream = tuple(sorted(f"t{up}" for up in above))
    plain = [tasks[up].task_id for up in above if tasks[up].length is None and not tasks[up].group]
    plain = [name for name in plain if not tasks[int(name[1:])].is_empty]
    length = None
    if group is None and chance.random() < 0.25:
        over_result = plain and chance.random() < 0.7
        length = (
            Length("result", task_id=chance.choice(plain))
            if over_result
            else Length(count=chance.randint(0, ELEMENTS_MAX))
        )
    return TaskSpec(
        task_id=f"t{number}",
        upstream=upstream,
        group=group,
        length=length,
        trigger_rule=chance.choice((*RULE_NAMES, *PLAIN_RULES) if above else PLAIN_RULES),
        retries=chance.randint(0, 2),
        retry_delay=RETRY_DELAY,
        memory_bytes=chance.choice((None,) * 6 + (1, 2, 3, 5)),
        pool=chance.choice(("default_pool", "small")),
        pool_slots=chance.choice((1, 1, 1, 2)),
        priority_weight=chance.randint(1, 3),
        is_empty=length is None and group is None and chance.random() < 0.1,
        can_skip_others=chance.random() < 0.15,
        max_active_tis_per_dag=chance.choice((None, None, None, 1)),
        max_active_tis_per_dagrun=chance.choice((None, None, None, 1, 2)),
    )
