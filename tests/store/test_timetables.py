"""What users' timetables answer becomes errors of files and data intervals of runs."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import dags, timetables, triggers
from flowctl.store.engine import reading, writing
from flowctl.store.queries import files
from flowctl.store.schema import dag_run

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = ScheduleSpec("own", timetable="mine.Odd")


def defined(engine: Engine, error: str | None = None) -> None:
    """Record a file of two DAGs with timetables of their own."""
    specs = tuple(DagSpec(name, "a.py", (TaskSpec("t"),), schedule=OWN) for name in ("x", "xy"))
    with writing(engine) as conn:
        dags.record(conn, ParsedFile("a.py", "1", specs, source=b"1", error=error), NOW)


def note(engine: Engine, dag_id: str, error: str | None) -> bool:
    with writing(engine) as conn:
        return timetables.note(conn, "a.py", dag_id, error, NOW)


def errors(engine: Engine) -> list[str]:
    with reading(engine) as conn:
        return [row.error for row in files.import_errors(conn)]


def test_an_error_is_shown_with_those_of_its_file_until_it_is_over(engine: Engine) -> None:
    defined(engine, "DAG 'z': nonsense")
    first, again = (
        note(engine, "x", "KeyError: 1\n\nTraceback"),
        note(engine, "x", "KeyError: 1\n\nTraceback"),
    )
    note(engine, "xy", "took too long")
    both = errors(engine)
    note(engine, "x", None)

    assert (first, again) == (True, False)
    assert both == [
        "DAG 'z': nonsense\n\nThe timetable of DAG 'x' does not answer: KeyError: 1\nTraceback"
        "\n\nThe timetable of DAG 'xy' does not answer: took too long"
    ]
    assert errors(engine) == [
        "DAG 'z': nonsense\n\nThe timetable of DAG 'xy' does not answer: took too long"
    ]


def test_a_file_without_other_errors_is_fine_again(engine: Engine) -> None:
    defined(engine)
    note(engine, "x", "KeyError: 1")
    note(engine, "x", None)

    assert errors(engine) == []


def test_a_manual_run_is_given_its_interval_once(engine: Engine) -> None:
    defined(engine)
    with writing(engine) as conn:
        pk = triggers.trigger(conn, triggers.Trigger("x"), "ann", NOW)
    for hours in (1, 2):
        with writing(engine) as conn:
            timetables.set_intervals(conn, {pk: (NOW - timedelta(hours=hours), NOW)}, NOW)

    with reading(engine) as conn:
        row = conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()
    assert (row.data_interval_start, row.data_interval_end) == (NOW - timedelta(hours=1), NOW)
