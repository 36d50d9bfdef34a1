"""Wait for tasks, task groups and runs of another DAG."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from flowctl import clock
from flowctl.authoring import ports
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.ports import StateQuery, StateRow
from flowctl.authoring.triggers import BaseTrigger, TriggerEvent

RUNNING_WITHIN_S = 60.0  # what TaskStateTrigger allows the other DAG to begin


async def count(query: StateQuery, states: Iterable[str] | None) -> float:
    """Ask how often what is asked for is in one of these states; see `share`."""
    return share(query, await asyncio.to_thread(ports.current().state_rows, query), states)


def share(query: StateQuery, found: Sequence[StateRow], states: Iterable[str] | None) -> float:
    """Return in how many of the runs asked for what is asked for is in one of these states.

    Of several tasks in a run each counts as its share of one, and so does each instance of a mapped
    task. Airflow counts such an instance as a whole task: there, waiting for a mapped task never
    ends, or too early.
    """
    wanted = {str(state) for state in states or ()}
    if not query.task_ids and not query.group_id:
        return sum(row.state in wanted for row in found)
    instances: Counter[tuple[str, str]] = Counter()
    matching: Counter[tuple[str, str]] = Counter()
    for row in found:
        counted_as_one = row.run_id, row.task_id if query.task_ids else ""
        instances[counted_as_one] += 1
        matching[counted_as_one] += row.state in wanted
    whole = sum(matching[one] / number for one, number in instances.items())
    return whole / len(query.task_ids or [query.group_id])


class WorkflowTrigger(BaseTrigger):
    """Fire once tasks, a group or runs of another DAG are in the states that are waited for.

    The task finds {"status": "success"}, "failed" or "skipped" as `event`.

    Args:
        external_dag_id: the other DAG.
        execution_dates: the logical dates of its runs; or `run_ids`.
        external_task_ids: tasks of it; without tasks and group the runs themselves are meant.
        external_task_group_id: a group of it.
        failed_states: one of these ends the waiting, as failed.
        skipped_states: one of these ends the waiting, as skipped.
        allowed_states: all of them end the waiting, as success.
        poke_interval: seconds between two looks.
        soft_fail: kept for the operator.
    """

    def __init__(
        self,
        external_dag_id: str,
        execution_dates: list[datetime] | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        failed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        allowed_states: Iterable[str] | None = None,
        poke_interval: float = 2.0,
        soft_fail: bool = False,
        *,
        run_ids: list[str] | None = None,
        logical_dates: list[datetime] | None = None,
        **kwargs: Any,
    ) -> None:
        self.external_dag_id = external_dag_id
        self.execution_dates = execution_dates or logical_dates or []
        self.run_ids = run_ids
        self.external_task_ids = external_task_ids
        self.external_task_group_id = external_task_group_id
        self.failed_states = failed_states
        self.skipped_states = skipped_states
        self.allowed_states = allowed_states
        self.poke_interval = poke_interval
        self.soft_fail = soft_fail
        super().__init__(**kwargs)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.external_task.WorkflowTrigger",
            {
                "external_dag_id": self.external_dag_id,
                "execution_dates": self.execution_dates,
                "run_ids": self.run_ids,
                "external_task_ids": _listed(self.external_task_ids),
                "external_task_group_id": self.external_task_group_id,
                "failed_states": _listed(self.failed_states),
                "skipped_states": _listed(self.skipped_states),
                "allowed_states": _listed(self.allowed_states),
                "poke_interval": self.poke_interval,
                "soft_fail": self.soft_fail,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        query = StateQuery(
            self.external_dag_id,
            logical_dates=_dates(self.execution_dates),
            run_ids=self.run_ids,
            task_ids=_listed(self.external_task_ids),
            group_id=self.external_task_group_id,
        )
        expected = len(self.run_ids or self.execution_dates)
        while True:
            if self.failed_states and await count(query, self.failed_states):
                yield TriggerEvent({"status": "failed"})
                return
            if self.skipped_states and await count(query, self.skipped_states):
                yield TriggerEvent({"status": "skipped"})
                return
            if await count(query, self.allowed_states) == expected:
                yield TriggerEvent({"status": "success"})
                return
            await asyncio.sleep(self.poke_interval)


class TaskStateTrigger(BaseTrigger):
    """Fire once a task of another DAG is in one of these states on these dates.

    The older form of `WorkflowTrigger`. The task finds {"status": "success"} as `event`, "timeout"
    when the task did not begin within a minute of `trigger_start_time`.
    """

    def __init__(
        self,
        dag_id: str,
        execution_dates: list[datetime],
        trigger_start_time: datetime,
        states: list[str] | None = None,
        task_id: str | None = None,
        poll_interval: float = 2.0,
    ) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.task_id = task_id
        self.states = states or ["success"]
        self.execution_dates = execution_dates
        self.poll_interval = poll_interval
        self.trigger_start_time = trigger_start_time

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.external_task.TaskStateTrigger",
            {
                "dag_id": self.dag_id,
                "task_id": self.task_id,
                "states": _listed(self.states),
                "execution_dates": self.execution_dates,
                "poll_interval": self.poll_interval,
                "trigger_start_time": self.trigger_start_time,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        dates = _dates(self.execution_dates)
        tasks = [self.task_id] if self.task_id else None
        query = StateQuery(self.dag_id, logical_dates=dates, task_ids=tasks)
        while await count(query, self.states) != len(dates):
            waited = clock.utcnow() - self.trigger_start_time
            has_begun = await count(query, ("running", "success"))
            if waited.total_seconds() > RUNNING_WITHIN_S and not has_begun:
                yield TriggerEvent({"status": "timeout"})
                return
            await asyncio.sleep(self.poll_interval)
        yield TriggerEvent({"status": "success"})


class DagStateTrigger(BaseTrigger):
    """Fire once runs of another DAG are in one of these states.

    The task finds what `serialize` returns as `event`; with `run_ids` that, and their states.

    Args:
        dag_id: the other DAG.
        states: the states to wait for.
        execution_dates: the logical dates of its runs; or `run_ids`.
        poll_interval: seconds between two looks.
    """

    def __init__(
        self,
        dag_id: str,
        states: list[Any],
        execution_dates: list[datetime] | None = None,
        poll_interval: float = 5.0,
        run_ids: list[str] | None = None,
    ) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.states = states
        self.execution_dates = execution_dates or []
        self.run_ids = run_ids
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        chosen: dict[str, Any] = {"execution_dates": self.execution_dates}
        if self.run_ids:
            chosen["run_ids"] = self.run_ids
        return (
            "airflow.triggers.external_task.DagStateTrigger",
            {
                "dag_id": self.dag_id,
                "states": _listed(self.states),
                **chosen,
                "poll_interval": self.poll_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        dates = _dates(self.execution_dates)
        query = StateQuery(self.dag_id, logical_dates=dates, run_ids=self.run_ids)
        while await count(query, self.states) != len(self.run_ids or dates):
            await asyncio.sleep(self.poll_interval)
        classpath, found = self.serialize()
        if self.run_ids:
            rows = await asyncio.to_thread(ports.current().state_rows, query)
            found |= {row.run_id: row.state for row in rows}
        yield TriggerEvent((classpath, found))


def _listed(given: Iterable[Any] | None) -> list[str] | None:
    return None if given is None else [str(one) for one in given]


def _dates(given: Iterable[datetime]) -> list[datetime]:
    return [plain_utc(date) for date in given]
