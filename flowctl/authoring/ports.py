"""What user code may ask the world for: variables, connections, XComs, other runs.

`authoring` needs data but must not see the metastore. Whoever runs user code (the runner, the
parser, a user's own test) calls `use(ports)` first. Values cross as JSON text; who reads decodes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from flowctl import clock
from flowctl.errors import FlowctlError


class ConnectionRecord(msgspec.Struct, omit_defaults=True):
    """A stored connection with its secrets in clear. `extra` is text, usually JSON."""

    conn_id: str
    conn_type: str = ""
    description: str | None = None
    host: str | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    port: int | None = None
    extra: str | None = None


class XComQuery(msgspec.Struct, omit_defaults=True):
    """Which XComs are wanted; None means any."""

    dag_id: str
    run_id: str | None = None
    task_ids: list[str] | None = None
    map_indexes: list[int] | None = None
    key: str = "return_value"
    include_prior_dates: bool = False


class XComRow(msgspec.Struct, omit_defaults=True):
    """One XCom; `value` is JSON text."""

    task_id: str
    run_id: str
    value: str
    map_index: int = -1
    key: str = "return_value"


class RunQuery(msgspec.Struct, omit_defaults=True):
    """Which runs are wanted; None means any."""

    dag_ids: list[str] | None = None
    run_ids: list[str] | None = None
    logical_dates: list[datetime] | None = None
    since: datetime | None = None  # of the logical date, included
    until: datetime | None = None  # likewise
    states: list[str] | None = None
    run_types: list[str] | None = None
    external_trigger: bool | None = None
    newest: bool = False  # only the one with the latest logical date


class RunRow(msgspec.Struct, omit_defaults=True):
    """One DAG run, as asked for by `runs` and `previous_run`."""

    run_id: str
    run_type: str
    state: str
    logical_date: datetime
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    conf: dict[str, Any] = {}
    dag_id: str = ""
    external_trigger: bool = False


class StateQuery(msgspec.Struct, omit_defaults=True):
    """Which states are wanted: of runs, or of tasks in them; None means any.

    The runs are named by their logical dates or by their ids. Without tasks and group the runs
    themselves are meant, or with `every_task` all tasks in them.
    """

    dag_id: str
    logical_dates: list[datetime] | None = None
    run_ids: list[str] | None = None
    task_ids: list[str] | None = None
    group_id: str | None = None
    every_task: bool = False


class StateRow(msgspec.Struct, omit_defaults=True):
    """The state of one run, or with `task_id` of one task instance in it and how it came to it."""

    run_id: str
    logical_date: datetime
    state: str
    task_id: str = ""
    map_index: int = -1
    try_number: int = 0
    max_tries: int = 0
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    operator: str = ""
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str = "default"
    priority_weight: int = 1
    host: str | None = None
    rendered_map_index: str | None = None
    note: str | None = None


class DagOutline(msgspec.Struct, omit_defaults=True):
    """What a DAG consists of, by its newest version."""

    task_ids: list[str] = []
    group_ids: list[str] = []


class Resumption(msgspec.Struct, omit_defaults=True):
    """How a deferred task goes on; `kwargs` and `event` are JSON text.

    Without `event`: `error` says why there is none; without both the time was over.
    """

    kwargs: str = "{}"
    event: str | None = None
    error: str | None = None
    traceback: str | None = None


class RunRequest(msgspec.Struct, omit_defaults=True):
    """A run that a task wants to start; None means that flowctl chooses."""

    dag_id: str
    run_id: str | None = None
    logical_date: datetime | None = None
    conf: dict[str, Any] = {}
    note: str | None = None
    clears: bool = False  # a run that is there is cleared, so that it runs again
    unless_paused: bool = False
    ti_id: int = 0  # which task instance asks; 0 is nobody that could ask twice
    try_number: int = 0
    number: int = 0  # counts the requests of one try


class RunAnswer(msgspec.Struct, omit_defaults=True):
    """What became of a `RunRequest`; without `run` there is no such DAG, or it is paused."""

    how: Literal["started", "cleared", "there", "paused", "absent"]
    run: RunRow | None = None


class AssetRow(msgspec.Struct, omit_defaults=True):
    """One asset."""

    uri: str
    name: str
    group: str = "asset"
    extra: dict[str, Any] = {}


class AssetQuery(msgspec.Struct, omit_defaults=True):
    """Which assets, or which events of them: by the first of these that is given."""

    run_pk: int | None = None  # events that made this run due
    uri: str | None = None
    name: str | None = None
    alias: str | None = None  # assets updated, or events made, through it
    after: datetime | None = None
    before: datetime | None = None
    newest_first: bool = False
    limit: int | None = None


class AssetEventRow(msgspec.Struct, omit_defaults=True):
    """One update of an asset; the source is empty for an update from outside."""

    id: int
    asset: AssetRow
    at: datetime
    extra: dict[str, Any] = {}
    source_dag_id: str | None = None
    source_run_id: str | None = None
    source_task_id: str | None = None
    source_map_index: int = -1
    source_run: RunRow | None = None
    aliases: list[str] = []

    @property
    def uri(self) -> str:
        """Return the URI of the asset."""
        return self.asset.uri


class Ports(Protocol):
    """The questions. Every method may raise `FlowctlError` when the other side cannot answer."""

    def variable(self, key: str) -> str | None:
        """Return the stored text of a variable, or None when there is none."""

    def set_variable(self, key: str, value: str, description: str | None = None) -> None:
        """Store a variable, replacing an older value."""

    def delete_variable(self, key: str) -> bool:
        """Delete a variable; say whether there was one."""

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        """Return a stored connection, or None when there is none."""

    def xcoms(self, query: XComQuery) -> Sequence[XComRow]:
        """Return the XComs that match, newest run first, then by task and map index.

        Where no task is named, the one that was pushed last comes first of all.
        """

    def push_xcom(self, ti_id: int, key: str, value: str) -> None:
        """Store one XCom of a task instance at once; `value` is JSON text."""

    def previous_run(
        self, dag_id: str, before: datetime, state: str | None = None
    ) -> RunRow | None:
        """Return the latest run of a DAG with a logical date before `before`."""

    def runs(self, query: RunQuery) -> Sequence[RunRow]:
        """Return the runs that match, the oldest first."""

    def start_run(self, request: RunRequest) -> RunAnswer:
        """Start a run of another DAG, once however often the same request is made.

        The same is a request with the same number of the same try, or of the try before that died:
        a task that is killed after it has started a run finds that run when it is tried again.
        """

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
        """Return the states of runs, or of tasks in them."""

    def resumption(self, ti_id: int) -> Resumption:
        """Return how a task instance goes on that was deferred."""

    def assets(self, query: AssetQuery) -> Sequence[AssetRow]:
        """Return the assets that match."""

    def asset_events(self, query: AssetQuery) -> Sequence[AssetEventRow]:
        """Return the events that match, the oldest first unless asked otherwise."""

    def dag_outline(self, dag_id: str) -> DagOutline | None:
        """Return what a DAG consists of, None when no file defines it."""

    def first_start(self, ti_id: int, first_try: int) -> datetime | None:
        """Return when a task instance was started first, of the tries from `first_try` on."""


class NoPorts:
    """What is in place until somebody calls `use`: every question is an error that says so."""

    def __getattr__(self, name: str) -> Any:
        raise FlowctlError(
            f"{name}: there is no metastore to ask here; run the file with flowctl,"
            " or call flowctl.authoring.ports.use(InMemoryPorts()) in a test"
        )


class InMemoryPorts:
    """Ports over dicts, for users' own tests and for `dag.test()`."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.connections: dict[str, ConnectionRecord] = {}
        self.xcom_rows: dict[tuple[int, str], XComRow] = {}
        self.instances: dict[int, tuple[str, str, str, int]] = {}
        """ti_id -> dag_id, run_id, task_id, map_index; filled in by who starts attempts."""
        self.states: list[tuple[str, StateRow]] = []  # dag_id, and the state of a task instance
        self.resumptions: dict[int, Resumption] = {}
        self.started: dict[tuple[str, str], RunRow] = {}
        """Runs that tasks wanted to start, by dag_id and run_id; nothing runs them."""
        self.state_of_started = "queued"
        self.first_starts: dict[int, datetime] = {}
        self.outlines: dict[str, DagOutline] = {}

    def variable(self, key: str) -> str | None:
        return self.variables.get(key)

    def set_variable(self, key: str, value: str, description: str | None = None) -> None:  # noqa: ARG002 - part of the contract
        self.variables[key] = value

    def delete_variable(self, key: str) -> bool:
        return self.variables.pop(key, None) is not None

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        return self.connections.get(conn_id)

    def xcoms(self, query: XComQuery) -> Sequence[XComRow]:
        return [
            row
            for (ti_id, key), row in reversed(self.xcom_rows.items())
            if key == query.key
            and self.instances[ti_id][0] == query.dag_id
            and (query.run_id is None or row.run_id == query.run_id)
            and (query.task_ids is None or row.task_id in query.task_ids)
            and (query.map_indexes is None or row.map_index in query.map_indexes)
        ]

    def push_xcom(self, ti_id: int, key: str, value: str) -> None:
        _dag_id, run_id, task_id, map_index = self.instances[ti_id]
        self.xcom_rows.pop((ti_id, key), None)  # the one pushed last stands last
        self.xcom_rows[ti_id, key] = XComRow(task_id, run_id, value, map_index, key)

    def previous_run(
        self,
        dag_id: str,  # noqa: ARG002 - part of the contract
        before: datetime,  # noqa: ARG002
        state: str | None = None,  # noqa: ARG002
    ) -> RunRow | None:
        return None

    def runs(self, query: RunQuery) -> Sequence[RunRow]:  # noqa: ARG002 - part of the contract
        return ()

    def start_run(self, request: RunRequest) -> RunAnswer:
        date = request.logical_date or clock.utcnow()
        run_id = request.run_id or f"manual__{date.isoformat()}"
        there = self.started.get((request.dag_id, run_id))
        if there:
            return RunAnswer("cleared" if request.clears else "there", there)
        row = RunRow(run_id, "manual", self.state_of_started, date, date, date, conf=request.conf)
        self.started[request.dag_id, run_id] = row
        return RunAnswer("started", row)

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
        if query.every_task or query.task_ids is not None or query.group_id:
            return [
                row
                for dag_id, row in self.states
                if dag_id == query.dag_id
                and (query.run_ids is None or row.run_id in query.run_ids)
                and (query.every_task or row.task_id in (query.task_ids or ()))
            ]
        return [
            StateRow(run_id, row.logical_date, row.state)
            for (dag_id, run_id), row in self.started.items()
            if dag_id == query.dag_id
            and (query.run_ids is None or run_id in query.run_ids)
            and (query.logical_dates is None or row.logical_date in query.logical_dates)
        ]

    def resumption(self, ti_id: int) -> Resumption:
        return self.resumptions[ti_id]

    def assets(self, query: AssetQuery) -> Sequence[AssetRow]:  # noqa: ARG002 - part of the contract
        return ()

    def asset_events(self, query: AssetQuery) -> Sequence[AssetEventRow]:  # noqa: ARG002
        return ()

    def dag_outline(self, dag_id: str) -> DagOutline | None:
        return self.outlines.get(dag_id)

    def first_start(self, ti_id: int, first_try: int) -> datetime | None:  # noqa: ARG002 - part of the contract
        return self.first_starts.get(ti_id)


_current: Ports = NoPorts()


def use(ports: Ports) -> None:
    """Make `ports` answer from now on in this process."""
    global _current
    _current = ports


def current() -> Ports:
    """Return who answers in this process."""
    return _current
