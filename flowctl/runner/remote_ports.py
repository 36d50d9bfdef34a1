"""What user code asks the world for, put as questions; and asked of the runner over its socket.

The runner may be away for a moment (it restarts, the database is down): a question is repeated
until it is answered, for at most `PATIENCE_S`.
"""

import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

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
from flowctl.runner import messages, sockets
from flowctl.runner.channel import Channel, Closed

PATIENCE_S = 600.0  # an outage of the database should not fail tasks; a day of it may
PAUSE_S = 0.2


class Asking:
    """`authoring.ports.Ports` whose every question goes to one `_answer`."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._turn = threading.Lock()  # user code may have threads
        self.was_asked = False

    def variable(self, key: str) -> str | None:
        answer: str | None = self._ask("variable", str | None, key)
        return answer

    def set_variable(self, key: str, value: str, description: str | None = None) -> None:
        self._ask("set_variable", None, key, value, description)

    def delete_variable(self, key: str) -> bool:
        answer: bool = self._ask("delete_variable", bool, key)
        return answer

    def connection(self, conn_id: str) -> ConnectionRecord | None:
        answer: ConnectionRecord | None = self._ask("connection", ConnectionRecord | None, conn_id)
        return answer

    def xcoms(self, query: XComQuery) -> Sequence[XComRow]:
        answer: list[XComRow] = self._ask("xcoms", list[XComRow], query)
        return answer

    def push_xcom(self, ti_id: int, key: str, value: str) -> None:
        self._ask("push_xcom", None, ti_id, key, value)

    def previous_run(
        self, dag_id: str, before: datetime, state: str | None = None
    ) -> RunRow | None:
        answer: RunRow | None = self._ask("previous_run", RunRow | None, dag_id, before, state)
        return answer

    def runs(self, query: RunQuery) -> Sequence[RunRow]:
        answer: list[RunRow] = self._ask("runs", list[RunRow], query)
        return answer

    def start_run(self, request: RunRequest) -> RunAnswer:
        answer: RunAnswer = self._ask("start_run", RunAnswer, request)
        return answer

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
        answer: list[StateRow] = self._ask("state_rows", list[StateRow], query)
        return answer

    def resumption(self, ti_id: int) -> Resumption:
        answer: Resumption = self._ask("resumption", Resumption, ti_id)
        return answer

    def assets(self, query: AssetQuery) -> Sequence[AssetRow]:
        answer: list[AssetRow] = self._ask("assets", list[AssetRow], query)
        return answer

    def asset_events(self, query: AssetQuery) -> Sequence[AssetEventRow]:
        answer: list[AssetEventRow] = self._ask("asset_events", list[AssetEventRow], query)
        return answer

    def dag_outline(self, dag_id: str) -> DagOutline | None:
        answer: DagOutline | None = self._ask("dag_outline", DagOutline | None, dag_id)
        return answer

    def first_start(self, ti_id: int, first_try: int) -> datetime | None:
        answer: datetime | None = self._ask("first_start", datetime | None, ti_id, first_try)
        return answer

    def _ask(self, op: str, shape: Any, *args: Any) -> Any:
        """Return the answer in the shape that the caller promises."""
        if os.getpid() != self._owner:
            self._part()
        self.was_asked = True
        with self._turn:
            answer = self._answer(messages.Ask(op, list(args)))
        if answer.error is not None:
            raise FlowctlError(answer.error)
        return msgspec.convert(answer.value, shape)

    def _part(self) -> None:
        """Speak for oneself in a process that was forked from the owner."""
        self._owner = os.getpid()
        self._turn = threading.Lock()

    def _answer(self, question: messages.Ask) -> messages.Answer:
        raise NotImplementedError


class RemotePorts(Asking):
    """The ports of an attempt, and of the import of its file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._channel: Channel[messages.Answer] | None = None

    def _part(self) -> None:
        super()._part()
        self._channel = None  # answers must not mix

    def _answer(self, question: messages.Ask) -> messages.Answer:
        give_up = time.monotonic() + PATIENCE_S
        pause = threading.Event()
        while True:
            try:
                if self._channel is None:
                    self._channel = Channel(self._connect(), messages.ANSWER)
                self._channel.send(question)
                return self._channel.receive()[0]
            except (Closed, OSError) as error:
                self._channel = None
                if time.monotonic() > give_up:
                    raise FlowctlError(
                        f"{question.op}: the runner has not answered for {PATIENCE_S:.0f} s; is the"
                        " scheduler running? See: flowctl jobs check"
                    ) from error
                pause.wait(PAUSE_S)

    def _connect(self) -> socket.socket:
        return sockets.connect(self._path)
