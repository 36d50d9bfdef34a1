"""The runner's answers to what user code asks through `authoring.ports`.

A table of operations; each is one unit of work. What the database refuses for good becomes an
error in the task; an outage is raised, and the question is asked again later. The
secrets that are handed out are remembered, to be hidden in the logs of attempts that are killed.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl.authoring.masking import mask_secret
from flowctl.authoring.ports import (
    AssetQuery,
    RunQuery,
    RunRequest,
    RunRow,
    StateQuery,
    XComQuery,
)
from flowctl.core.attempt import Order
from flowctl.errors import FlowctlError
from flowctl.runner.messages import Answer, Ask
from flowctl.store import confs, connections, deferrals, run_requests, states, variables, xcoms
from flowctl.store.crypto import Cipher
from flowctl.store.engine import is_transient, reading, writing
from flowctl.store.queries import assets, tasks


def _json(text: str) -> Any:
    """Return what JSON says; nothing where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _nobody() -> None:
    """Wake nobody."""


class Desk:
    """Answers questions, with the keys to the secrets."""

    def __init__(
        self,
        engine: Engine,
        cipher: Cipher,
        *,
        wake: Callable[[], None] = _nobody,
        run_id_pattern: str = "",
    ) -> None:
        """Keep what is needed to answer.

        Args:
            wake: tells the scheduler that there is a new run.
            run_id_pattern: [scheduler] allowed_run_id_pattern.
        """
        self._engine = engine
        self.cipher = cipher
        self._wake = wake
        self._run_id_pattern = run_id_pattern
        self._reading: dict[str, Callable[..., Any]] = {
            "variable": self._variable,
            "connection": self._connection,
            "xcoms": self._xcoms,
            "previous_run": self._previous_run,
            "runs": self._runs,
            "state_rows": self._state_rows,
            "assets": self._assets,
            "asset_events": self._asset_events,
            "first_start": self._first_start,
            "dag_outline": self._dag_outline,
            "resumption": self._resumption,
        }
        self._writing: dict[str, Callable[..., Any]] = {
            "set_variable": self._set_variable,
            "delete_variable": self._delete_variable,
            "push_xcom": self._push_xcom,
            "start_run": self._start_run,
        }

    def answer(self, question: Ask, now: datetime) -> Answer:
        """Return the answer to one question.

        Raises:
            SQLAlchemyError: the metastore is away; ask again.
        """
        try:
            if question.op in self._reading:
                with reading(self._engine) as conn:
                    return Answer(self._reading[question.op](conn, *question.args))
            with writing(self._engine) as conn:
                answer = Answer(self._writing[question.op](conn, now, *question.args))
            if question.op == "start_run":
                self._wake()
            return answer
        except FlowctlError as error:
            return Answer(error=str(error))
        except (KeyError, TypeError, ValueError) as error:  # whoever asks may be of user code
            return Answer(error=f"{question.op}: not a question for flowctl: {error!r}")
        except SQLAlchemyError as error:
            if is_transient(error):
                raise
            return Answer(error=f"{question.op}: the metastore refused: {error}")

    def opened(self, order: Order) -> Order:
        """Return an order with the conf of its run as it was handed in.

        Raises:
            CipherError: a secret in it was sealed with another key.
        """
        if not order.run.conf:
            return order
        run = msgspec.structs.replace(order.run, conf=confs.opened(order.run.conf, self.cipher))
        return msgspec.structs.replace(order, run=run)

    def _shown(self, run: RunRow | None) -> RunRow | None:
        if run is not None:
            run.conf = confs.opened(run.conf, self.cipher)
        return run

    def _variable(self, conn: Connection, key: str) -> str | None:
        found = variables.get(conn, self.cipher, key)
        if found is None:
            return None
        mask_secret(found.value, key)
        mask_secret(_json(found.value), key)
        return found.value

    def _connection(self, conn: Connection, conn_id: str) -> Any:
        found = connections.get(conn, self.cipher, conn_id)
        if found is not None:
            mask_secret(found.password or "")
            mask_secret(_json(found.extra or ""))
        return found

    def _xcoms(self, conn: Connection, query: dict[str, Any]) -> Any:
        return xcoms.find(conn, msgspec.convert(query, XComQuery))

    def _previous_run(self, conn: Connection, dag_id: str, before: str, state: str | None) -> Any:
        moment = msgspec.convert(before, datetime)
        return self._shown(xcoms.previous_run(conn, dag_id, moment, state))

    def _runs(self, conn: Connection, query: dict[str, Any]) -> Any:
        return [self._shown(run) for run in xcoms.runs(conn, msgspec.convert(query, RunQuery))]

    def _start_run(self, conn: Connection, now: datetime, request: dict[str, Any]) -> Any:
        wanted = msgspec.convert(request, RunRequest)
        answer = run_requests.start(
            conn, wanted, now, cipher=self.cipher, id_pattern=self._run_id_pattern
        )
        self._shown(answer.run)
        return answer

    def _state_rows(self, conn: Connection, query: dict[str, Any]) -> Any:
        return states.found(conn, msgspec.convert(query, StateQuery))

    def _assets(self, conn: Connection, query: dict[str, Any]) -> Any:
        return assets.found(conn, msgspec.convert(query, AssetQuery))

    def _asset_events(self, conn: Connection, query: dict[str, Any]) -> Any:
        found = assets.events(conn, msgspec.convert(query, AssetQuery))
        for one in found:
            self._shown(one.source_run)
        return found

    def _dag_outline(self, conn: Connection, dag_id: str) -> Any:
        return states.outline(conn, dag_id)

    def _first_start(self, conn: Connection, ti_id: int, first_try: int) -> datetime | None:
        return tasks.first_start(conn, ti_id, first_try)

    def _resumption(self, conn: Connection, ti_id: int) -> Any:
        found = deferrals.resumption(conn, self.cipher, ti_id)
        if found is None:
            raise FlowctlError("nothing is known any more of what the task waited for")
        return found

    def _set_variable(
        self, conn: Connection, _now: datetime, key: str, value: str, description: str | None
    ) -> None:
        variables.put(conn, self.cipher, variables.Variable(key, value, description))

    def _delete_variable(self, conn: Connection, _now: datetime, key: str) -> bool:
        return variables.remove(conn, key)

    def _push_xcom(self, conn: Connection, now: datetime, ti_id: int, key: str, value: str) -> None:
        xcoms.push(conn, ti_id, key, value, now)
