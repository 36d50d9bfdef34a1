"""Deleting what is old or too much: finished runs, XComs, versions, audit rows ...

What that is, a `core.retention.Policy` says. Here it is found and deleted, by the scheduler now and
then and by `flowctl db clean`, with one `Sweep` each. With a run goes all that belongs to it:
tasks, tries, XComs, deferrals.

Never what is unfinished or held, nor a run that the future leans on (`store.old_runs`). Of an asset
the latest update stays, which `inlet_events` show, and what a run has yet to see. Sessions are not
here: each login deletes those that are over. Nor are files: a row of `dag_file` goes with its file.
Log files are swept by `runner.log_sweep`.

Work comes in small steps, each bounded in the rows that it looks at and that it deletes, so that
nobody waits long for a writer. A run of many tasks loses them over several steps before it goes
itself; what is deleted is asked again in the transaction that deletes it.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, select, text

from flowctl.core.retention import PARTS as NAMES
from flowctl.core.retention import Policy, Retention
from flowctl.store import old_rows, old_runs, old_versions
from flowctl.store.old_rows import Gone, Page, Part, Place
from flowctl.store.schema import (
    UNFINISHED_RUNS,
    asset_event,
    asset_run_event,
    backfill,
    dag,
    dag_run,
    event,
    process,
    token,
)

ROWS_MAX = 500  # of one step of `flowctl db clean`: some 30 ms


class Sweep:
    """Goes once over all rows of some parts: `look`, and `delete` what was found, until the end."""

    def __init__(self, policy: Policy, parts: Iterable[str] = NAMES) -> None:
        self._policy = policy
        self._left = [(name, look) for name in parts for look in PARTS[name].looks]
        self._after: Place | None = None
        self._page = Page()

    @property
    def is_over(self) -> bool:
        """Say whether everything was looked at, and deleted where it may go."""
        return not self._left

    def look(self, conn: Connection, rows_max: int) -> bool:
        """Look at some more rows; say whether some of them may go."""
        _, look = self._left[0]
        self._page = look(conn, self._policy, self._after, rows_max)
        if not self._page.keys:
            self._go_on()
        return bool(self._page.keys)

    def count(self, conn: Connection) -> Gone:
        """Count what was found, and leave it there."""
        name, keys = self._left[0][0], self._page.keys
        self._go_on()
        return Gone(name, PARTS[name].rows(conn, keys))

    def delete(self, conn: Connection, rows_max: int) -> Gone:
        """Delete what was found and may still go; a part of it where that is very much."""
        name = self._left[0][0]
        gone = PARTS[name].delete(conn, self._policy, self._page.keys, rows_max)
        if gone.is_all:
            self._go_on()
        return gone._replace(part=name)

    def _go_on(self) -> None:
        self._after = self._page.after
        if self._after is None:
            del self._left[0]


def policies_of_dags(conn: Connection) -> dict[str, Retention]:
    """Return what DAGs say of their history, of those that do."""
    rows = conn.execute(select(dag.c.dag_id, dag.c.retention).where(dag.c.retention.is_not(None)))
    return {dag_id: msgspec.convert(said, Retention) for dag_id, said in rows}


def unfinished_runs(conn: Connection) -> list[tuple[str, str]]:
    """Return DAG and id of the runs that may still write to their logs."""
    runs = select(dag_run.c.dag_id, dag_run.c.run_id).where(text(UNFINISHED_RUNS))
    return [(row.dag_id, row.run_id) for row in conn.execute(runs)]


def _is_seen(update: FromClause) -> ColumnElement[bool]:
    """Say that an update of an asset is not its latest, and no run needs it any more."""
    newer = asset_event.alias("newer")
    is_followed = exists().where(newer.c.asset_id == update.c.asset_id, newer.c.id > update.c.id)
    waits = exists().where(
        asset_run_event.c.event_id == update.c.id,
        asset_run_event.c.dag_run_id.is_(None),
        asset_run_event.c.dag_id == dag.c.dag_id,
        dag.c.is_active,
    )
    is_in_use = exists().where(
        asset_run_event.c.event_id == update.c.id,
        asset_run_event.c.dag_run_id == dag_run.c.id,
        ~old_runs.is_finished(dag_run),
    )
    return and_(is_followed, ~waits, ~is_in_use)


def _has_no_open_run(row: FromClause) -> ColumnElement[bool]:
    return ~exists().where(dag_run.c.backfill_id == row.c.id, ~old_runs.is_finished(dag_run))


PARTS = {
    "dag_run": Part(
        "finished runs, with their tasks, tries and XComs",
        (old_runs.by_age, old_runs.by_count),
        old_runs.delete_runs,
    ),
    "xcom": Part(
        "XComs of finished runs", (old_runs.xcoms,), old_runs.delete_xcoms, old_runs.count_xcoms
    ),
    "asset_event": old_rows.by_itself(
        "asset_event",
        "updates of assets that no run needs",
        asset_event,
        "at",
        _is_seen,
        is_in_order=True,
    ),
    "backfill": old_rows.by_itself(
        "backfill",
        "backfills that have ended, not their runs",
        backfill,
        "completed_at",
        _has_no_open_run,
    ),
    "dag_version": Part(
        "versions of DAGs that no run has", (old_versions.versions,), old_versions.delete_versions
    ),
    "dag": Part(
        "DAGs that no file defines, without runs", (old_versions.dags,), old_versions.delete_dags
    ),
    "token": old_rows.by_itself("token", "tokens that have expired", token, "expires_at"),
    "log": old_rows.by_itself("log", "the audit trail", event, "at", is_in_order=True),
    "job": old_rows.by_itself("job", "daemons that are gone", process, "seen_at"),
}
"""By the names of `core.retention`."""
