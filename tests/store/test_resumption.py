"""A try that is continued, as it stands in the tables: one row of `task_try`, its XComs kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from flowctl.core.attempt import Ended, Outcome
from flowctl.core.plan import Move, Plan
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import Memory
from flowctl.store import clears, outcomes, plans, schema
from tests.scheduler.sites import NOW, add_run, define
from tests.store.rows import lead

LATER = NOW + timedelta(minutes=1)
WAITS, RETRY = TaskState.UP_FOR_RESCHEDULE, TaskState.UP_FOR_RETRY


class Site:
    """One run of one task, which is started and ends as a test says."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        define(conn, "d", TaskSpec("looks", retries=1))
        self.pk = add_run(conn, "d", -1)
        self.read()

    def read(self) -> None:
        """Know what a scheduler knows that has just begun."""
        self.world = World(parallelism=1)
        Memory(self.world).refresh(self.conn)

    @property
    def row(self) -> Any:
        return self.conn.execute(select(schema.task_instance)).one()

    @property
    def tries(self) -> list[Any]:
        return list(self.conn.execute(select(schema.task_try).order_by("try_number")))

    def start(self, at: datetime = LATER) -> None:
        """Let the scheduler queue the next attempt, and the runner find it a process."""
        plans.apply(self.conn, decide(self.world, at), self.world, lead(self.conn), at)
        self.read()
        (task,) = self.world.by_id.values()
        assert task.state is TaskState.QUEUED
        began = task.waiting_since or at
        begun = outcomes.Started(self.pk, task.id, task.try_number, 77, began, "1.log")
        outcomes.record(self.conn, [begun], [], at)

    def end(self, state: TaskState, number: int, **facts: Any) -> None:
        """Record how attempt `number` ended."""
        values: dict[str, Any] = {"started_at": NOW, "ended_at": LATER} | facts
        outcome = Outcome(self.row.id, number, state, **values)
        outcomes.record(self.conn, [], [Ended(self.pk, outcome, "1.log")], LATER)
        self.read()


@pytest.fixture
def site(conn: Connection) -> Site:
    """Give a run of one task with one retry."""
    return Site(conn)


def test_a_try_that_is_looked_at_often_stays_one_row(site: Site) -> None:
    for number in range(1, 6):
        site.start(NOW + timedelta(hours=number))
        site.end(WAITS, number, retry_at=LATER, waiting_since=NOW, cpu_s=0.5)

    (tried,) = site.tries
    assert (tried.try_number, tried.resumed, tried.state) == (5, 4, "up_for_reschedule")
    assert (tried.start_date, tried.end_date, tried.cpu_s) == (NOW, LATER, 2.5)
    row = site.row
    assert (row.try_number, row.resumed, row.max_tries) == (5, 4, 5)
    assert (row.start_date, row.waiting_since, row.retry_at) == (NOW, NOW, LATER)


def test_a_retry_is_a_row_of_its_own(site: Site) -> None:
    site.start()
    site.end(WAITS, 1, retry_at=LATER, waiting_since=NOW)
    site.start()
    site.end(RETRY, 2, retry_at=LATER, waiting_since=NOW)
    assert site.row.waiting_since is None

    site.start(LATER)

    assert [(t.try_number, t.resumed, t.state) for t in site.tries] == [
        (2, 1, "up_for_retry"),
        (3, 1, "running"),
    ]
    assert (site.row.start_date, site.row.max_tries - site.row.resumed) == (LATER, 1)


def test_xcoms_are_kept_while_a_try_goes_on_and_deleted_with_a_new_one(site: Site) -> None:
    def found() -> int:
        return site.conn.scalar(select(func.count()).select_from(schema.xcom)) or 0

    site.start()
    pushed = {"ti_id": site.row.id, "key": "seen", "value": "1", "created_at": NOW}
    site.conn.execute(insert(schema.xcom).values(pushed))
    site.end(WAITS, 1, retry_at=LATER, waiting_since=NOW)
    site.start()
    assert found() == 1

    site.end(RETRY, 2, retry_at=LATER, waiting_since=NOW)
    site.start()
    assert found() == 0


def test_a_late_word_of_an_older_attempt_changes_nothing(site: Site) -> None:
    site.start()
    site.end(WAITS, 1, retry_at=LATER, waiting_since=NOW)
    site.start()

    site.end(TaskState.FAILED, 1, reason="late")

    assert (site.row.state, site.row.reason) == ("running", None)
    assert [(t.try_number, t.state, t.end_date) for t in site.tries] == [(2, "running", None)]


def test_a_waiting_task_that_is_cleared_begins_anew(site: Site) -> None:
    site.start()
    site.end(WAITS, 1, retry_at=LATER, waiting_since=NOW)

    clears.clear(site.conn, clears.Clear(("d",)), "me", LATER)

    row = site.row
    assert (row.state, row.waiting_since, row.retry_at) == ("none", None, None)
    assert row.max_tries - row.resumed == 2


def test_a_waiting_task_that_is_ended_waits_for_nothing(site: Site) -> None:
    """As when its run took too long."""
    site.start()
    site.end(WAITS, 1, retry_at=LATER, waiting_since=NOW)
    ti_id = site.row.id

    move = Move(ti_id, site.pk, WAITS, TaskState.SKIPPED, 1, "the run took too long")
    plans.apply(site.conn, Plan(moves=[move]), site.world, lead(site.conn), LATER)

    assert (site.row.state, site.row.waiting_since) == ("skipped", None)
