"""What user code finds under `ti`: Airflow's names over an order and the ports.

A view: it holds no state of the metastore; what is not in the order is asked for when user code
asks. What a task leaves behind (XComs, tasks to skip) is gathered on the `TaskInstance`, where
`runner.execute` collects it.
"""

import json
import logging
import os
import socket
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import structs

from flowctl.authoring import xcom_backend
from flowctl.authoring.context import get_current_context
from flowctl.authoring.dag_run import DagRun, OfRun, TaskInstanceKey, log_url, moment
from flowctl.authoring.earlier_tries import HasEarlier
from flowctl.authoring.ports import (
    Ports,
    Resumption,
    RunAnswer,
    RunRequest,
    XComQuery,
    XComRow,
)
from flowctl.authoring.pulling import is_single, listed, pull
from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.attempt import Order
from flowctl.core.states import TaskState
from flowctl.errors import FlowctlError

if TYPE_CHECKING:
    import pendulum

DECISION_KEY = "skipmixin_key"
"""The XCom that says what a branch decided; Airflow's users know it by this name."""


class TaskInstance(OfRun, HasEarlier):
    """The task instance that is running."""

    def __init__(
        self, order: Order, task: Any, ports: Ports, *, test_mode: bool = False, base_url: str = ""
    ) -> None:
        self._order = order
        self._ports = ports
        self._base_url = base_url
        self.task = task
        self.test_mode = test_mode
        self.dag_id = order.run.dag_id
        self.task_id = order.task_id
        self.run_id = order.run.run_id
        self.map_index = order.map_index
        self.rendered_map_index: str | None = None
        self.try_number = order.shown_try
        self.max_tries = order.shown_max_tries
        self.pool = order.pool
        self.state: TaskState | None = TaskState.RUNNING
        self.started_at: datetime | None = order.waiting_since
        self.ended_at: datetime | None = None
        self.left: dict[str, str] = {}
        """XComs that this attempt leaves: key -> JSON; they go out with the outcome."""
        self.to_skip: tuple[str, ...] = ()
        self.branch: str | None = None
        self._requests = 0
        self.next_method: str | None = order.next_method
        self.next_kwargs: dict[str, Any] | None = None
        """With what the task goes on after it was deferred; known once it does."""
        self.trigger_timeout: datetime | None = None

    # Who I am

    @property
    def key(self) -> TaskInstanceKey:
        """Return what names this try."""
        return TaskInstanceKey(
            self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index
        )

    @property
    def log(self) -> logging.Logger:
        """Return the logger of the task."""
        return logging.getLogger("airflow.task")

    @property
    def pid(self) -> int:
        """Return the id of this process."""
        return os.getpid()

    @property
    def hostname(self) -> str:
        """Return the name of this machine."""
        return socket.gethostname()

    @property
    def operator(self) -> str:
        """Return the class name of the operator."""
        return str(getattr(self.task, "task_type", type(self.task).__name__))

    @property
    def operator_name(self) -> str:
        """Return the name of the operator that people see."""
        return str(getattr(self.task, "operator_name", self.operator))

    @property
    def task_display_name(self) -> str:
        """Return the name of the task that people see."""
        return str(getattr(self.task, "task_display_name", self.task_id))

    @property
    def queue(self) -> Any:
        """Return the queue of the task."""
        return self.task.queue

    @property
    def priority_weight(self) -> Any:
        """Return the weight of the task with those that its rule adds."""
        return self.task.priority_weight_total

    @property
    def pool_slots(self) -> int:
        """Return how many slots of its pool the task takes."""
        return int(self.task.pool_slots)

    @property
    def executor_config(self) -> Any:
        """Return what the task was given for the executor."""
        return self.task.executor_config

    def is_eligible_to_retry(self) -> bool:
        """Say whether a failure of this try is followed by another try."""
        return bool(self.task.retries) and self.try_number <= self.max_tries

    @property
    def prev_attempted_tries(self) -> int:
        """Return how many tries there were, this one included."""
        return self.try_number

    @property
    def next_try_number(self) -> int:
        """Return the number that the next try would have."""
        return self.try_number + 1

    @property
    def log_url(self) -> str:
        """Return where the web server shows the log of this try."""
        return log_url(self._base_url, self.key)

    # When I run

    @property
    def plain_logical_date(self) -> datetime:
        """Return the logical date of the run as a datetime of the standard library."""
        return self._order.run.logical_date

    @property
    def start_date(self) -> "pendulum.DateTime | None":
        """Return when this try started."""
        return moment(self.started_at)

    @property
    def end_date(self) -> "pendulum.DateTime | None":
        """Return when this try ended, None while it runs."""
        return moment(self.ended_at)

    @property
    def duration(self) -> float | None:
        """Return how many seconds this try took, None while it runs."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def queued_dttm(self) -> "pendulum.DateTime | None":
        """Return when this try was queued."""
        return moment(self._order.queued_at)

    def get_first_reschedule_date(self, context: Any = None) -> datetime | None:  # noqa: ARG002 - Airflow's signature
        """Return when the first try started since the task was last cleared."""
        first_try = self.max_tries - self.task.retries + 1
        if self.try_number <= first_try:
            return self.started_at
        return self._ports.first_start(self._order.ti_id, first_try) or self.started_at

    # My run, and the one before

    @cached_property
    def dag_run(self) -> DagRun:
        """Return the run that this task instance belongs to."""
        return DagRun(self._order.run, self.dag_id, self._ports, self._base_url)

    # What I leave, and what others left

    def xcom_push(
        self,
        key: str,
        value: Any,
        execution_date: datetime | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> None:
        """Store a value under `key`, at once, for other tasks to pull.

        Raises:
            FlowctlError: `execution_date` is not this run's, or the value cannot be stored.
        """
        if execution_date is not None and execution_date != self._order.run.logical_date:
            raise FlowctlError(
                f"task {self.task_id!r} can push XComs for its own run only; drop execution_date"
            )
        self._ports.push_xcom(self._order.ti_id, key, self._written(key, value))

    def leave(self, key: str, value: Any) -> None:
        """Let a value go out together with the outcome; `xcom_pull` here finds it already."""
        self.left[key] = self._written(key, value)

    def _written(self, key: str, value: Any) -> str:
        owner = xcom_backend.Owner(self.dag_id, self.task_id, self.run_id, self.map_index)
        return xcom_backend.write(key, value, owner)

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str = XCOM_RETURN_KEY,
        include_prior_dates: bool = False,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """Return what tasks left under `key`.

        Args:
            task_ids: one task, several, or None for whichever pushed this key.
            dag_id: another DAG's id; its run with the same run id is meant.
            key: the key.
            include_prior_dates: look into earlier runs, too.
            map_indexes: one or several instances of a mapped task.
            default: what to return when a single value is asked for and there is none.
            run_id: another run.

        Returns:
            One value, if one task is meant; of a mapped one, a lazy list of what all its instances
            left. Else a list, in the order of `task_ids` (then of `map_indexes`), without entries
            for tasks that left nothing.
        """
        dag_id, names = self._in_group(dag_id, listed(task_ids))
        query = XComQuery(
            dag_id=dag_id or self.dag_id,
            run_id=run_id or self.run_id,
            task_ids=names,
            map_indexes=listed(map_indexes),
            key=key,
            include_prior_dates=include_prior_dates,
        )
        single = is_single(task_ids) and is_single(map_indexes)
        return pull(self._ports, query, single=single, default=default, own=self._own(query))

    def _in_group(
        self, dag_id: str | None, task_ids: list[str] | None
    ) -> tuple[str | None, list[str] | None]:
        """Return where tasks are found that are asked for as those of a sub-DAG."""
        absorbed = getattr(getattr(self.task, "_dag", None), "absorbed", {})
        prefix = absorbed.get(dag_id) if dag_id else getattr(self.task, "subdag_prefix", "")
        if not prefix:
            return dag_id, task_ids
        return None, task_ids and [f"{prefix}.{task_id}" for task_id in task_ids]

    def _own(self, query: XComQuery) -> list[XComRow]:
        """Return what this attempt leaves, which nobody else has seen yet."""
        asked = (
            query.key in self.left
            and (query.dag_id, query.run_id) == (self.dag_id, self.run_id)
            and self.task_id in (query.task_ids or [self.task_id])
            and self.map_index in (query.map_indexes or [self.map_index])
        )
        if not asked:
            return []
        value = self.left[query.key]
        return [XComRow(self.task_id, self.run_id, value, self.map_index, query.key)]

    def skip_tasks(
        self, task_ids: Iterable[str], branch: dict[str, list[str]] | None = None
    ) -> None:
        """Have tasks of this run skipped once this attempt has succeeded.

        Args:
            task_ids: the tasks to skip.
            branch: what was decided, {"followed": [...]} or {"skipped": [...]}; it is kept, so that
                a skipped task that is cleared later is skipped again. Others find it as an XCom.
        """
        self.to_skip = tuple(dict.fromkeys((*self.to_skip, *task_ids)))
        if branch is not None:
            self.branch = json.dumps(branch)
            self.leave(DECISION_KEY, branch)

    def start_run(self, request: RunRequest) -> RunAnswer:
        """Start a run of another DAG, once also if this try is killed and followed by another."""
        self._requests += 1
        own = {
            "ti_id": self._order.ti_id,
            "try_number": self._order.try_number,
            "number": self._requests,
        }
        return self._ports.start_run(structs.replace(request, **own))

    def resumption(self) -> Resumption:
        """Return how the task goes on that was deferred."""
        return self._ports.resumption(self._order.ti_id)

    # What I work with

    def get_template_context(
        self,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
        ignore_param_exceptions: bool = True,  # noqa: ARG002
    ) -> Any:
        """Return the context of the task that is running."""
        return get_current_context()

    def render_templates(self, context: Any = None, jinja_env: Any = None) -> Any:
        """Render the template fields of the task, and return it."""
        if context is None:
            raise FlowctlError(
                "ti.render_templates() needs the context: pass the one you were given"
            )
        self.task.render_template_fields(context, jinja_env)
        return self.task

    def __repr__(self) -> str:
        mapped = f" map_index={self.map_index}" if self.map_index >= 0 else ""
        return f"<TaskInstance: {self.dag_id}.{self.task_id} {self.run_id}{mapped} [{self.state}]>"
