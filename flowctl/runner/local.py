"""A whole run of a DAG in this process, for `dag.test()`, `flowctl dags test` and debuggers.

No daemon, no metastore, no row left behind: XComs and states live in memory. Tasks run one after
the other in an order that their dependencies allow; a failed try is repeated at once, since nobody
wants to wait for a retry delay in a test.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import structs

from flowctl import clock
from flowctl.authoring import local_run, ports, serialization, timezone
from flowctl.authoring.dag_run import OtherTaskInstance
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.ports import (
    ConnectionRecord,
    InMemoryPorts,
    Ports,
    Resumption,
    RunAnswer,
    RunRequest,
    StateQuery,
    StateRow,
    XComQuery,
    XComRow,
)
from flowctl.authoring.secrets_files import connections_in, variables_in
from flowctl.authoring.subset import links
from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core import mapping, setups
from flowctl.core.attempt import Order, Outcome, RetryPolicy, RunFacts
from flowctl.core.deferral import Deferral
from flowctl.core.spec import Length
from flowctl.core.states import CONTINUED, FINISHED, TIMED, RunState, TaskState
from flowctl.core.trigger_rules import Upstream, Verdict, verdict, why
from flowctl.runner import execute, local_trigger, tasklog
from flowctl.runner.callbacks import run_callbacks, task_of
from flowctl.runner.local_instances import (
    Instance,
    Instances,
    check_index,
    length_of,
    share_group,
)
from flowctl.runner.schedule import facts_at

_UNMET = (Verdict.SKIP, Verdict.UPSTREAM_FAILED)

_log = logging.getLogger("flowctl.local")


class LocalPorts(InMemoryPorts):
    """Ports in memory that also ask `behind` for variables and connections they lack.

    With `shares_xcoms` also for XComs: of a run that there is, whose one task is tried here.
    """

    def __init__(self, behind: Ports | None = None, *, shares_xcoms: bool = False) -> None:
        super().__init__()
        self._behind = behind
        self._xcoms_behind = behind if shares_xcoms else None
        self.state_of_started = RunState.SUCCESS.value  # or a task would wait for it for ever
        self.run: LocalRun | None = None  # the one that is run here

    def variable(self, key: str) -> str | None:
        own = super().variable(key)
        return self._behind.variable(key) if own is None and self._behind else own

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        own = super().connection(conn_id)
        return self._behind.connection(conn_id) if own is None and self._behind else own

    def xcoms(self, query: XComQuery) -> Sequence[XComRow]:
        own = super().xcoms(query)
        return own or (self._xcoms_behind.xcoms(query) if self._xcoms_behind else [])

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
        if self.run is not None:
            self.states = [(self.run.run.dag_id, row) for row in self.run.state_rows()]
        own = super().state_rows(query)
        return own or (self._behind.state_rows(query) if self._behind else [])

    def start_run(self, request: RunRequest) -> RunAnswer:
        answer = super().start_run(request)
        _log.info("a run of DAG %s is not started here; taken as successful", request.dag_id)
        return answer


@dataclass
class LocalRun:
    """How a run in this process ended, and what it left."""

    run: RunFacts
    instances: Instances
    state: RunState = RunState.RUNNING
    states: dict[str, TaskState] = field(default_factory=dict)
    """By task id; of an instance of a mapped task, by its name: `load[0]`."""
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    """All tries of what was run, likewise."""
    left_out: set[tuple[str, int]] = field(default_factory=set)
    """Task ids and indexes that an instance in a mapped group decided against."""
    ports: LocalPorts = field(default_factory=LocalPorts)

    @property
    def run_id(self) -> str:
        """Return the id of the run."""
        return self.run.run_id

    def state_rows(self) -> list[StateRow]:
        """Return the states of all task instances."""
        run = self.run
        return [
            StateRow(
                run.run_id,
                run.logical_date,
                self.states[one.name].value,
                one.task_id,
                one.map_index,
            )
            for one in self.instances.all()
        ]

    def get_task_instances(self) -> list[OtherTaskInstance]:
        """Return all task instances of the run."""
        return [
            OtherTaskInstance(
                self.run.dag_id, one.task_id, self.run_id, self.states[one.name], one.map_index
            )
            for one in self.instances.all()
        ]

    def get_task_instance(self, task_id: str, *, map_index: int = -1) -> OtherTaskInstance | None:
        """Return one task instance of the run, None if it has no such one."""
        wanted = (task_id, map_index)
        return next(
            (ti for ti in self.get_task_instances() if (ti.task_id, ti.map_index) == wanted), None
        )

    def expand(self, task_id: str, count: int) -> Sequence[Instance]:
        """Give a mapped task so many instances, and return them."""
        del self.states[task_id]
        instances = self.instances.expand(task_id, count)
        for one in instances:
            self.enter(one)
        return instances

    def enter(self, one: Instance) -> None:
        """Have an instance wait for its turn."""
        self.states[one.name] = TaskState.NONE
        self.ports.instances[one.id] = (self.run.dag_id, self.run_id, one.task_id, one.map_index)

    def length(self, task_id: str) -> int | None:
        """Return how many elements the result of a task has, None if it is no list or dict.

        Of an expanded task: how many results there are.
        """
        instances = self.instances.of.get(task_id, ())
        if len(instances) == 1 and instances[0].map_index < 0:
            tries = self.outcomes.get(task_id)
            return tries[-1].length if tries else None
        return sum((one.id, XCOM_RETURN_KEY) in self.ports.xcom_rows for one in instances)


def run_dag(
    dag: Any,
    logical_date: datetime | None = None,
    *,
    conf: Mapping[str, Any] | None = None,
    variables_file: Path | str | None = None,
    connections_file: Path | str | None = None,
    mark_success_pattern: str | re.Pattern[str] | None = None,
    behind: Ports | None = None,
    now: Callable[[], datetime] = clock.utcnow,
) -> LocalRun:
    """Run all tasks of `dag` here, one after the other.

    Args:
        dag: the DAG as its file made it.
        logical_date: the moment that the run is for; now if not given.
        conf: what a person would hand over when triggering it.
        variables_file: a file of variables (.json, .yaml, .env).
        connections_file: a file of connections, likewise.
        mark_success_pattern: tasks whose id this matches are taken as done, without running them.
        behind: who is asked for variables and connections that neither file has.
        now: reads the clock.

    Returns:
        The states, tries and XComs of the run; a failed one is a result, not an exception.

    Raises:
        FlowctlError: a file cannot be used.
    """
    local = _prepared(dag, logical_date, conf, behind, now)
    _load(local.ports, variables_file, connections_file)
    marked = re.compile(mark_success_pattern) if mark_success_pattern else None
    with _answering(local.ports):
        arrows = links(dag)
        around = setups.indirect(arrows)
        turn = _Turn(local, dag, around, marked, now)
        for task in dag.topological_sort():
            (one,) = local.instances.of[task.task_id]
            if local.states[one.name] == TaskState.NONE:
                turn.settle_or_run(one)
        _end(local, dag, arrows, now)
    return local


def run_task(
    dag: Any,
    task_id: str,
    logical_date: datetime | None = None,
    *,
    conf: Mapping[str, Any] | None = None,
    variables_file: Path | str | None = None,
    connections_file: Path | str | None = None,
    behind: Ports | None = None,
    map_index: int = -1,
    run: RunFacts | None = None,
    now: Callable[[], datetime] = clock.utcnow,
) -> Outcome:
    """Run one try of one task here, whatever its upstream tasks did; arguments as in `run_dag`.

    Args:
        map_index: which instance of a mapped task; it need not be expanded.
        run: a run that there is, instead of one for `logical_date`; `behind` has its XComs.

    Raises:
        TaskNotFound: the DAG has no such task.
        FlowctlError: a file cannot be used.
    """
    task = task_of(dag, task_id)
    local = _prepared(dag, logical_date, conf, behind, now, run)
    _load(local.ports, variables_file, connections_file)
    check_index(task, map_index)
    one = replace(local.instances.of[task_id][0], map_index=map_index)
    local.enter(one)
    with _answering(local.ports):
        return _attempt(local, dag, one, (), now, test_mode=True)


class _answering:
    """Let `answers` be asked in this process while the block lasts, and logs be seen."""

    def __init__(self, answers: Ports) -> None:
        self._answers = answers

    def __enter__(self) -> None:
        self._before = ports.current()
        ports.use(self._answers)
        if not logging.getLogger().handlers:
            tasklog.configure()

    def __exit__(self, *_: object) -> None:
        ports.use(self._before)


def _prepared(
    dag: Any,
    logical_date: datetime | None,
    conf: Mapping[str, Any] | None,
    behind: Ports | None,
    now: Callable[[], datetime],
    run: RunFacts | None = None,
) -> LocalRun:
    facts = run or _facts(dag, logical_date, conf, now())
    shared = LocalPorts(behind, shares_xcoms=run is not None)
    local = LocalRun(facts, Instances(dag.tasks), ports=shared)
    for one in local.instances.all():
        local.enter(one)
    shared.run = local
    return local


def _facts(
    dag: Any, logical_date: datetime | None, conf: Mapping[str, Any] | None, started: datetime
) -> RunFacts:
    moment = plain_utc(timezone.convert_to_utc(logical_date) or started)
    facts = facts_at(dag, moment)
    return structs.replace(facts, queued_at=started, start_date=started, conf=dict(conf or {}))


def _load(
    answers: InMemoryPorts, variables: Path | str | None, connections: Path | str | None
) -> None:
    if variables:
        answers.variables |= variables_in(Path(variables))
    if connections:
        answers.connections |= connections_in(Path(connections))


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is done with one task after the other."""

    local: LocalRun
    dag: Any
    around: Mapping[str, Iterable[str]]  # setup tasks that hold for one, but not directly before it
    marked: re.Pattern[str] | None
    now: Callable[[], datetime]

    def settle_or_run(self, one: Instance) -> None:
        """Do with an instance what its trigger rule says; all that is before it has ended."""
        local, length = self.local, length_of(one.task)
        if self.marked and self.marked.search(one.task_id):
            local.states[one.name] = TaskState.SUCCESS
            _log.info("%s: marked as success", one.name)
            return
        found, reason = self._judge(one)
        count = None
        if found is Verdict.RUN and length is not None and one.map_index < 0:
            found, reason, count = self._count(length)
        if count:
            for instance in local.expand(one.task_id, count):
                self.settle_or_run(instance)
        elif found is Verdict.RUN:
            _run(local, self.dag, one, self.now)
        else:
            skips = found is Verdict.SKIP
            local.states[one.name] = TaskState.SKIPPED if skips else TaskState.UPSTREAM_FAILED
            _log.info("%s: %s, %s", one.name, "skipped" if skips else "upstream failed", reason)

    def _judge(self, one: Instance) -> tuple[Verdict, str]:
        local, task = self.local, one.task
        if (
            self.dag.fail_stop
            and not task.is_teardown
            and TaskState.FAILED in local.states.values()
        ):
            return Verdict.SKIP, "another task failed and the DAG has fail_stop"
        if (one.task_id, one.map_index) in local.left_out:
            return Verdict.SKIP, "a task before it decided not to run it"
        rule = str(task.trigger_rule)
        upstream = _upstream(local, task.upstream_task_ids, one, local.instances.before)
        setups_around = self.around.get(one.task_id, ())
        before = _upstream(local, setups_around, one, local.instances.relevant)
        if rule != "always" and verdict("all_success", before) in _UNMET:
            rule, upstream = "all_success", before
        return verdict(rule, upstream), why(rule, upstream)

    def _count(self, length: Length) -> tuple[Verdict, str, int | None]:
        """Say what the results mean that a task is mapped over, and how many elements they have."""
        for source in mapping.sources(length):
            meaning = mapping.UNMAPPABLE.get(self.local.states.get(source, TaskState.NONE))
            if meaning is not None:
                state = self.local.states[source]
                return meaning, f"{source!r}, which it is mapped over, is {state.value}", None
        count = mapping.count(length, self.local.length)
        if count is None:
            return Verdict.UPSTREAM_FAILED, "there is no list to map it over", None
        verdict_of_all = Verdict.RUN if count else Verdict.SKIP
        return verdict_of_all, "there is nothing to map it over", count


