"""Months pass and nothing grows: rows, log files, descriptors. Without retention all of it does."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, func, select, update

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.core.retention import Limits
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.core.world import World
from flowctl.runner import logfiles
from flowctl.scheduler.upkeep import Upkeep
from flowctl.store import dags, events, lease
from flowctl.store.engine import reading, writing
from flowctl.store.schema import dag_run, dag_source, dag_version, event, task_instance
from flowctl.store.triggers import Trigger, trigger

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
DAYS, KEPT, PER_DAY = 60, 10, 3
AGES = dict.fromkeys(("dag_run", "dag_version", "log"), timedelta(days=KEPT))
MOST = {dag_run: KEPT * PER_DAY, task_instance: KEPT * PER_DAY * 2, dag_version: KEPT, event: 60}
"""How much there may be of each at the end of a day; two days more are not too much."""


def live(engine: Engine, logs: Path, day: int) -> None:
    """Let a day pass: a changed DAG file, runs that end, their logs, and rows about it."""
    at = FIRST + timedelta(days=day)
    spec = DagSpec(dag_id="d", file="d.py", tasks=(TaskSpec("a"), TaskSpec("b")))
    with writing(engine) as conn:
        dags.record(conn, ParsedFile("d.py", str(day), (spec,), f"# {day}".encode()), at)
        for number in range(PER_DAY):
            moment = at + timedelta(hours=number)
            trigger(conn, Trigger("d", run_id=f"{day}-{number}", logical_date=moment), "me", at)
            events.record(conn, "test", "me", at=at)
        ended = {"state": "success", "end_date": at}
        conn.execute(update(dag_run).where(dag_run.c.end_date.is_(None)).values(ended))
    for number in range(PER_DAY):
        log = logs / logfiles.of_run("d", f"{day}-{number}") / "task_id=a" / "attempt=1.log"
        log.parent.mkdir(parents=True)
        log.write_text("x" * 100)
        os.utime(log, (at.timestamp(), at.timestamp()))


def overgrown(engine: Engine, logs: Path, limits: Limits) -> list[str]:
    """Live for two months; return what had become too much at the end of some day."""
    with writing(engine) as conn:
        term = lease.take(conn, "me", clock.utcnow()) or 0
    work = Upkeep(engine, World(parallelism=1), term, limits, logs)
    found: set[str] = set()
    fds = 0
    for day in range(DAYS):
        live(engine, logs, day)
        work._due = 0.0
        while limits.is_on and (work._pass is not None or not work._due):  # to its end
            work._due = 0.0
            work.step(FIRST + timedelta(days=day), is_idle=True)
        fds = fds or len(os.listdir("/proc/self/fd"))
        found |= {table.name for table, most in MOST.items() if count(engine, table) > most * 1.5}
        found |= {"logs"} if len(list(logs.rglob("*.log"))) > KEPT * PER_DAY * 1.5 else set()
        found |= {"sources"} if count(engine, dag_source) > KEPT * 1.5 else set()
    if len(os.listdir("/proc/self/fd")) > fds + 2:
        found.add("descriptors")
    return sorted(found)


def count(engine: Engine, table: Table) -> int:
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.parametrize("is_on", [True, False], ids=["with retention", "the judge"])
def test_after_the_days_that_are_kept_nothing_grows(
    engine: Engine, tmp_path: Path, is_on: bool
) -> None:
    """Without retention the same months are too much of everything: the judge can tell."""
    limits = Limits(AGES, log_age=timedelta(days=KEPT), is_on=is_on)
    found = overgrown(engine, tmp_path / "logs", limits)

    grown = ["dag_run", "dag_version", "event", "logs", "sources", "task_instance"]
    assert found == ([] if is_on else grown)
