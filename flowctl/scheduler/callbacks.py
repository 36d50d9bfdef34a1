"""Callbacks whose own process is gone: of runs, and of attempts that were killed; and mails.

Each is a row, so none is lost; it is removed when a process ran it to its end. A callback that
kills its process is tried `TRIES_MAX` times. A mail is sent once; it can be sent again only when
the machine dies in the moment between the server's answer and the note that it was given.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Engine, Row, delete, not_, select

from flowctl.core.attempt import CALLBACK_S_MAX, Order
from flowctl.core.run import Run
from flowctl.executors.contract import Executor
from flowctl.scheduler.lateness import SLA_MISS
from flowctl.scheduler.orders import run_facts
from flowctl.store import callbacks as callback_rows
from flowctl.store import lease, run_reader
from flowctl.store.engine import reading, writing
from flowctl.store.schema import callback, dag_run, task_instance
from flowctl.store.versions import Versions

LOG = logging.getLogger("flowctl.scheduler")

TRIES_MAX = 3
AT_ONCE_MAX = 16  # callbacks are not counted by any limit of the user
MAILS_AT_ONCE_MAX = 6  # of those, so that a mail server that hangs holds up no callbacks

_OF_TASK = (
    task_instance.c.task_id,
    task_instance.c.map_index,
    task_instance.c.max_tries,
    task_instance.c.resumed,
)


class Callbacks:
    """Starts what is due, each once at a time."""

    def __init__(self, engine: Engine, executor: Executor, term: int) -> None:
        self._engine = engine
        self._executor = executor
        self._term = term
        self._under_way: dict[int, bool] = {}  # True: a mail

    def ended(self, pks: list[int]) -> None:
        """Note that the processes of these are gone; a row that is still there is due again."""
        for pk in pks:
            self._under_way.pop(pk, None)

    def forget(self) -> None:
        """Note that it is not known any more which are under way."""
        self._under_way.clear()

    def start(self, now: datetime) -> None:
        """Have the callbacks run that are due, as far as there is room."""
        room = AT_ONCE_MAX - len(self._under_way)
        if room <= 0:
            return
        with reading(self._engine) as conn:
            rows = self._rows(conn, room)
            due = [row for row in rows if row.started < TRIES_MAX]
            orders = _orders(conn, due, self._term) if due else []
        if not rows:
            return
        given_up = [row.id for row in rows if row.started >= TRIES_MAX]
        with writing(self._engine) as conn:
            lease.hold(conn, self._term, now)
            callback_rows.started(conn, [row.id for row in due])
            conn.execute(delete(callback).where(callback.c.id.in_(given_up)))
        for pk in given_up:
            LOG.error("callback %d ended its process %d times; it is given up", pk, TRIES_MAX)
        self._under_way |= {row.id: _is_mail(row.event) for row in due}
        self._executor.start(orders)

    def _rows(self, conn: Connection, room: int) -> Sequence[Row[Any]]:
        """Return what is due and has room: the oldest, and mails only so far."""
        is_mail = callback.c.event.startswith(callback_rows.MAIL, autoescape=True)
        wanted = (
            select(callback, *_OF_TASK, dag_run.c.end_date.label("run_end"))
            .join(dag_run, dag_run.c.id == callback.c.dag_run_id)
            .outerjoin(task_instance, task_instance.c.id == callback.c.ti_id)
            .where(callback.c.id.not_in(self._under_way))
            .order_by(callback.c.id)
        )
        room_for_mails = min(room, MAILS_AT_ONCE_MAX - sum(self._under_way.values()))
        others = conn.execute(wanted.where(not_(is_mail)).limit(room)).all()
        if room_for_mails <= 0 or len(others) == room:
            return others
        mails = conn.execute(wanted.where(is_mail).limit(room_for_mails)).all()
        return [*others, *mails][:room]


def _is_mail(event: str) -> bool:
    return event.startswith(callback_rows.MAIL)


def _addresses(run: Run, row: Row[Any]) -> tuple[str, ...]:
    names = [row.task_id] if _is_mail(row.event) else []
    if row.event == SLA_MISS:
        names = json.loads(row.reason)
    found = [run.graph.tasks[name].email for name in names if name in run.graph.tasks]
    return tuple(dict.fromkeys(address for email in found for address in email))


def _orders(conn: Connection, rows: list[Row[Any]], term: int) -> list[Order]:
    runs = {
        run.pk: run
        for run in run_reader.read_runs(conn, Versions(), {row.dag_run_id for row in rows})
    }
    return [
        Order(
            run=structs.replace(run_facts(runs[row.dag_run_id]), end_date=row.run_end),
            ti_id=row.ti_id or 0,
            try_number=row.try_number,
            resumed=row.resumed or 0,
            task_id=row.task_id or "",
            map_index=row.map_index if row.map_index is not None else -1,
            term=term,
            max_tries=row.max_tries or 0,
            timeout_s=CALLBACK_S_MAX,
            callback_id=row.id,
            event=row.event,
            reason=row.reason,
            addresses=_addresses(runs[row.dag_run_id], row),
        )
        for row in rows
    ]
