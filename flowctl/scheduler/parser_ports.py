"""What DAG files may ask while they are parsed: variables and connections, to read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from sqlalchemy import Engine

from flowctl.authoring.ports import (
    AssetEventRow,
    AssetQuery,
    AssetRow,
    ConnectionRecord,
    DagOutline,
    Resumption,
    RunAnswer,
    RunQuery,
    RunRequest,
    RunRow,
    StateQuery,
    StateRow,
    XComQuery,
    XComRow,
)
from flowctl.errors import FlowctlError
from flowctl.store import connections, variables
from flowctl.store.crypto import Cipher
from flowctl.store.engine import reading


class ReadOnlyPorts:
    """`authoring.ports.Ports` over the metastore, without what writes or belongs to runs."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    def variable(self, key: str) -> str | None:
        with reading(self._engine) as conn:
            found = variables.get(conn, self._cipher, key)
        return None if found is None else found.value

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        with reading(self._engine) as conn:
            return connections.get(conn, self._cipher, conn_id)

    def set_variable(self, key: str, value: str, description: str | None = None) -> None:  # noqa: ARG002 - part of the contract
        _refuse("set a variable")

    def delete_variable(self, key: str) -> bool:  # noqa: ARG002 - part of the contract
        _refuse("delete a variable")

    def xcoms(self, query: XComQuery) -> Sequence[XComRow]:  # noqa: ARG002 - part of the contract
        _refuse("pull an XCom")

    def push_xcom(self, ti_id: int, key: str, value: str) -> None:  # noqa: ARG002 - part of the contract
        _refuse("push an XCom")

    def previous_run(
        self,
        dag_id: str,  # noqa: ARG002 - part of the contract
        before: datetime,  # noqa: ARG002
        state: str | None = None,  # noqa: ARG002
    ) -> RunRow | None:
        _refuse("ask for a run")

    def runs(self, query: RunQuery) -> Sequence[RunRow]:  # noqa: ARG002 - part of the contract
        _refuse("ask for runs")

    def start_run(self, request: RunRequest) -> RunAnswer:
        _refuse(f"start a run of {request.dag_id!r}")

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:  # noqa: ARG002 - part of the contract
        _refuse("ask for states")

    def resumption(self, ti_id: int) -> Resumption:  # noqa: ARG002 - part of the contract
        _refuse("go on")

    def assets(self, query: AssetQuery) -> Sequence[AssetRow]:  # noqa: ARG002 - part of the contract
        _refuse("ask for assets")

    def asset_events(self, query: AssetQuery) -> Sequence[AssetEventRow]:  # noqa: ARG002
        _refuse("ask for asset events")

    def dag_outline(self, dag_id: str) -> DagOutline | None:  # noqa: ARG002 - part of the contract
        _refuse("ask what another DAG consists of")

    def first_start(self, ti_id: int, first_try: int) -> datetime | None:  # noqa: ARG002 - part of the contract
        _refuse("ask when a task was started")


def _refuse(what: str) -> NoReturn:
    raise FlowctlError(f"a DAG file cannot {what} while it is parsed; do it in a task")
