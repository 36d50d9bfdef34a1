"""Backfills as rows: what is made of each date, and of runs that are there already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from flowctl.core.backfill import BackfillError, Shape
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.store import backfill_runs, backfills, clears, dags, run_reader, runs, snapshot
from flowctl.store.backfills import Wanted
from flowctl.store.queries import backfills as queries
from flowctl.store.schema import dag_run, task_instance
from flowctl.store.versions import Versions

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
DAILY = ScheduleSpec("cron", expression="0 0 * * *", timezone="UTC", summary="@daily")
TASKS = (TaskSpec("a", depends_on_past=False), TaskSpec("b", upstream=("a",)))


@pytest.fixture
def filled(conn: Connection) -> Connection:
    """Give a unit of work with a daily DAG."""
    spec = DagSpec("d", "d.py", TASKS, schedule=DAILY, start_date=DAY)
    dags.record(conn, ParsedFile("d.py", "1", (spec,), source=b"1"), NOW)
    return conn


def create(conn: Connection, days: int = 2, **options: Any) -> int:
    wanted = Wanted("d", DAY, DAY + timedelta(days=days - 1), **options)
    pk = backfills.create(conn, wanted, "me", NOW)
    assert pk is not None
    return pk


def make_all(conn: Connection) -> None:
    """Make what the scheduler would make, whatever the limits."""
    owner = snapshot.read_dags(conn, Versions(), ["d"])[0]
    while waiting := backfill_runs.read_open(conn)[0].waiting:
        for key in waiting:
            backfill_runs.make(conn, key, owner, NOW)


def there(conn: Connection, state: RunState, *states: TaskState) -> None:
    """Let a scheduled run of the first day be there."""
    graph, version_pk = clears.newest(conn, "d")
    pk = runs.create(
        conn,
        graph=graph,
        version_pk=version_pk,
        run_id="scheduled__1",
        run_type=RunType.SCHEDULED,
        logical_date=DAY,
        interval=None,
        now=NOW,
        conf={"old": 1},
    )
    ended = NOW if state in backfill_runs.ENDED else None
    conn.execute(
        dag_run.update().where(dag_run.c.id == pk).values(state=state.value, end_date=ended)
    )
    for name, one in zip("ab", states, strict=False):
        conn.execute(
            task_instance.update()
            .where(task_instance.c.dag_run_id == pk, task_instance.c.task_id == name)
            .values(state=one.value, end_date=NOW)
        )


def outcome(conn: Connection, pk: int) -> list[tuple[Any, Any, Any]]:
    return [(row.run_id, row.state, row.reason) for row in queries.dates_of(conn, pk)]


def test_each_date_gets_a_run_in_order(filled: Connection) -> None:
    """Their ids and type are Airflow's."""
    pk = create(filled, conf={"x": 1}, run_backwards=True)
    make_all(filled)

    assert outcome(filled, pk) == [
        ("backfill__2026-03-02T00:00:00+00:00", "queued", None),
        ("backfill__2026-03-01T00:00:00+00:00", "queued", None),
    ]
    row = filled.execute(select(dag_run)).first()
    assert row is not None
    assert (row.run_type, row.conf, row.external_trigger) == ("backfill", {"x": 1}, False)
    assert row.data_interval_end - row.data_interval_start == timedelta(days=1)


@pytest.mark.parametrize(("existing", "is_filled"), [("none", False), ("completed", True)])
def test_what_a_backfill_would_do_is_known_before(
    filled: Connection, existing: str, is_filled: bool
) -> None:
    there(filled, RunState.SUCCESS)
    wanted = Wanted("d", DAY, DAY + timedelta(days=1), existing=existing)

    assert backfills.foreseen(filled, wanted, NOW) == [
        (DAY, RunState.SUCCESS, is_filled),
        (DAY + timedelta(days=1), None, True),
    ]


GOOD, BAD, NONE = TaskState.SUCCESS, TaskState.FAILED, TaskState.NONE
RUNS = [  # existing, state of the run that is there; becomes one of the backfill, tasks afterwards
    ("none", RunState.SUCCESS, None, [GOOD, BAD]),
    ("none", RunState.RUNNING, None, [GOOD, BAD]),
    ("failed", RunState.SUCCESS, None, [GOOD, BAD]),
    ("failed", RunState.FAILED, True, [NONE, NONE]),
    ("completed", RunState.SUCCESS, True, [NONE, NONE]),
    ("completed", RunState.RUNNING, None, [GOOD, BAD]),
    ("resume", RunState.FAILED, True, [GOOD, BAD]),
    ("rerun_failed", RunState.FAILED, True, [GOOD, NONE]),
    ("reset", RunState.SUCCESS, True, [NONE, NONE]),
    ("reset", RunState.RUNNING, None, [GOOD, BAD]),
]


@pytest.mark.parametrize(("existing", "state", "taken", "tasks"), RUNS)
def test_a_run_that_is_there(
    filled: Connection,
    existing: str,
    state: RunState,
    taken: bool | None,
    tasks: list[TaskState],
) -> None:
    """It is left alone, or becomes one of the backfill; its id stays."""
    there(filled, state, GOOD, BAD)
    pk = create(filled, days=1, existing=existing)
    make_all(filled)

    reason = "already exists" if state in backfill_runs.ENDED else "in flight"
    wanted = ("scheduled__1", "queued", None) if taken else (None, None, reason)
    assert outcome(filled, pk) == [wanted]
    row = filled.execute(select(dag_run)).one()
    assert row.run_type == ("backfill" if taken else "scheduled")
    states = select(task_instance.c.state).order_by(task_instance.c.task_id)
    assert list(filled.scalars(states)) == [one.value for one in tasks]


