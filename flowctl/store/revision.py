"""The revision of a run: raised by whoever changes it or one of its task instances.

Raising it locks the run, in the order of the ids, so that two writers never wait for each other in
a circle. Changed rows are stamped with the new value; whoever keeps a run sees what moved.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, bindparam, text

from flowctl.store.prepared import Prepared
from flowctl.store.schema import Moment

AMONG = {
    "sqlite": "id IN (SELECT value FROM json_each(:ids))",
    "postgresql": "id = ANY(CAST(:ids AS bigint[]))",
}
"""One parameter for all ids, so that the statement is the same for any number of them."""


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
    pks = sorted(run_pks)
    if len(pks) > 1 and conn.dialect.name == "postgresql":
        _run(conn, _LOCK, pks)
    return dict(_run(conn, _RAISE, pks, now=now).all()) if pks else {}


def stamped(conn: Connection, revisions: Mapping[int, int]) -> dict[int, int]:
    """Return the rows that bear these revisions, with their try numbers."""
    rows = _run(conn, _STAMPED, list(revisions))
    return {ti_id: number for ti_id, revision, number in rows if revisions[ti_id] == revision}


def _run(
    conn: Connection, statement: Mapping[str, Prepared], ids: list[int], **others: Any
) -> CursorResult[*tuple[Any, ...]]:
    dialect = conn.dialect.name
    listed = json.dumps(ids) if dialect == "sqlite" else ids
    return statement[dialect].run(conn, [{"ids": listed, **others}])
