"""A task starts a run: exactly one, also when it is killed and tried again.

The audit row of a run that a task started names the task instance, its try and which request of
that try it was. A request that was made before is found by it: the same one, repeated because its
answer was lost; or that of the try before, if that try died and so could tell nobody. A try that
ended by itself made its requests on purpose: the next one starts new runs, as in Airflow.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from flowctl.authoring.ports import RunAnswer, RunRequest, RunRow
from flowctl.store import clears, events, triggers
from flowctl.store.crypto import Cipher
from flowctl.store.queries import runs as queries
from flowctl.store.schema import dag, dag_run, event, task_instance, task_try

ACTOR_LENGTH_MAX = 500


def _facts(row: Row[Any]) -> RunRow:
    return RunRow(**{name: getattr(row, name) for name in RunRow.__struct_fields__})


def start(
    conn: Connection,
    request: RunRequest,
    now: datetime,
    *,
    cipher: Cipher | None = None,
    id_pattern: str = "",
) -> RunAnswer:
    """Start the run, or return the one that this request has started already.

    The run comes with its conf as it is kept. Wake the scheduler after the commit.

    Raises:
        TriggerError: what was given is not allowed.
    """
    before = _made_before(conn, request)
    if before is not None:
        return RunAnswer("started", _facts(before))
    if request.unless_paused and _is_paused(conn, request.dag_id):
        return RunAnswer("paused")
    actor = _actor(conn, request.ti_id)
    detail = {"ti": request.ti_id, "try": request.try_number, "number": request.number}
    wanted = triggers.Trigger(
        request.dag_id,
        request.run_id,
        request.logical_date,
        request.conf,
        keep_microseconds=True,
        note=request.note,
    )
    try:
        pk = triggers.trigger(
            conn, wanted, actor, now, cipher=cipher, id_pattern=id_pattern, detail=detail
        )
    except triggers.NoSuchDag:
        return RunAnswer("absent")
    except triggers.RunExists as there:
        return _there(conn, request, there.run_id, actor, detail, now)
    return RunAnswer("started", _facts(_run(conn, dag_run.c.id == pk)))


def _there(
    conn: Connection,
    request: RunRequest,
    run_id: str,
    actor: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> RunAnswer:
    """Answer with the run that is there, cleared if that is wanted."""
    how: Literal["there", "cleared"] = "there"
    if request.clears:
        how = "cleared"
        wanted = clears.Clear((request.dag_id,), run_ids=(run_id,))
        clears.clear(conn, wanted, actor, now)
        events.record(
            conn, "trigger", actor, at=now, dag_id=request.dag_id, run_id=run_id, detail=detail
        )
    row = queries.one(conn, request.dag_id, run_id)
    assert row is not None
    return RunAnswer(how, _facts(row))


def _made_before(conn: Connection, request: RunRequest) -> Row[Any] | None:
    """Return the run that this request has started, or None."""
    first = conn.scalar(
        select(func.min(task_try.c.queued_at)).where(task_try.c.ti_id == request.ti_id)
    )
    if first is None:  # nobody that could ask twice
        return None
    rows = conn.execute(
        select(event.c.run_id, event.c.detail)
        .where(event.c.dag_id == request.dag_id, event.c.at >= first, event.c.name == "trigger")
        .order_by(event.c.id.desc())
    )
    for row in rows:
        made = row.detail or {}
        if (made.get("ti"), made.get("number")) == (request.ti_id, request.number):
            if _all_died(conn, request.ti_id, made["try"], request.try_number):
                return queries.one(conn, request.dag_id, row.run_id)
            return None
    return None


def _all_died(conn: Connection, ti_id: int, first: int, until: int) -> bool:
    """Say whether none of the tries from `first` to the one before `until` ended by itself."""
    ended_by_itself = select(task_try.c.id).where(
        task_try.c.ti_id == ti_id,
        task_try.c.try_number.between(first, until - 1),
        task_try.c.exit_code == 0,
    )
    return conn.execute(ended_by_itself.limit(1)).first() is None


def _is_paused(conn: Connection, dag_id: str) -> bool:
    return bool(conn.scalar(select(dag.c.is_paused).where(dag.c.dag_id == dag_id)))


def _actor(conn: Connection, ti_id: int) -> str:
    row = conn.execute(
        select(dag_run.c.dag_id, task_instance.c.task_id)
        .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
        .where(task_instance.c.id == ti_id)
    ).one_or_none()
    return f"task {row.dag_id}.{row.task_id}"[:ACTOR_LENGTH_MAX] if row else "task"


def _run(conn: Connection, condition: Any) -> Row[Any]:
    return conn.execute(select(dag_run).where(condition)).one()
