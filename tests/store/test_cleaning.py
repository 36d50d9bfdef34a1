"""Cleaning: what is old goes, what the future leans on stays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, insert, select, update

from flowctl.core.assets import AssetSpec, AssetUpdate, Condition
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import assets, backfills, cleaning, dags, snapshot
from flowctl.store.assets import Update
from flowctl.store.cleaning import PARTS, count, delete_batch
from flowctl.store.schema import (
    account,
    asset_event,
    backfill,
    callback,
    dag_run,
    event,
    process,
    task_instance,
    token,
    xcom,
)
from flowctl.store.triggers import Trigger, trigger

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
LATER = FIRST + timedelta(days=365)


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


def left(conn: Connection, before: datetime = LATER) -> list[str]:
    """Clean, and return the ids of the runs that are left."""
    while delete_batch(conn, PARTS["dag_run"], before):
        pass
    return list(conn.scalars(select(dag_run.c.run_id).order_by(dag_run.c.logical_date)))


def test_only_what_is_old_goes(conn: Connection) -> None:
    for day in range(4):
        run(conn, day)

    assert count(conn, PARTS["dag_run"], FIRST + timedelta(days=2)) == 2
    assert left(conn, FIRST + timedelta(days=2)) == ["2", "3"]
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


def test_it_goes_in_batches(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "ROWS_MAX", 2)
    for day in range(4):
        run(conn, day)

    sizes = [delete_batch(conn, PARTS["dag_run"], LATER) for _ in range(3)]
    assert sizes == [2, 1, 0]


def test_values_of_unfinished_runs_stay(conn: Connection) -> None:
    for day, state in enumerate(["success", "running"]):
        pk = run(conn, day, state=state)
        ti_id = conn.scalar(select(task_instance.c.id).where(task_instance.c.dag_run_id == pk))
        for at in (FIRST, LATER):
            values = {"ti_id": ti_id, "key": at.isoformat(), "value": "1", "created_at": at}
            conn.execute(insert(xcom).values(values))

    assert count(conn, PARTS["xcom"], LATER) == 1
    assert delete_batch(conn, PARTS["xcom"], LATER) == 1
    assert delete_batch(conn, PARTS["xcom"], LATER) == 0


def test_events_and_daemons_go_by_their_age(conn: Connection) -> None:
    for at in (FIRST, LATER):
        conn.execute(insert(event).values(at=at, name="n", actor="me"))
        signs = {"kind": "scheduler", "host": "h", "pid": 1, "started_at": FIRST, "seen_at": at}
        conn.execute(insert(process).values(signs))

    assert delete_batch(conn, PARTS["log"], LATER) == 1
    assert delete_batch(conn, PARTS["job"], LATER) == 1
    assert list(conn.scalars(select(process.c.seen_at))) == [LATER]


def updates(conn: Connection) -> list[int]:
    """Clean the updates of assets; return the keys of those that are left."""
    while delete_batch(conn, PARTS["asset_event"], LATER):
        pass
    return list(conn.scalars(select(asset_event.c.id).order_by(asset_event.c.id)))


def test_updates_of_assets_stay_until_a_run_has_seen_them(conn: Connection) -> None:
    """The latest stays for good."""
    on_a = ScheduleSpec("assets", condition=Condition("asset", "a"))
    waiter = DagSpec("w", "w.py", (TaskSpec("t"),), schedule=on_a, assets=(AssetSpec("a", "a"),))
    dags.record(conn, ParsedFile("w.py", "1", (waiter,), b"1"), FIRST, paused_at_creation=False)
    said = Update(AssetUpdate(AssetSpec("a", "a")))
    assets.record(conn, [said, said], FIRST)
    assert updates(conn) == [1, 2]  # no run has them

    owner = snapshot.read_dags(conn, snapshot.Versions(), ["w"])[0]
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
    assert not delete_batch(conn, PARTS["backfill"], LATER)  # it is open

    backfills.end(conn, pk, "success", FIRST)
    cleared = run(conn, 1, state="running")
    conn.execute(update(dag_run).where(dag_run.c.id == cleared).values(backfill_id=pk))
    assert not delete_batch(conn, PARTS["backfill"], LATER)
    ended = {"state": "success", "end_date": FIRST}
    conn.execute(update(dag_run).where(dag_run.c.id == cleared).values(ended))
    assert delete_batch(conn, PARTS["backfill"], LATER) == 1


def test_a_token_goes_when_it_has_expired(conn: Connection) -> None:
    who = {"username": "u", "email": "e", "created_at": FIRST, "changed_at": FIRST}
    pk = conn.execute(insert(account).values(who).returning(account.c.id)).scalar_one()
    for name, expires_at in (("old", FIRST), ("new", LATER)):
        row = {"name": name, "digest": name, "created_at": FIRST, "expires_at": expires_at}
        conn.execute(insert(token).values(account_id=pk, **row))

    assert delete_batch(conn, PARTS["token"], LATER) == 1
    assert list(conn.scalars(select(token.c.name))) == ["new"]