def test_the_scheduler_makes_no_second_run_of_a_date_that_was_filled(filled: Connection) -> None:
    """And takes no backfill for the latest run of the schedule."""
    create(filled, days=1)
    make_all(filled)

    assert runs.is_filled(filled, "d", DAY)
    assert not runs.is_filled(filled, "d", DAY + timedelta(days=1))
    assert snapshot.read_dags(filled, Versions(), ["d"])[0].last_interval is None


def test_a_run_sees_its_dag_as_the_backfill_wants_it_while_that_is_open(
    filled: Connection,
) -> None:
    """Afterwards it is a run like all others."""
    pk = create(filled, days=1, shape=Shape(task_ids=("b",), pool="slow"))
    make_all(filled)
    run_pk = filled.scalar(select(dag_run.c.id)) or 0

    run = run_reader.read_runs(filled, Versions(), [run_pk])[0]
    assert (run.backfill, list(run.tasks)) == (pk, ["b"])
    assert (run.graph.tasks["b"].pool, run.graph.tasks["b"].upstream) == ("slow", ())

    backfills.cancel(filled, pk, "me", NOW)
    run = run_reader.read_runs(filled, Versions(), [run_pk])[0]
    assert (run.backfill, run.graph.tasks["b"].pool) == (None, "default_pool")


def test_what_is_open_is_read_with_the_dates_that_come_next(filled: Connection) -> None:
    """As many as may run at once; a failure is seen."""
    pk = create(filled, days=5, max_active_runs=2, stops_on_failure=True)
    backfills.pause(filled, pk, "me", NOW)
    one = backfill_runs.read_open(filled)[0]

    assert (one.id, one.is_paused, len(one.waiting), one.has_failed) == (pk, True, 2, False)
    there_too = snapshot.read_dags(filled, Versions(), ["d"])[0]
    backfill_runs.make(filled, one.waiting[0], there_too, NOW)
    filled.execute(dag_run.update().values(state="failed", end_date=NOW))
    assert backfill_runs.read_open(filled)[0].has_failed


def test_a_date_is_made_once(filled: Connection) -> None:
    """Also when it is asked for twice."""
    create(filled, days=1)
    key = backfill_runs.read_open(filled)[0].waiting[0]
    owner = snapshot.read_dags(filled, Versions(), ["d"])[0]

    assert backfill_runs.make(filled, key, owner, NOW) is not None
    assert backfill_runs.make(filled, key, owner, NOW) is None


def test_what_makes_no_sense_is_refused(filled: Connection) -> None:
    """With what to do."""
    with pytest.raises(BackfillError, match="is after the last"):
        backfills.create(filled, Wanted("d", NOW, DAY), "me", NOW)
    with pytest.raises(BackfillError, match="there is no DAG 'x'"):
        backfills.create(filled, Wanted("x", DAY, DAY), "me", NOW)
    assert (
        backfills.create(
            filled, Wanted("d", DAY + timedelta(1, 1), DAY + timedelta(1, 9)), "me", NOW
        )
        is None
    )
    pk = create(filled)
    with pytest.raises(
        BackfillError, match=f"has an open backfill, {pk}; .*flowctl backfill cancel"
    ):
        create(filled)
    backfills.cancel(filled, pk, "me", NOW)
    with pytest.raises(BackfillError, match="has ended: cancelled"):
        backfills.pause(filled, pk, "me", NOW)


def test_tasks_that_depend_on_the_run_before_limit_what_can_be_asked(conn: Connection) -> None:
    """Not backwards, and not around runs that are there."""
    spec = DagSpec("d", "d.py", (TaskSpec("a", depends_on_past=True),), schedule=DAILY)
    dags.record(conn, ParsedFile("d.py", "1", (spec,), source=b"1"), NOW)
    with pytest.raises(BackfillError, match="cannot run backwards: a depend"):
        create(conn, run_backwards=True, existing="failed")
    with pytest.raises(BackfillError, match="--reprocess-behavior failed or completed"):
        create(conn)

    create(conn, existing="completed")
    make_all(conn)
    versions = Versions()
    pks = conn.scalars(select(dag_run.c.id).order_by(dag_run.c.logical_date)).all()
    found = {run.pk: run.previous_pk for run in run_reader.read_runs(conn, versions, pks)}
    assert found == {pks[0]: None, pks[1]: pks[0]}


def test_a_dag_may_refuse_backfills(conn: Connection) -> None:
    """`allowed_run_types` of Airflow 3."""
    spec = DagSpec(
        "d",
        "d.py",
        TASKS,
        schedule=DAILY,
        start_date=DAY,
        allowed_run_types=("manual", "scheduled"),
    )
    dags.record(conn, ParsedFile("d.py", "1", (spec,), source=b"1"), NOW)

    with pytest.raises(BackfillError, match=r"may not be backfilled: .* are manual, scheduled"):
        create(conn)
