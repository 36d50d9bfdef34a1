"""What user code finds under `dag_run`: Airflow's names over the facts of a run.

A view: what is not in the facts is asked of the ports when user code asks.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from flowctl.authoring.moments import shown
from flowctl.authoring.ports import Ports, RunRow, StateQuery
from flowctl.core.attempt import RunFacts
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.late import Late

if TYPE_CHECKING:
    import pendulum
else:
    pendulum = Late("pendulum")


def moment(value: datetime | None) -> "pendulum.DateTime | None":
    """Return a datetime as Airflow's users know it; None stays None."""
    return None if value is None else shown(value)


class DagRun:
    """One run of a DAG, as user code sees it."""

    def __init__(self, facts: RunFacts | RunRow, dag_id: str, ports: Ports) -> None:
        self._facts = facts
        self._ports = ports
        self.dag_id = dag_id
        self.run_id = facts.run_id
        self.run_type = RunType(facts.run_type)
        self.conf: dict[str, Any] = dict(facts.conf)
        self.state = RunState(facts.state)
        self.id = getattr(facts, "pk", None)
        self.external_trigger = getattr(facts, "external_trigger", facts.run_type == "manual")

    @cached_property
    def logical_date(self) -> "pendulum.DateTime":
        """Return the moment that the run is for."""
        return pendulum.instance(self._facts.logical_date)

    @property
    def execution_date(self) -> "pendulum.DateTime":
        """Return the logical date, by its name before Airflow 2.2."""
        return self.logical_date

    @cached_property
    def data_interval_start(self) -> "pendulum.DateTime | None":
        """Return the start of the data that the run covers; the logical date if it covers none."""
        return moment(self._facts.data_interval_start or self._facts.logical_date)

    @cached_property
    def data_interval_end(self) -> "pendulum.DateTime | None":
        """Return the end of the data that the run covers; the logical date if it covers none."""
        return moment(self._facts.data_interval_end or self._facts.logical_date)

    @cached_property
    def queued_at(self) -> "pendulum.DateTime | None":
        """Return when the run was made."""
        return moment(getattr(self._facts, "queued_at", None))

    @cached_property
    def start_date(self) -> "pendulum.DateTime | None":
        """Return when the run really started."""
        return moment(self._facts.start_date)

    @cached_property
    def end_date(self) -> "pendulum.DateTime | None":
        """Return when the run really ended."""
        return moment(self._facts.end_date)

    @property
    def is_backfill(self) -> bool:
        """Say whether a backfill made this run."""
        return self.run_type == RunType.BACKFILL

    def get_state(self) -> RunState:
        """Return the state that the run had when this attempt started."""
        return self.state

    def get_task_instances(
        self, state: str | Iterable[str | None] | None = None
    ) -> list["OtherTaskInstance"]:
        """Return the task instances of the run, those in `state` if it is given."""
        wanted = {state} if isinstance(state, str) else state and set(state)
        return [ti for ti in self._instances() if not wanted or ti.state.value in wanted]

    def get_task_instance(self, task_id: str, *, map_index: int = -1) -> "OtherTaskInstance | None":
        """Return one task instance of the run, None if it has no such one."""
        return next((ti for ti in self._instances(task_id) if ti.map_index == map_index), None)

    def _instances(self, task_id: str | None = None) -> list["OtherTaskInstance"]:
        """Return the instances of one task, or of all."""
        one = None if task_id is None else [task_id]
        rows = self._ports.state_rows(
            StateQuery(self.dag_id, run_ids=[self.run_id], task_ids=one, every_task=one is None)
        )
        return [
            OtherTaskInstance(
                self.dag_id, row.task_id, self.run_id, TaskState(row.state), row.map_index
            )
            for row in rows
        ]

    def get_previous_dagrun(self, state: str | None = None) -> "DagRun | None":
        """Return the run before this one, the latest in `state` if it is given."""
        row = self._ports.previous_run(self.dag_id, self._facts.logical_date, state)
        return None if row is None else DagRun(row, self.dag_id, self._ports)

    def __repr__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self._facts.logical_date}: {self.run_id}, {self.state}>"


class OtherTaskInstance(NamedTuple):
    """A task instance of the same run, as `dag_run.get_task_instances` tells of it."""

    dag_id: str
    task_id: str
    run_id: str
    state: TaskState
    map_index: int = -1

    def current_state(self) -> TaskState:
        """Return its state when it was asked for."""
        return self.state
