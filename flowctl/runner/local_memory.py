"""What does a run in this process have, and what does it leave? All of it in memory."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from flowctl.authoring.dag_run import DagRun, OtherTaskInstance
from flowctl.authoring.ports import (
    ConnectionRecord,
    InMemoryPorts,
    Ports,
    RunAnswer,
    RunQuery,
    RunRequest,
    RunRow,
    StateQuery,
    StateRow,
    XComQuery,
    XComRow,
)
from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.attempt import Outcome, RunFacts
from flowctl.core.states import RunState, TaskState
from flowctl.runner.local_instances import Instance, Instances

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

    def runs(self, query: RunQuery) -> Sequence[RunRow]:
        return self._behind.runs(query) if self._behind else ()

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
        run = DagRun(self.run, self.run.dag_id, self.ports)
        return [OtherTaskInstance(run, row, self.ports) for row in self.state_rows()]

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
