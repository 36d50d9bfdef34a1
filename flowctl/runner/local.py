"""A whole run of a DAG in this process, for `dag.test()`, `flowctl dags test` and debuggers.

No daemon, no metastore, no row left behind: XComs and states live in memory. Tasks run one after
the other in an order that their dependencies allow; a failed try is repeated at once, since nobody
wants to wait for a retry delay in a test.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import structs

from flowctl import clock
from flowctl.authoring import local_run, ports, timezone
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.ports import InMemoryPorts, Ports
from flowctl.authoring.secrets_files import connections_in, variables_in
from flowctl.authoring.subset import links
from flowctl.core import setups
from flowctl.core.attempt import Order, Outcome, RunFacts
from flowctl.core.states import RunState, TaskState
from flowctl.runner import local_tries, tasklog
from flowctl.runner.callbacks import run_callbacks, task_of
from flowctl.runner.local_instances import Instances, check_index
from flowctl.runner.local_memory import LocalPorts, LocalRun
from flowctl.runner.local_turn import Turn
from flowctl.runner.schedule import facts_at

_log = logging.getLogger("flowctl.local")


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
        turn = Turn(local, dag, around, marked, now)
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
        return local_tries.attempt(local, dag, one, (), now, test_mode=True)


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
