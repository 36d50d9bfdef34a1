"""The revision of a run: raised by whoever changes it or one of its task instances.

Raising it locks the run, in the order of the ids, so that two writers never wait for each other in
a circle. Changed rows are stamped with the new value; whoever keeps a run sees what moved.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from flowctl.store.prepared import Prepared
from flowctl.store.schema import Moment, dag_run, task_instance
from flowctl.store.together import Answer, Batch, together

AMONG = {
    "sqlite": "id IN (SELECT value FROM json_each(:ids))",
    "postgresql": "id = ANY(CAST(:ids AS bigint[]))",
}
"""One parameter for all ids, so that the statement is the same for any number of them."""

OF_ITS_RUN = (
    select(dag_run.c.revision)
    .where(dag_run.c.id == task_instance.c.dag_run_id)
    .correlate(task_instance)
    .scalar_subquery()
)
"""What a statement stamps a task instance with whose run was raised before, in its transaction."""


def _prepared(statement: str) -> dict[str, Prepared]:
    now = bindparam("now", type_=Moment())
    texts = {name: text(statement.format(among=among)) for name, among in AMONG.items()}
    return {
        name: Prepared(found.bindparams(now) if ":now" in statement else found)
        for name, found in texts.items()
    }


_LOCK = _prepared("SELECT id FROM dag_run WHERE {among} ORDER BY id FOR UPDATE")
_RAISE = _prepared(
    "UPDATE dag_run SET revision = revision + 1, updated_at = :now WHERE {among}"
    " RETURNING id, revision"
)
_STAMPED = _prepared("SELECT id, revision, try_number FROM task_instance WHERE {among}")


def raise_for(conn: Connection, run_pks: Iterable[int], now: datetime) -> dict[int, int]:
    """Raise the revision of these runs, which locks them; return the new ones."""
    with together(conn) as batch:
        raised = ask(batch, run_pks, now)
    return told(raised)


def ask(batch: Batch, run_pks: Iterable[int], now: datetime) -> Answer | None:
    """Raise the revision of these runs together with other statements; `told` returns them."""
    pks = sorted(run_pks)
    if not pks:
        return None
    if len(pks) > 1 and batch.conn.dialect.name == "postgresql":
        _run(batch, _LOCK, pks)
    return _run(batch, _RAISE, pks, now=now)


def told(raised: Answer | None) -> dict[int, int]:
    """Return the revisions that were asked for, by run."""
    return {} if raised is None else dict(raised.all())


def stamped(conn: Connection, revisions: Mapping[int, int]) -> dict[int, int]:
    """Return the rows that bear these revisions, with their try numbers."""
    with together(conn) as batch:
        found = _run(batch, _STAMPED, list(revisions))
    rows = found.all()
    return {ti_id: number for ti_id, revision, number in rows if revisions[ti_id] == revision}


def _run(batch: Batch, statement: Mapping[str, Prepared], ids: list[int], **others: Any) -> Answer:
    dialect = batch.conn.dialect.name
    listed = json.dumps(ids) if dialect == "sqlite" else ids
    return batch.run(statement[dialect], [{"ids": listed, **others}])
