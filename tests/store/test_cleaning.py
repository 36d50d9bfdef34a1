"""Cleaning: what is old goes, what the future leans on stays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from flowctl.core.assets import AssetSpec, AssetUpdate, Condition
from flowctl.core.parsed import ParsedFile
from flowctl.core.retention import Limits, Policy, Retention, older_than
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import assets, backfills, dags, snapshot
from flowctl.store.assets import Update
from flowctl.store.cleaning import Sweep, policies_of_dags
from flowctl.store.old_rows import Gone
from flowctl.store.schema import (
    account,
    asset_event,
    backfill,
    callback,
    dag,
    dag_run,
    dag_source,
    event,
    process,
    task_instance,
    token,
    xcom,
)
from flowctl.store.triggers import Trigger, trigger
from flowctl.store.versions import Versions

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
LATER = FIRST + timedelta(days=365)
ALL_OLD = older_than(LATER, LATER)


@pytest.fixture(autouse=True)
def _dag(conn: Connection) -> None:
    spec = DagSpec(dag_id="d", file="d.py", tasks=(TaskSpec("a"),))
    dags.record(conn, ParsedFile("d.py", "hash", (spec,), b"source"), FIRST)


def run(conn: Connection, day: int, *, run_type: str = "scheduled", state: str = "success") -> int:
    """Make a run of that day, which ended at once unless it is running."""
    at = FIRST + timedelta(days=day)
    pk = trigger(conn, Trigger("d", run_id=str(day), logical_date=at), "me", at)
    ended = None if state == "running" else at
    values = {"run_type": run_type, "state": state, "end_date": ended}
    conn.execute(update(dag_run).where(dag_run.c.id == pk).values(values))
    return pk


def swept(
    conn: Connection,
    *parts: str,
    policy: Policy = ALL_OLD,
    rows_max: int = 100,
    deletes: bool = True,
) -> list[Gone]:
    """Go over some parts once; return what was deleted, or found, in each step."""
    sweep, steps = Sweep(policy, parts), []
    while not sweep.is_over:
        if not sweep.look(conn, rows_max):
            continue
        steps.append(sweep.delete(conn, rows_max) if deletes else sweep.count(conn))
        while not steps[-1].is_all:
            steps.append(sweep.delete(conn, rows_max))
    return steps


def gone(conn: Connection, *parts: str, **how: Any) -> int:
    """Return how many rows one sweep deleted, or would have."""
    return sum(step.rows for step in swept(conn, *parts, **how))


def left(conn: Connection, policy: Policy = ALL_OLD) -> list[str]:
    """Clean, and return the ids of the runs that are left."""
    swept(conn, "dag_run", policy=policy)
    return list(conn.scalars(select(dag_run.c.run_id).order_by(dag_run.c.logical_date)))


def test_only_what_is_old_goes(conn: Connection) -> None:
    for day in range(4):
        run(conn, day)

    policy = older_than(FIRST + timedelta(days=2), LATER)
    assert gone(conn, "dag_run", policy=policy, deletes=False) == 2
    assert left(conn, policy) == ["2", "3"]
    assert conn.execute(select(func.count()).select_from(task_instance)).scalar_one() == 2


@pytest.mark.parametrize(
    ("runs", "kept"),
    [
        (("scheduled", "scheduled"), [1]),
        (("manual", "manual"), [1]),
        (("scheduled", "manual"), [0, 1]),  # the schedule goes on from its own last run
        (("scheduled", "scheduled", "manual"), [1, 2]),
        (("scheduled", "manual", "scheduled"), [2]),
    ],
)
def test_the_newest_run_stays(conn: Connection, runs: Sequence[str], kept: list[int]) -> None:
    for day, run_type in enumerate(runs):
        run(conn, day, run_type=run_type)

    assert left(conn) == [str(day) for day in kept]


def test_an_unfinished_run_stays_with_the_one_before_it(conn: Connection) -> None:
    """`depends_on_past` looks there, at the run before that was not started by hand."""
    for day, state in enumerate(["failed", "success", "running", "success", "success"]):
        run(conn, day, state=state)
    assert left(conn) == ["1", "2", "4"]


def test_a_run_started_by_hand_does_not_stand_for_a_scheduled_one(conn: Connection) -> None:
    run(conn, 0)
    run(conn, 1, run_type="manual")
    run(conn, 2, state="running")

    assert left(conn) == ["0", "1", "2"]


def test_a_run_whose_callback_is_due_stays(conn: Connection) -> None:
    pk = run(conn, 0)
    run(conn, 1)
    conn.execute(insert(callback).values(dag_run_id=pk, event="success", created_at=FIRST))

    assert left(conn) == ["0", "1"]


def test_it_goes_in_small_steps(conn: Connection) -> None:
    for day in range(4):
        run(conn, day)

    assert [step.rows for step in swept(conn, "dag_run", rows_max=5)] == [2, 1]


def test_a_run_of_many_tasks_goes_over_several_steps(conn: Connection) -> None:
    for day in range(2):
        pk = run(conn, day)
        rows = [{"dag_run_id": pk, "task_id": "m", "map_index": at} for at in range(5)]
        done = {"state": "success", "end_date": FIRST, "updated_at": FIRST, "revision": 1}
        conn.execute(insert(task_instance), [row | done for row in rows])

    steps = swept(conn, "dag_run", rows_max=2)
    assert [(step.rows, list(step.runs)) for step in steps] == [
        (0, []), (0, []), (1, [("d", "0")]), (0, []),
    ]  # fmt: skip
    assert conn.execute(select(func.count()).select_from(task_instance)).scalar_one() == 6


def test_values_of_unfinished_runs_stay(conn: Connection) -> None:
    for day, state in enumerate(["success", "running"]):
        pk = run(conn, day, state=state)
        ti_id = conn.scalar(select(task_instance.c.id).where(task_instance.c.dag_run_id == pk))
        for at in (FIRST, LATER):
            values = {"ti_id": ti_id, "key": at.isoformat(), "value": "1", "created_at": at}
            conn.execute(insert(xcom).values(values))

    assert gone(conn, "xcom", deletes=False) == 2
    assert gone(conn, "xcom", rows_max=1) == 2
    assert gone(conn, "xcom") == 0
    assert conn.execute(select(func.count()).select_from(xcom)).scalar_one() == 2


def test_events_and_daemons_go_by_their_age(conn: Connection) -> None:
    for at in (FIRST, LATER):
        conn.execute(insert(event).values(at=at, name="n", actor="me"))
        signs = {"kind": "scheduler", "host": "h", "pid": 1, "started_at": FIRST, "seen_at": at}
        conn.execute(insert(process).values(signs))

    assert gone(conn, "log") == 1
    assert gone(conn, "job") == 1
    assert list(conn.scalars(select(process.c.seen_at))) == [LATER]


def updates(conn: Connection) -> list[int]:
    """Clean the updates of assets; return the keys of those that are left."""
    swept(conn, "asset_event")
    return list(conn.scalars(select(asset_event.c.id).order_by(asset_event.c.id)))


def test_updates_of_assets_stay_until_a_run_has_seen_them(conn: Connection) -> None:
    """The latest stays for good."""
    on_a = ScheduleSpec("assets", condition=Condition("asset", "a"))
    waiter = DagSpec("w", "w.py", (TaskSpec("t"),), schedule=on_a, assets=(AssetSpec("a", "a"),))
    dags.record(conn, ParsedFile("w.py", "1", (waiter,), b"1"), FIRST, paused_at_creation=False)
    said = Update(AssetUpdate(AssetSpec("a", "a")))
    assets.record(conn, [said, said], FIRST)
    assert updates(conn) == [1, 2]  # no run has them

    owner = snapshot.read_dags(conn, Versions(), ["w"])[0]
    pk = assets.take(conn, owner, FIRST)
    assert updates(conn) == [1, 2]  # the run has not ended
    ended = {"state": "success", "end_date": FIRST}
    conn.execute(update(dag_run).where(dag_run.c.id == pk).values(ended))
    assert updates(conn) == [2]


def test_updates_that_wait_for_a_dag_that_is_gone_go(conn: Connection) -> None:
    on_a = ScheduleSpec("assets", condition=Condition("asset", "a"))
    waiter = DagSpec("w", "w.py", (TaskSpec("t"),), schedule=on_a, assets=(AssetSpec("a", "a"),))
    dags.record(conn, ParsedFile("w.py", "1", (waiter,), b"1"), FIRST)
    said = Update(AssetUpdate(AssetSpec("a", "a")))
    assets.record(conn, [said, said], FIRST)
    dags.record(conn, ParsedFile("w.py", ""), FIRST)

    assert updates(conn) == [2]


def test_a_backfill_goes_when_it_and_its_runs_have_ended(conn: Connection) -> None:
    values = {"dag_id": "d", "from_date": FIRST, "to_date": FIRST, "existing": "none"}
    values |= {"max_active_runs": 1, "actor": "me", "created_at": FIRST}
    new = insert(backfill).values(values).returning(backfill.c.id)
    pk = conn.execute(new).scalar_one()
    assert not gone(conn, "backfill")  # it is open

    backfills.end(conn, pk, "success", FIRST)
    cleared = run(conn, 1, state="running")
    conn.execute(update(dag_run).where(dag_run.c.id == cleared).values(backfill_id=pk))
    assert not gone(conn, "backfill")
    ended = {"state": "success", "end_date": FIRST}
    conn.execute(update(dag_run).where(dag_run.c.id == cleared).values(ended))
    assert gone(conn, "backfill") == 1


def test_a_token_goes_when_it_has_expired(conn: Connection) -> None:
    who = {"username": "u", "email": "e", "created_at": FIRST, "changed_at": FIRST}
    pk = conn.execute(insert(account).values(who).returning(account.c.id)).scalar_one()
    for name, expires_at in (("old", FIRST), ("new", LATER)):
        row = {"name": name, "digest": name, "created_at": FIRST, "expires_at": expires_at}
        conn.execute(insert(token).values(account_id=pk, **row))

    assert gone(conn, "token") == 1
    assert list(conn.scalars(select(token.c.name))) == ["new"]


# ------------------------------------------------------------------ limits of a site and of DAGs


def days(count: float) -> timedelta:
    return timedelta(days=count)


def limits(own: Retention | None = None, *, at: datetime, **said: Any) -> Policy:
    """Return a policy with a limit of runs by age, unless `said` says others."""
    return Policy(Limits(**said), {"d": own} if own else {}, at)


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        (None, 5),
        (Retention(age=days(2)), 3),
        (Retention(age=days(0)), 10),
        (Retention(age=days(7)), 8),
        (Retention(runs=4), 4),
        (Retention(age=days(0), runs=6), 6),
    ],
)
def test_a_dag_may_say_how_long_its_runs_are_kept(
    conn: Connection, own: Retention | None, kept: int
) -> None:
    for day in range(10):
        run(conn, day)
    policy = limits(own, at=FIRST + days(9), ages={"dag_run": days(4)})

    assert gone(conn, "dag_run", policy=policy, deletes=False) == 10 - kept
    assert left(conn, policy) == [str(day) for day in range(10 - kept, 10)]


def test_the_newest_runs_stay_however_old_they_are(conn: Connection) -> None:
    for day in range(5):
        run(conn, day)

    policy = limits(at=LATER, ages={"dag_run": days(1)}, runs_max=1, runs_kept=3)
    assert left(conn, policy) == ["2", "3", "4"]


def test_too_many_runs_go_a_few_at_a_time(conn: Connection) -> None:
    """Each look is bounded, also where nothing may go."""
    for day in range(9):
        run(conn, day, state="running" if day % 2 else "success")

    policy = limits(at=FIRST, runs_max=2)
    swept(conn, "dag_run", policy=policy, rows_max=2)
    assert left(conn, policy) == [str(day) for day in range(9)]  # each leans on the one before
    conn.execute(update(dag_run).where(dag_run.c.run_id < "5").values(ENDED))
    swept(conn, "dag_run", policy=policy, rows_max=2)
    assert left(conn, policy) == ["4", "5", "6", "7", "8"]


ENDED = {"state": "success", "end_date": FIRST}


def test_a_held_run_stays(conn: Connection) -> None:
    for day in range(3):
        run(conn, day)
    conn.execute(update(dag_run).where(dag_run.c.run_id == "0").values(held_by="me"))

    assert left(conn) == ["0", "2"]


def test_a_run_of_an_open_backfill_stays(conn: Connection) -> None:
    for day in range(3):
        run(conn, day)
    values = {"dag_id": "d", "from_date": FIRST, "to_date": FIRST, "existing": "none"}
    values |= {"max_active_runs": 1, "actor": "me", "created_at": FIRST}
    pk = conn.execute(insert(backfill).values(values).returning(backfill.c.id)).scalar_one()
    conn.execute(update(dag_run).where(dag_run.c.run_id == "0").values(backfill_id=pk))

    assert left(conn) == ["0", "2"]
    backfills.end(conn, pk, "success", FIRST)
    assert left(conn) == ["2"]


def parse(conn: Connection, source: str, dag_id: str = "d", at: datetime = FIRST) -> None:
    spec = DagSpec(dag_id=dag_id, file=f"{dag_id}.py", tasks=(TaskSpec("a"),))
    file = ParsedFile(f"{dag_id}.py", source, (spec,), source.encode())
    dags.record(conn, file, at)


def sources(conn: Connection) -> set[bytes]:
    return set(conn.scalars(select(dag_source.c.content)))


def test_versions_that_no_run_has_go(conn: Connection) -> None:
    """With their source, unless something else has that."""
    run(conn, 0)
    for source in ("second", "third"):
        parse(conn, source)

    assert gone(conn, "dag_version") == 1
    assert sources(conn) == {b"source", b"third"}


def test_of_many_versions_the_newest_stay(conn: Connection) -> None:
    for number in range(2, 9):
        parse(conn, str(number))

    assert gone(conn, "dag_version", policy=limits(at=FIRST, versions_max=3), rows_max=2) == 5
    assert sources(conn) == {b"6", b"7", b"8"}


def test_a_dag_that_no_file_defines_goes_in_the_end(conn: Connection) -> None:
    """Its last runs do not stay for a schedule that is no more."""
    run(conn, 0)
    parse(conn, "other", "e")
    vanished = FIRST + days(100)
    dags.record(conn, ParsedFile("d.py", ""), vanished)
    parts = ("dag_run", "dag_version", "dag")
    ages = dict.fromkeys(parts, days(30))

    swept(conn, *parts, policy=limits(at=vanished + days(29), ages=ages))
    assert list(conn.scalars(select(dag.c.dag_id).order_by(dag.c.dag_id))) == ["d", "e"]
    assert conn.scalar(select(func.count()).select_from(dag_run)) == 1
    swept(conn, *parts, policy=limits(at=vanished + days(31), ages=ages))
    assert list(conn.scalars(select(dag.c.dag_id))) == ["e"]
    assert sources(conn) == {b"other"}


def test_what_a_dag_says_is_read_from_its_row(conn: Connection) -> None:
    said = Retention(age=days(3), log_bytes=5)
    spec = DagSpec(dag_id="d", file="d.py", tasks=(TaskSpec("a"),), retention=said)
    dags.record(conn, ParsedFile("d.py", "2", (spec,), b"2"), FIRST)

    assert policies_of_dags(conn) == {"d": said}