def _upstream(
    local: LocalRun,
    task_ids: Iterable[str],
    one: Instance,
    counting: Callable[[str, Instance], Sequence[Instance]],
) -> Upstream:
    found = [(local.states[b.name], b.task) for name in task_ids for b in counting(name, one)]
    states = [state for state, _ in found]
    setup_states = [state for state, task in found if task.is_setup]
    return Upstream(
        total=len(states),
        success=states.count(TaskState.SUCCESS),
        failed=states.count(TaskState.FAILED),
        upstream_failed=states.count(TaskState.UPSTREAM_FAILED),
        skipped=states.count(TaskState.SKIPPED),
        setups=len(setup_states),
        setups_success=setup_states.count(TaskState.SUCCESS),
        setups_skipped=setup_states.count(TaskState.SKIPPED),
    )


def _run(local: LocalRun, dag: Any, one: Instance, now: Callable[[], datetime]) -> None:
    """Run a task instance until it succeeds, or has no try left."""
    tries = local.outcomes.setdefault(one.name, [])
    while not tries or tries[-1].state in TIMED:
        if tries and tries[-1].state == TaskState.UP_FOR_RESCHEDULE:
            _wait_until(tries[-1].retry_at, now)
        local.states[one.name] = TaskState.RUNNING
        outcome = _attempt(local, dag, one, tries, now)
        if outcome.deferral is not None:
            _await_trigger(local, one, outcome, outcome.deferral)
        tries.append(outcome)
        local.states[one.name] = outcome.state
        seconds = (outcome.ended_at - outcome.started_at).total_seconds()
        _log.info("%s: %s after %.3f s", one.name, outcome.state, seconds)
    _leave_out(local, one, tries[-1].skip)


