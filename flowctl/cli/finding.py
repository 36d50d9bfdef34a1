"""From what a person typed to a row: a DAG, a run by its id or date, a task."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row

from flowctl.cli.lazy import Failure
from flowctl.cli.options import moment
from flowctl.core.spec import DagSpec
from flowctl.late import Late
from flowctl.store import passing
from flowctl.store.queries import dags, files, runs, tasks

if TYPE_CHECKING:
    import difflib
else:
    difflib = Late("difflib")


def dag(conn: Connection, dag_id: str) -> Row[Any]:
    """Return the row of a DAG.

    Raises:
        Failure: there is none; the message names one that is spelled nearly so.
    """
    row = dags.one(conn, dag_id)
    if row is None:
        known = [other.dag_id for other in dags.found(conn)]
        errors = "; some files cannot be read: flowctl dags list-import-errors"
        broken = errors if files.import_errors(conn) else ""
        raise Failure(f"there is no DAG {dag_id!r}{nearest(dag_id, known)}{broken}")
    return row


def spec(conn: Connection, dag_id: str) -> DagSpec:
    """Return the newest spec of a DAG. Raises Failure when there is no such DAG."""
    dag(conn, dag_id)
    found = dags.spec(conn, dag_id)
    assert found is not None
    return found


def run(conn: Connection, dag_id: str, run_id_or_date: str | None) -> Row[Any]:
    """Return a run by its id or logical date; without either the latest.

    Raises:
        Failure: there is no such run, or no such DAG.
    """
    if run_id_or_date is None:
        row = runs.latest(conn, dag_id)
    else:
        row = runs.one(conn, dag_id, run_id_or_date)
        date = moment(run_id_or_date)
        if row is None and date is not None:
            row = runs.at(conn, dag_id, date)
    if row is None:
        dag(conn, dag_id)
        named = "" if run_id_or_date is None else f" {run_id_or_date!r}"
        why = _passed_over(conn, dag_id, run_id_or_date or "")
        raise Failure(f"DAG {dag_id!r} has no run{named}; {why}flowctl dags list-runs -d {dag_id}")
    return row


def _passed_over(conn: Connection, dag_id: str, run_id_or_date: str) -> str:
    date = moment(run_id_or_date.removeprefix("scheduled__"))
    why = None if date is None else passing.reason(conn, dag_id, date)
    return "" if why is None else f"the scheduler passed it over: {why}; "


def task(conn: Connection, found_run: Row[Any], task_id: str, map_index: int = -1) -> Row[Any]:
    """Return a task instance of a run. Raises Failure when there is none."""
    row = tasks.one(conn, found_run.dag_id, found_run.run_id, task_id, map_index)
    if row is None:
        others = tasks.of_run(conn, found_run.id)
        instances = [other for other in others if other.task_id == task_id]
        if instances:
            raise Failure(_which(task_id, instances))
        known = [other.task_id for other in others]
        raise Failure(
            f"run {found_run.run_id!r} of DAG {found_run.dag_id!r} has no task"
            f" {task_id!r}{nearest(task_id, known)}"
        )
    return row


def _which(task_id: str, instances: list[Row[Any]]) -> str:
    """Say how the instances of a mapped task stand, and how to name one."""
    if [instance.map_index for instance in instances] == [-1]:
        return (
            f"task {task_id!r} has one instance: it is not mapped, or not expanded yet;"
            " leave out --map-index"
        )
    states = [instance.state for instance in instances]
    standing = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
    return (
        f"task {task_id!r} has {len(states)} instances ({standing}); say which one is meant:"
        f" --map-index 0 to {len(states) - 1}"
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what was perhaps meant."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def iso(date: Any) -> str:
    """Return a date as Airflow's lists show it; none is the empty text."""
    return date.isoformat() if date else ""
