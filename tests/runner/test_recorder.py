"""What happened to attempts reaches the metastore, whatever a single one of them left."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from flowctl.core.assets import AssetSpec, AssetUpdate
from flowctl.core.attempt import Order, Outcome, RunFacts
from flowctl.core.states import TaskState
from flowctl.runner.messages import Facts
from flowctl.runner.recorder import Recorder
from flowctl.store import database, schema
from flowctl.store.crypto import Cipher, new_key
from flowctl.store.engine import create, reading, writing
from tests.faults.disk import small_disk
from tests.store.rows import NOW, add_dag, add_run
from tests.support.postgres import unhurried

CIPHER = Cipher(new_key())


@pytest.fixture
def engine(metastore_url: str) -> Iterator[Engine]:
    """Give an engine on a metastore with its tables."""
    engine = create(unhurried(metastore_url))
    yield engine
    engine.dispose()


def test_an_outcome_that_the_metastore_refuses_does_not_hold_up_the_others(engine: Engine) -> None:
    """A value that is NULL stands for all that a database may refuse."""
    with writing(engine) as conn:
        states = [TaskState.RUNNING] * 2
        run = add_run(conn, "d", "r", states, version=add_dag(conn, "d"), try_number=1)
        bad, good = conn.scalars(select(schema.task_instance.c.id).order_by("id"))
    recorder = Recorder(engine, "host", CIPHER)
    facts = RunFacts(run, "d", "r", "manual", NOW)
    for ti_id, xcoms in ((bad, {"k": None}), (good, {"k": "1"})):
        outcome = Outcome(ti_id, 1, TaskState.SUCCESS, NOW, NOW, xcoms=xcoms)  # type: ignore[arg-type]
        recorder.ended(Order(facts, ti_id, 1), outcome, "a.log")

    told, done = recorder.commit(NOW)

    columns = schema.task_instance.c
    with reading(engine) as conn:
        rows = conn.execute(select(columns.state, columns.reason).order_by(columns.id)).all()
    assert [row.state for row in rows] == ["failed", "success"]
    assert "the metastore refuses what the task left (success)" in str(rows[0].reason)
    assert done == [(bad, 1), (good, 1)]
    assert [task.state for task in told.runs[0].tasks] == [TaskState.FAILED, TaskState.SUCCESS]


def test_a_start_is_told_once_it_is_old_enough_whatever_else_is_recorded(engine: Engine) -> None:
    """An attempt that ends soon is recorded once, although others end meanwhile."""
    with writing(engine) as conn:
        states = [TaskState.QUEUED] * 2
        run = add_run(conn, "d", "r", states, version=add_dag(conn, "d"), try_number=1)
        first, second = conn.scalars(select(schema.task_instance.c.id).order_by("id"))
    facts = RunFacts(run, "d", "r", "manual", NOW)
    told = []
    for held_s in (3600.0, 0.0):
        recorder = Recorder(engine, "host", CIPHER, started_held_s=held_s)
        recorder.started(Order(facts, second, 1), 7, NOW, "b.log")
        recorder.ended(
            Order(facts, first, 1), Outcome(first, 1, TaskState.SUCCESS, NOW, NOW), "a.log"
        )
        assert recorder.commit(NOW)[1] == [(first, 1)]
        told.append(recorder.has_work)

    columns = schema.task_instance.c
    with reading(engine) as conn:
        states = list(conn.scalars(select(columns.state).order_by(columns.id)))
    assert told == [True, False]
    assert states == ["success", "running"]


def a_run(engine: Engine, count: int) -> list[Order]:
    """Return the orders of a run whose tasks are all queued."""
    with writing(engine) as conn:
        states = [TaskState.QUEUED] * count
        run = add_run(conn, "d", "r", states, version=add_dag(conn, "d"), try_number=1)
        ids = list(conn.scalars(select(schema.task_instance.c.id).order_by("id")))
    facts = RunFacts(run, "d", "r", "manual", NOW)
    return [Order(facts, ti_id, 1) for ti_id in ids]


def success(order: Order, **left: Any) -> Outcome:
    return Outcome(order.ti_id, 1, TaskState.SUCCESS, NOW, NOW, **left)


def states_of(engine: Engine) -> list[str]:
    columns = schema.task_instance.c
    with reading(engine) as conn:
        return list(conn.scalars(select(columns.state).order_by(columns.id)))


def test_what_is_handed_over_is_kept_until_it_is_written(engine: Engine) -> None:
    (order,) = a_run(engine, 1)
    recorder = Recorder(engine, "here", CIPHER, handed_s=3600)
    recorder.ended(order, success(order), "a.log")

    (entry,) = recorder.hand_over()
    assert (entry.key, entry.log_path, entry.host) == (order.key, "a.log", "here")
    assert recorder.hand_over() == []
    assert recorder.commit(NOW)[1] == []
    assert (recorder.keys, states_of(engine)) == ({order.key}, ["queued"])

    assert recorder.written([order.key, (7, 7)]) == [order.key]
    assert not recorder.has_work
    assert recorder.written([order.key]) == []


def test_others_are_recorded_while_something_is_handed_over(engine: Engine) -> None:
    first, second, third = a_run(engine, 3)
    recorder = Recorder(engine, "here", CIPHER, started_held_s=0, handed_s=3600)
    recorder.ended(first, success(first), "a.log")
    recorder.hand_over()
    recorder.started(second, 7, NOW, "b.log")
    recorder.ended(third, success(third), "c.log")

    assert recorder.due_at == 0
    assert recorder.commit(NOW)[1] == [third.key]
    assert states_of(engine) == ["queued", "running", "success"]


def test_what_is_handed_over_puts_off_nothing_else(engine: Engine) -> None:
    """Where attempts wait for slots there may always be more to hand over."""
    odd, plain, begun = a_run(engine, 3)
    recorder = Recorder(engine, "here", CIPHER, started_held_s=0, handed_s=3600)
    recorder.has_time = True
    recorder.ended(odd, success(odd, skip=("t9",)), "a.log")
    recorder.started(begun, 7, NOW, "b.log")
    recorder.ended(plain, success(plain), "c.log")

    assert [entry.key for entry in recorder.hand_over()] == [plain.key]
    assert recorder.commit(NOW)[1] == [odd.key]
    assert recorder.commit(NOW) == (Facts([]), [])
    assert states_of(engine) == ["success", "queued", "running"]


@pytest.mark.parametrize("how", ["late", "given back"])
def test_what_the_leader_does_not_write_is_recorded(engine: Engine, how: str) -> None:
    (order,) = a_run(engine, 1)
    recorder = Recorder(engine, "here", CIPHER, handed_s=0 if how == "late" else 3600)
    recorder.ended(order, success(order), "a.log")
    recorder.hand_over()
    if how == "given back":
        recorder.take_back([order.key])

    assert recorder.due_at <= time.monotonic()
    assert recorder.hand_over() == []
    assert recorder.commit(NOW)[1] == [order.key]
    assert (recorder.has_work, states_of(engine)) == (False, ["success"])
    assert recorder.written([order.key]) == []


@pytest.mark.parametrize(
    "left",
    [
        {"skip": ("t1",)},
        {"assets": (AssetUpdate(AssetSpec("a", "a")),)},
        {"callback": "success"},
        {"xcoms": {"return_value": "1" * 10_000}},
    ],
    ids=lambda left: next(iter(left)),
)
def test_what_moves_more_than_its_task_is_not_handed_over(
    engine: Engine, left: dict[str, Any]
) -> None:
    """The plan of the scheduler would not know of it; and what is large would hold it up."""
    (order,) = a_run(engine, 1)
    recorder = Recorder(engine, "here", CIPHER)
    recorder.ended(order, success(order, **left), "a.log")

    assert recorder.hand_over() == []
    assert recorder.due_at == 0


def test_a_start_is_told_once_the_next_runner_would_know_of_it(engine: Engine) -> None:
    """Else, with this runner killed, a try is used up by a process that never began."""
    first, second = a_run(engine, 2)
    claimed: set[tuple[int, int]] = set()
    recorder = Recorder(
        engine, "here", CIPHER, started_held_s=0, is_claimed=lambda key: key in claimed
    )
    for order in (first, second):
        recorder.started(order, 7, NOW, "a.log")
    claimed.add(second.key)
    recorder.commit(NOW)
    assert states_of(engine) == ["queued", "running"]
    assert recorder.commit(NOW) == (Facts([]), [])

    claimed.add(first.key)
    recorder.commit(NOW)
    assert states_of(engine) == ["running", "running"]
    assert not recorder.has_work


def test_a_disk_without_room_for_sqlites_own_files_fails_no_task(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        engine = create(f"sqlite:///{disk.path / 'flowctl.db'}")
        database.create(engine)
        with writing(engine) as conn:
            states = [TaskState.RUNNING]
            run = add_run(conn, "d", "r", states, version=add_dag(conn, "d"), try_number=1)
            ti_id = conn.scalars(select(schema.task_instance.c.id)).one()
        recorder = Recorder(engine, "host", CIPHER)
        outcome = Outcome(ti_id, 1, TaskState.SUCCESS, NOW, NOW)
        recorder.ended(Order(RunFacts(run, "d", "r", "manual", NOW), ti_id, 1), outcome, "a.log")
        engine.dispose()  # as when the only connection is recycled
        disk.fill()
        with pytest.raises(OperationalError):
            recorder.commit(NOW)
        disk.free()
        recorder.commit(NOW)
        with reading(engine) as conn:
            state = conn.scalars(select(schema.task_instance.c.state)).one()
        engine.dispose()
    assert state == "success"
