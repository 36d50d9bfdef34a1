"""A whole run of a DAG in this process, for `dag.test()`, `flowctl dags test` and debuggers.

No daemon, no metastore, no row left behind: XComs and states live in memory. Tasks run one after
the other in an order that their dependencies allow; a failed try is repeated at once, since nobody
wants to wait for a retry delay in a test.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
)
from flowctl.authoring.secrets_files import connections_in, variables_in
from flowctl.authoring.subset import links
from flowctl.core import setups
from flowctl.core.attempt import Order, Outcome, RetryPolicy, RunFacts
from flowctl.core.deferral import Deferral
from flowctl.core.states import CONTINUED, FINISHED, TIMED, RunState, RunType, TaskState
from flowctl.core.trigger_rules import Upstream, Verdict, verdict, why
from flowctl.runner import execute, local_trigger, tasklog
from flowctl.runner.callbacks import task_of
from flowctl.runner.schedule import manual_interval

_log = logging.getLogger("flowctl.local")


class LocalPorts(InMemoryPorts):
    """Ports in memory that also ask `behind` for variables and connections they lack."""

    def __init__(self, behind: Ports | None = None) -> None:
        super().__init__()
        self._behind = behind
        self.state_of_started = RunState.SUCCESS.value  # or a task would wait for it for ever

    def variable(self, key: str) -> str | None:
        own = super().variable(key)
        return self._behind.variable(key) if own is None and self._behind else own

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        own = super().connection(conn_id)
        return self._behind.connection(conn_id) if own is None and self._behind else own

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
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
    state: RunState = RunState.RUNNING
    states: dict[str, TaskState] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    """All tries of each task that was run."""
    ports: LocalPorts = field(default_factory=LocalPorts)

    @property
    def run_id(self) -> str:
        """Return the id of the run."""
        return self.run.run_id

    def get_task_instances(self) -> list[OtherTaskInstance]:
        """Return all task instances of the run."""
        return [
            OtherTaskInstance(self.run.dag_id, task_id, self.run_id, state)
            for task_id, state in self.states.items()
        ]

    def get_task_instance(self, task_id: str) -> OtherTaskInstance | None:
        """Return one task instance of the run, None if it has no such task."""
        return next((ti for ti in self.get_task_instances() if ti.task_id == task_id), None)


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
        for task in dag.topological_sort():
            if local.states[task.task_id] == TaskState.NONE:
                _settle_or_run(local, dag, task, around.get(task.task_id, ()), marked, now)
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
    now: Callable[[], datetime] = clock.utcnow,
) -> Outcome:
    """Run one try of one task here, whatever its upstream tasks did; arguments as in `run_dag`.

    Raises:
        TaskNotFound: the DAG has no such task.
        FlowctlError: a file cannot be used.
    """
    local = _prepared(dag, logical_date, conf, behind, now)
    _load(local.ports, variables_file, connections_file)
    with _answering(local.ports):
        return _attempt(local, dag, task_of(dag, task_id), (), now, test_mode=True)


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
) -> LocalRun:
    started = now()
    moment = plain_utc(timezone.convert_to_utc(logical_date) or started)
    start, end = manual_interval(dag, moment)
    facts = RunFacts(
        pk=0,
        dag_id=dag.dag_id,
        run_id=f"{RunType.MANUAL}__{moment.isoformat()}",
        run_type=RunType.MANUAL,
        logical_date=moment,
        data_interval_start=start,
        data_interval_end=end,
        queued_at=started,
        start_date=started,
        conf=dict(conf or {}),
    )
    local = LocalRun(facts, ports=LocalPorts(behind))
    local.states = {task.task_id: TaskState.NONE for task in dag.tasks}
    local.ports.states[facts.run_id] = local.states  # type: ignore[assignment]  # a state is a text
    local.ports.instances = {
        ti_id: (dag.dag_id, facts.run_id, task_id, -1)
        for ti_id, task_id in enumerate(local.states, 1)
    }
    return local


def _load(
    answers: InMemoryPorts, variables: Path | str | None, connections: Path | str | None
) -> None:
    if variables:
        answers.variables |= variables_in(Path(variables))
    if connections:
        answers.connections |= connections_in(Path(connections))


def _settle_or_run(
    local: LocalRun,
    dag: Any,
    task: Any,
    around: Iterable[str],
    marked: re.Pattern[str] | None,
    now: Callable[[], datetime],
) -> None:
    """Do with one task what its trigger rule says; all of its upstream tasks have ended.

    Args:
        around: the setup tasks that hold for it without being directly before it.
    """
    rule, upstream = str(task.trigger_rule), _upstream(dag, local, task.upstream_task_ids)
    if rule != "always" and verdict("all_success", before := _upstream(dag, local, around)) in (
        Verdict.SKIP,
        Verdict.UPSTREAM_FAILED,
    ):
        rule, upstream = "all_success", before
    if dag.fail_stop and not task.is_teardown and TaskState.FAILED in local.states.values():
        local.states[task.task_id] = TaskState.SKIPPED
        _log.info("%s: skipped, another task failed and the DAG has fail_stop", task.task_id)
        return
    if marked and marked.search(task.task_id):
        local.states[task.task_id] = TaskState.SUCCESS
        _log.info("%s: marked as success", task.task_id)
        return
    match verdict(rule, upstream):
        case Verdict.RUN:
            _run(local, dag, task, now)
        case Verdict.SKIP:
            local.states[task.task_id] = TaskState.SKIPPED
            _log.info("%s: skipped, %s", task.task_id, why(rule, upstream))
        case _:
            local.states[task.task_id] = TaskState.UPSTREAM_FAILED
            _log.info("%s: upstream failed, %s", task.task_id, why(rule, upstream))


def _upstream(dag: Any, local: LocalRun, task_ids: Iterable[str]) -> Upstream:
    states = [local.states[task_id] for task_id in task_ids]
    setup_states = [local.states[one] for one in task_ids if dag.get_task(one).is_setup]
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


def _run(local: LocalRun, dag: Any, task: Any, now: Callable[[], datetime]) -> None:
    """Run a task until it succeeds, or has no try left."""
    tries = local.outcomes.setdefault(task.task_id, [])
    while not tries or tries[-1].state in TIMED:
        if tries and tries[-1].state == TaskState.UP_FOR_RESCHEDULE:
            _wait_until(tries[-1].retry_at, now)
        local.states[task.task_id] = TaskState.RUNNING
        outcome = _attempt(local, dag, task, tries, now)
        if outcome.deferral is not None:
            _await_trigger(local, task, outcome, outcome.deferral)
        tries.append(outcome)
        local.states[task.task_id] = outcome.state
        seconds = (outcome.ended_at - outcome.started_at).total_seconds()
        _log.info("%s: %s after %.3f s", task.task_id, outcome.state, seconds)
    outcome = tries[-1]
    for task_id in outcome.skip:
        if local.states[task_id] not in FINISHED:
            local.states[task_id] = TaskState.SKIPPED


def _wait_until(moment: datetime | None, now: Callable[[], datetime]) -> None:
    """Wait for the next look of a sensor, as the scheduler does."""
    if moment is not None:
        threading.Event().wait(max(0.0, (moment - now()).total_seconds()))


def _await_trigger(local: LocalRun, task: Any, outcome: Outcome, deferral: Deferral) -> None:
    """Wait for what the task deferred to; it may end the task."""
    ti_id = _ti_id(local, task)
    found = local_trigger.fire(deferral)
    if isinstance(found, Resumption):
        local.ports.resumptions[ti_id] = found
        return
    outcome.state = found.task_instance_state
    for key, value in (found.xcoms or {}).items():
        local.ports.push_xcom(ti_id, key, serialization.dumps(value))


def _ti_id(local: LocalRun, task: Any) -> int:
    return list(local.states).index(task.task_id) + 1


def _attempt(
    local: LocalRun,
    dag: Any,
    task: Any,
    before: Sequence[Outcome],
    now: Callable[[], datetime],
    *,
    test_mode: bool = False,
) -> Outcome:
    """Run one attempt, after those `before`; it goes on with the try of the last if that waits."""
    ti_id = _ti_id(local, task)
    resumed = sum(one.state in CONTINUED for one in before)
    last = before[-1] if before and before[-1].state in CONTINUED else None
    order = Order(
        local.run,
        ti_id,
        len(before) + 1,
        task_id=task.task_id,
        max_tries=0 if test_mode else task.retries + resumed,
        resumed=resumed,
        waiting_since=last.waiting_since if last else None,
        next_method=last.deferral.method if last and last.deferral else None,
        retry=RetryPolicy(),
        queued_at=now(),
    )
    _log.info("%s: starting try %d", task.task_id, order.shown_try)
    outcome, finish = execute.execute(order, dag, ports=local.ports, now=now, test_mode=test_mode)
    for key, value in outcome.xcoms.items():
        local.ports.push_xcom(ti_id, key, value)
    finish()
    return outcome


def _end(local: LocalRun, dag: Any, arrows: setups.Links, now: Callable[[], datetime]) -> None:
    """Decide by the leaves how the run ended, as the scheduler does; call the DAG's callbacks."""
    deciding = set(setups.leaves(arrows))
    if dag.fail_stop:
        deciding |= local.states.keys() - arrows.teardowns
    ends = [local.states[task_id] for task_id in deciding]
    failed = {TaskState.FAILED, TaskState.UPSTREAM_FAILED}.intersection(ends)
    local.state = RunState.FAILED if failed else RunState.SUCCESS
    _log.info("%s: the run ended, %s", local.run_id, local.state)
    if dag.tasks:
        ended = structs.replace(local.run, state=str(local.state), end_date=now())
        event = "failure" if failed else "success"
        reason = "task_failure" if failed else "success"
        order = Order(ended, 0, 0, event=event, reason=reason)  # type: ignore[arg-type]  # one of them
        execute.run_callbacks(order, dag, ports=local.ports)


local_run.use(run_dag)  # from now on `dag.test()` has somebody to ask