def _leave_out(local: LocalRun, one: Instance, task_ids: Iterable[str]) -> None:
    """Skip what a task decided against; in a mapped group it decides for its own index."""
    for task_id in task_ids:
        others = local.instances.of.get(task_id, ())
        if one.map_index < 0:
            waiting = [other for other in others if local.states[other.name] not in FINISHED]
            local.states.update({other.name: TaskState.SKIPPED for other in waiting})
        elif others and task_id in one.task.downstream_task_ids and share_group(others[0], one):
            local.left_out.add((task_id, one.map_index))


def _wait_until(moment: datetime | None, now: Callable[[], datetime]) -> None:
    """Wait for the next look of a sensor, as the scheduler does."""
    if moment is not None:
        threading.Event().wait(max(0.0, (moment - now()).total_seconds()))


def _await_trigger(local: LocalRun, one: Instance, outcome: Outcome, deferral: Deferral) -> None:
    """Wait for what the task deferred to; it may end the task."""
    found = local_trigger.fire(deferral)
    if isinstance(found, Resumption):
        local.ports.resumptions[one.id] = found
        return
    outcome.state = found.task_instance_state
    for key, value in (found.xcoms or {}).items():
        local.ports.push_xcom(one.id, key, serialization.dumps(value))


def _attempt(
    local: LocalRun,
    dag: Any,
    one: Instance,
    before: Sequence[Outcome],
    now: Callable[[], datetime],
    *,
    test_mode: bool = False,
) -> Outcome:
    """Run one attempt, after those `before`; it goes on with the try of the last if that waits."""
    resumed = sum(earlier.state in CONTINUED for earlier in before)
    last = before[-1] if before and before[-1].state in CONTINUED else None
    order = Order(
        local.run,
        one.id,
        len(before) + 1,
        task_id=one.task_id,
        map_index=one.map_index,
        map_count=len(local.instances.of[one.task_id]) if one.map_index >= 0 else None,
        is_measured=local.instances.is_measured(one.task_id),
        max_tries=0 if test_mode else one.task.retries + resumed,
        resumed=resumed,
        waiting_since=last.waiting_since if last else None,
        next_method=last.deferral.method if last and last.deferral else None,
        retry=RetryPolicy(),
        queued_at=now(),
    )
    _log.info("%s: starting try %d", one.name, order.shown_try)
    outcome, finish = execute.execute(order, dag, ports=local.ports, now=now, test_mode=test_mode)
    for key, value in outcome.xcoms.items():
        local.ports.push_xcom(one.id, key, value)
    finish()
    return outcome


def _end(local: LocalRun, dag: Any, arrows: setups.Links, now: Callable[[], datetime]) -> None:
    """Decide by the leaves how the run ended, as the scheduler does; call the DAG's callbacks."""
    deciding = set(setups.leaves(arrows))
    if dag.fail_stop:
        deciding |= local.instances.of.keys() - arrows.teardowns
    ends = [local.states[one.name] for one in local.instances.all() if one.task_id in deciding]
    failed = {TaskState.FAILED, TaskState.UPSTREAM_FAILED}.intersection(ends)
    local.state = RunState.FAILED if failed else RunState.SUCCESS
    _log.info("%s: the run ended, %s", local.run_id, local.state)
    if dag.tasks:
        ended = structs.replace(local.run, state=str(local.state), end_date=now())
        event = "failure" if failed else "success"
        reason = "task_failure" if failed else "success"
        order = Order(ended, 0, 0, event=event, reason=reason)  # type: ignore[arg-type]  # one of them
        run_callbacks(order, dag, ports=local.ports)


local_run.use(run_dag)  # from now on `dag.test()` has somebody to ask
