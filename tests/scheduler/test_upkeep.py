"""Old history is deleted by the leader, a little now and then, and said where people look."""

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, update

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.core.retention import Limits
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.world import World
from flowctl.runner import logfiles
from flowctl.scheduler import upkeep
from flowctl.scheduler.upkeep import Upkeep
from flowctl.store import dags, lease
from flowctl.store.engine import create, reading, writing
from flowctl.store.schema import dag_run, event, process
from flowctl.store.triggers import Trigger, trigger

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = FIRST + 100 * DAY
LIMITS = Limits({"dag_run": 30 * DAY, "job": DAY}, log_age=DAY)
RUNS = 60


@pytest.fixture
def term(engine: Engine) -> int:
    """Fill the metastore with a run a day, and lead."""
    spec = DagSpec(dag_id="d", file="d.py", tasks=(TaskSpec("a"), TaskSpec("b")))
    with writing(engine) as conn:
        dags.record(conn, ParsedFile("d.py", "hash", (spec,), b"source"), FIRST)
        for day in range(RUNS):
            at = FIRST + day * DAY
            trigger(conn, Trigger("d", run_id=str(day), logical_date=at), "me", at)
        conn.execute(update(dag_run).values(state="success", end_date=dag_run.c.logical_date))
        return lease.take(conn, "me", clock.utcnow()) or 0


def runs(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(dag_run)).scalar_one()


def passed(work: Upkeep, now: datetime = NOW, *, is_idle: bool = True) -> int:
    """Go through a pass, as if it were always time for a step; return the steps."""
    for steps in range(1, 1000):
        work._due = 0.0
        work.step(now, is_idle=is_idle)
        if work._pass is None:
            return steps
    raise AssertionError("it never ends")


def test_a_pass_deletes_what_is_old_with_its_logs(
    engine: Engine, term: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for day in (1, 59):
        log = tmp_path / logfiles.of_run("d", str(day)) / "task_id=a" / "attempt=1.log"
        log.parent.mkdir(parents=True)
        log.write_text("said")
    work = Upkeep(engine, World(parallelism=1), term, LIMITS, tmp_path)

    with caplog.at_level(logging.INFO):
        passed(work, FIRST + 60 * DAY)
    assert runs(engine) == 30
    assert not (tmp_path / logfiles.of_run("d", "1")).exists()
    assert (tmp_path / logfiles.of_run("d", "59")).exists()
    assert "deleted old history: dag_run 30, log files 1, log bytes 4 B" in caplog.text


def test_the_audit_trail_has_a_row_a_day(engine: Engine, term: int, tmp_path: Path) -> None:
    work = Upkeep(engine, World(parallelism=1), term, LIMITS, tmp_path)
    for hours in (0, 1, 23, 25):
        passed(work, FIRST + 60 * DAY + timedelta(hours=hours))
        with writing(engine) as conn:
            signs = {"kind": "x", "host": "h", "pid": 1, "started_at": FIRST, "seen_at": FIRST}
            conn.execute(insert(process).values(signs))

    with reading(engine) as conn:
        told = conn.execute(select(event).where(event.c.name == "retention")).all()
    assert [(row.actor, row.detail) for row in told] == [
        ("scheduler", {"dag_run": 30}),
        ("scheduler", {"dag_run": 2, "job": 3}),
    ]


def test_a_step_is_short_and_there_are_many(engine: Engine, term: int, tmp_path: Path) -> None:
    """A unit of work that takes long makes the next one smaller."""
    work = Upkeep(engine, World(parallelism=1), term, LIMITS, tmp_path)
    work._pace(time.thread_time() - 1)
    work._pace(time.thread_time() - 1)
    assert work._rows == upkeep.ROWS_MIN
    work._pace(time.thread_time())
    assert work._rows > upkeep.ROWS_MIN


def test_who_is_busy_does_no_step_until_it_is_long_due(
    engine: Engine, term: int, tmp_path: Path
) -> None:
    work = Upkeep(engine, World(parallelism=1), term, LIMITS, tmp_path)
    work._due = time.monotonic() - 0.1
    work.step(NOW, is_idle=False)
    assert work._pass is None
    work._due = time.monotonic() - upkeep.PATIENCE_S
    work.step(NOW, is_idle=False)
    assert work._rows != upkeep.ROWS_FIRST or work._pass is not None


def test_it_may_be_switched_off(engine: Engine, term: int, tmp_path: Path) -> None:
    off = Limits(LIMITS.ages, is_on=False)
    work = Upkeep(engine, World(parallelism=1), term, off, tmp_path)

    assert work.next_look() == float("inf")
    work.step(NOW, is_idle=True)
    assert runs(engine) == RUNS


def test_a_deposed_leader_deletes_nothing(engine: Engine, term: int, tmp_path: Path) -> None:
    work = Upkeep(engine, World(parallelism=1), term - 1, LIMITS, tmp_path)

    with pytest.raises(lease.Deposed):
        passed(work)
    assert runs(engine) == RUNS


def test_a_metastore_that_is_away_only_ends_the_pass(
    term: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = create(f"sqlite:///{tmp_path / 'none.db'}")
    work = Upkeep(gone, World(parallelism=1), term, LIMITS, tmp_path)

    passed(work)
    assert "old history is not deleted now" in caplog.text
    assert work.next_look() > upkeep.PASS_EVERY_S - 60
