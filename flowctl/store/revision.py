"""The revision of a run: raised by whoever changes it or one of its task instances.

Raising it locks the run, in the order of the ids, so that two writers never wait for each other in
a circle. Changed rows are stamped with the new value; whoever keeps a run sees what moved.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from flowctl.store.batches import batches
from flowctl.store.schema import dag_run, task_instance


def raise_for(conn: Connection, run_pks: Iterable[int], now: datetime) -> dict[int, int]:
    """Raise the revision of these runs, which locks them; return the new ones."""
    raised: dict[int, int] = {}
    for pks in batches(run_pks):
        if conn.dialect.name == "postgresql" and len(pks) > 1:
            conn.execute(
                select(dag_run.c.id).where(dag_run.c.id.in_(pks)).order_by("id").with_for_update()
            )
        rows = conn.execute(
            update(dag_run)
            .where(dag_run.c.id.in_(pks))
            .values(revision=dag_run.c.revision + 1, updated_at=now)
            .returning(dag_run.c.id, dag_run.c.revision)
        )
        raised |= dict(rows.all())
    return raised


def stamped(conn: Connection, revisions: Mapping[int, int]) -> dict[int, int]:
    """Return the rows that bear these revisions, with their try numbers."""
    columns = task_instance.c
    wanted = select(columns.id, columns.revision, columns.try_number)
    return {
        ti_id: try_number
        for ids in batches(revisions)
        for ti_id, revision, try_number in conn.execute(wanted.where(columns.id.in_(ids)))
        if revisions[ti_id] == revision
    }
