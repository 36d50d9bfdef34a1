"""How may a DAG file ask for variables and connections while it is parsed?

Its child has a socket to the parser, which answers from the metastore. Questions only: whatever
would change the metastore, or needs a run, is refused. An answer has a deadline.
"""

import socket
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from flowctl.authoring.ports import (
    AssetEventRow,
    AssetQuery,
    AssetRow,
    ConnectionRecord,
    DagOutline,
    Ports,
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
from flowctl.parsing.messages import Answer, Question, encode

PATIENCE_S = 10.0
ANSWER_BYTES_MAX = 2**20

_QUESTION = msgspec.msgpack.Decoder(Question)
_ANSWER = msgspec.msgpack.Decoder(Answer)


class AskingPorts:
    """`authoring.ports.Ports` for user code that is being parsed."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.settimeout(PATIENCE_S)
        self.was_asked = False

    def variable(self, key: str) -> str | None:
        return msgspec.convert(self._ask("variable", key), str | None)

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        return msgspec.convert(self._ask("connection", conn_id), ConnectionRecord | None)

    def set_variable(self, key: str, value: str, description: str | None = None) -> None:  # noqa: ARG002
        _refuse(f"set the variable {key!r}")

    def delete_variable(self, key: str) -> bool:
        _refuse(f"delete the variable {key!r}")

    def xcoms(self, query: XComQuery) -> Sequence[XComRow]:
        _refuse(f"read XComs of {query.dag_id!r}")

    def push_xcom(self, ti_id: int, key: str, value: str) -> None:  # noqa: ARG002
        _refuse(f"push the XCom {key!r}")

    def previous_run(
        self,
        dag_id: str,
        before: datetime,  # noqa: ARG002
        state: str | None = None,  # noqa: ARG002
    ) -> RunRow | None:
        _refuse(f"ask for runs of {dag_id!r}")

    def runs(self, query: RunQuery) -> Sequence[RunRow]:  # noqa: ARG002
        _refuse("ask for runs")

    def start_run(self, request: RunRequest) -> RunAnswer:
        _refuse(f"start a run of {request.dag_id!r}")

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
        _refuse(f"ask for states of {query.dag_id!r}")

    def resumption(self, ti_id: int) -> Resumption:  # noqa: ARG002
        _refuse("go on with a task that was deferred")

    def assets(self, query: AssetQuery) -> Sequence[AssetRow]:  # noqa: ARG002
        _refuse("ask for assets")

    def asset_events(self, query: AssetQuery) -> Sequence[AssetEventRow]:  # noqa: ARG002
        _refuse("ask for asset events")

    def dag_outline(self, dag_id: str) -> DagOutline | None:
        _refuse(f"ask what DAG {dag_id!r} consists of")

    def first_start(self, ti_id: int, first_try: int) -> datetime | None:  # noqa: ARG002
        _refuse("ask when a task was started")

    def _ask(self, op: str, *args: Any) -> Any:
        self.was_asked = True
        try:
            self._channel.send(encode(Question(op, args)))
            answer = _ANSWER.decode(self._channel.recv(ANSWER_BYTES_MAX))
        except (OSError, msgspec.MsgspecError) as error:
            raise FlowctlError(
                f"{op} {args[0]!r}: the scheduler did not answer: {error}"
            ) from error
        if answer.error is not None:
            raise FlowctlError(answer.error)
        return answer.value


def answer(question: bytes, ports: Ports) -> bytes:
    """Return the answer to what came from a child; nonsense and errors are answered as well."""
    try:
        asked = _QUESTION.decode(question)
        if asked.op not in ("variable", "connection"):
            raise FlowctlError(f"{asked.op}: not while a DAG file is parsed")
        reply = encode(Answer(getattr(ports, asked.op)(*asked.args)))
    except (FlowctlError, msgspec.MsgspecError, TypeError) as error:
        return encode(Answer(error=str(error)))
    if len(reply) > ANSWER_BYTES_MAX:
        return encode(Answer(error=f"{asked.op} {asked.args[0]!r} is too long for a DAG file"))
    return reply


def _refuse(what: str) -> NoReturn:
    raise FlowctlError(
        f"a DAG file cannot {what} while it is parsed; do it in a task, where there is a run"
    )
