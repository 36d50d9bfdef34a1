"""What happened to attempts reaches the metastore, whatever a single one of them left."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from flowctl.core.attempt import Order, Outcome, RunFacts
from flowctl.core.states import TaskState
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
