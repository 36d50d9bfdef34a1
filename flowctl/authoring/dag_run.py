"""What user code finds under `dag_run`: Airflow's names over the facts of a run and its tasks.

A view: what is not in the facts is asked of the ports when user code asks.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flowctl.authoring import ports as asking
from flowctl.authoring.moments import shown, utc_moment
from flowctl.authoring.ports import Ports, RunQuery, RunRow, StateQuery, StateRow, XComQuery
from flowctl.authoring.pulling import is_single, listed, pull
from flowctl.authoring.xcom import XCOM_RETURN_KEY
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


class TaskInstanceKey(NamedTuple):
    """What names one try of one task instance."""

    dag_id: str
    task_id: str
    run_id: str
    try_number: int = 1
    map_index: int = -1


def log_url(base_url: str, key: TaskInstanceKey) -> str:
    """Return where the web server shows the log of a try."""
    query = {
        "dag_run_id": key.run_id,
        "task_id": key.task_id,
        "map_index": key.map_index,
        "tab": "logs",
    }
    return f"{base_url}/dags/{key.dag_id}/grid?{urlencode(query)}"


class OfRun:
    """A task instance as a part of its run."""

    dag_run: Any
    state: TaskState | None

    @property
    def execution_date(self) -> "pendulum.DateTime":
        """Return the logical date of the run."""
        return self.logical_date

    @property
    def logical_date(self) -> "pendulum.DateTime":
        """Return the logical date of the run."""
        found: pendulum.DateTime = self.dag_run.logical_date
        return found

    def current_state(self, session: Any = None) -> TaskState | None:  # noqa: ARG002 - Airflow's signature
        """Return its state when it was asked for."""
        return self.state

    def get_dagrun(self, session: Any = None) -> "DagRun":  # noqa: ARG002 - Airflow's signature
        """Return its run."""
        found: DagRun = self.dag_run
        return found


class OtherTaskInstance(OfRun):
    """A task instance that is not running here, as others of its run are told of it."""

    def __init__(self, run: "DagRun", row: StateRow, ports: Ports, base_url: str = "") -> None:
        self._row = row
        self._ports = ports
        self._base_url = base_url
        self.dag_run = run
        self.dag_id = run.dag_id
        self.run_id = run.run_id
        self.task_id = row.task_id
        self.map_index = row.map_index
        self.state = None if row.state == TaskState.NONE else TaskState(row.state)
        """None as long as nothing has been decided."""
        self.try_number = row.try_number
        self.max_tries = row.max_tries
        self.operator = row.operator
        self.pool = row.pool
        self.pool_slots = row.pool_slots
        self.queue = row.queue
        self.priority_weight = row.priority_weight
        self.hostname = row.host or ""
        self.rendered_map_index = row.rendered_map_index
        self.note = row.note

    @property
    def key(self) -> TaskInstanceKey:
        """Return what names its latest try."""
        return TaskInstanceKey(
            self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index
        )

    @property
    def log_url(self) -> str:
        """Return where the web server shows the log of its latest try."""
        return log_url(self._base_url, self.key)

    @property
    def queued_dttm(self) -> "pendulum.DateTime | None":
        """Return when its latest try was queued."""
        return moment(self._row.queued_at)

    @property
    def start_date(self) -> "pendulum.DateTime | None":
        """Return when its latest try started."""
        return moment(self._row.start_date)

    @property
    def end_date(self) -> "pendulum.DateTime | None":
        """Return when its latest try ended."""
        return moment(self._row.end_date)

    @property
    def duration(self) -> float | None:
        """Return how many seconds its latest try took, None if it has not ended."""
        row = self._row
        if row.start_date is None or row.end_date is None:
            return None
        return (row.end_date - row.start_date).total_seconds()

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
        """Return what tasks left under `key`, as `TaskInstance.xcom_pull` does."""
        query = XComQuery(
            dag_id=dag_id or self.dag_id,
            run_id=run_id or self.run_id,
            task_ids=listed(task_ids),
            map_indexes=listed(map_indexes),
            key=key,
            include_prior_dates=include_prior_dates,
        )
        single = is_single(task_ids) and is_single(map_indexes)
        return pull(self._ports, query, single=single, default=default)

    def __repr__(self) -> str:
        mapped = f" map_index={self.map_index}" if self.map_index >= 0 else ""
        return f"<TaskInstance: {self.dag_id}.{self.task_id} {self.run_id}{mapped} [{self.state}]>"


class DagRun:
    """One run of a DAG, as user code sees it."""

    def __init__(
        self, facts: RunFacts | RunRow, dag_id: str, ports: Ports, base_url: str = ""
    ) -> None:
        self._facts = facts
        self._ports = ports
        self._base_url = base_url
        self.dag_id = dag_id
        self.run_id = facts.run_id
        self.run_type = RunType(facts.run_type)
        self.conf: dict[str, Any] = dict(facts.conf)
        self.state = RunState(facts.state)
        self.id = getattr(facts, "pk", None)
        self.external_trigger = facts.external_trigger

    @classmethod
    def find(
        cls,
        dag_id: str | list[str] | None = None,
        run_id: str | Iterable[str] | None = None,
        execution_date: datetime | Iterable[datetime] | None = None,
        state: str | None = None,
        external_trigger: bool | None = None,
        no_backfills: bool = False,
        run_type: str | None = None,
        session: Any = None,  # noqa: ARG003 - Airflow's signature
        execution_start_date: datetime | None = None,
        execution_end_date: datetime | None = None,
    ) -> list["DagRun"]:
        """Return the runs that match what is given, the oldest first."""
        runs = found(
            dag_id=dag_id,
            run_id=run_id,
            execution_date=execution_date,
            state=state,
            external_trigger=external_trigger,
            run_type=run_type,
            execution_start_date=execution_start_date,
            execution_end_date=execution_end_date,
        )
        return [run for run in runs if not (no_backfills and run.is_backfill)]

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
        self,
        state: str | Iterable[str | None] | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> list["OtherTaskInstance"]:
        """Return the task instances of the run, those in `state` if it is given."""
        wanted = {state} if isinstance(state, str) else set(state or ())
        return [ti for ti in self._instances() if not wanted or ti.state in wanted]

    def get_task_instance(
        self,
        task_id: str,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
        *,
        map_index: int = -1,
    ) -> "OtherTaskInstance | None":
        """Return one task instance of the run, None if it has no such one."""
        return next((ti for ti in self._instances(task_id) if ti.map_index == map_index), None)

    def _instances(self, task_id: str | None = None) -> list["OtherTaskInstance"]:
        """Return the instances of one task, or of all."""
        one = None if task_id is None else [task_id]
        rows = self._ports.state_rows(
            StateQuery(self.dag_id, run_ids=[self.run_id], task_ids=one, every_task=one is None)
        )
        return [OtherTaskInstance(self, row, self._ports, self._base_url) for row in rows]

    def get_previous_dagrun(
        self,
        state: str | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> "DagRun | None":
        """Return the run before this one, the latest in `state` if it is given."""
        row = self._ports.previous_run(self.dag_id, self._facts.logical_date, state)
        return None if row is None else DagRun(row, self.dag_id, self._ports, self._base_url)

    def __repr__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self._facts.logical_date}: {self.run_id}, {self.state}>"


def found(
    *,
    dag_id: str | Iterable[str] | None,
    run_id: str | Iterable[str] | None = None,
    execution_date: datetime | Iterable[datetime] | None = None,
    state: str | Iterable[str] | None = None,
    external_trigger: bool | None = None,
    run_type: str | None = None,
    execution_start_date: datetime | None = None,
    execution_end_date: datetime | None = None,
    newest: bool = False,
) -> list[DagRun]:
    """Return the runs that match what is given, the oldest first; None means any.

    Args:
        newest: return only the one with the latest logical date.
    """
    dates = [execution_date] if isinstance(execution_date, datetime) else execution_date
    query = RunQuery(
        dag_ids=listed(dag_id),
        run_ids=listed(run_id),
        logical_dates=None if dates is None else [_plain(date) for date in dates],
        since=execution_start_date and _plain(execution_start_date),
        until=execution_end_date and _plain(execution_end_date),
        states=listed(state),
        run_types=listed(run_type),
        external_trigger=external_trigger,
        newest=newest,
    )
    ports = asking.current()
    return [DagRun(row, row.dag_id, ports) for row in ports.runs(query)]


def _plain(date: datetime) -> datetime:
    moment = utc_moment(date, "a date of runs that are looked for")
    assert moment is not None
    return moment
