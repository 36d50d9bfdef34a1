"""What the answers of users' own timetables change: errors of files, data intervals of runs."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from flowctl.core.timetables import Interval
from flowctl.store import revision
from flowctl.store.schema import dag_file, dag_run


def note(conn: Connection, file: str, dag_id: str, error: str | None, now: datetime) -> bool:
    """Have the import error of a DAG's file say what its timetable lacks; say if that is news.

    Args:
        file: as in `DagSpec.file`; the error of an archive is kept with the archive.
        error: why it does not answer; None: it does.
    """
    head = f"The timetable of DAG {dag_id!r} does not answer: "
    mine = dag_file.c.path.in_((file, file.rpartition("/")[0]))
    row = conn.execute(select(dag_file.c.path, dag_file.c.error).where(mine)).first()
    if row is None:
        return False
    others = [
        part for part in (row.error or "").split("\n\n") if part and not part.startswith(head)
    ]
    own = [] if error is None else [head + error.replace("\n\n", "\n")]
    text = "\n\n".join([*others, *own]) or None
    if text == row.error:
        return False
    news = {"error": text, "error_at": now if text else None}
    conn.execute(update(dag_file).where(dag_file.c.path == row.path).values(**news))
    return True


def set_intervals(conn: Connection, intervals: Mapping[int, Interval], now: datetime) -> None:
    """Give runs, by the keys of their rows, the data intervals that they wait for."""
    revision.raise_for(conn, intervals, now)
    for pk, (start, end) in intervals.items():  # few: a person started each
        conn.execute(
            update(dag_run)
            .where(dag_run.c.id == pk, dag_run.c.data_interval_start.is_(None))
            .values(data_interval_start=start, data_interval_end=end)
        )
