"""Rows of deferred tasks: claimed by one, fired once, and never against the task's own fate."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from flowctl.core.attempt import Ended, Outcome
from flowctl.core.deferral import Deferral
from flowctl.core.spec import TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import Memory
from flowctl.store import clears, deferrals, outcomes, plans, schema, trigger_ends
from flowctl.store.crypto import Cipher, new_key
from flowctl.store.deferrals import Fired
from flowctl.store.versions import Versions
from tests.scheduler.sites import NOW, add_run, define
from tests.store.rows import lead

CIPHER = Cipher(new_key())
LATER = NOW + timedelta(minutes=1)
BELL = Deferral("bells.Bell", '{"token":"s3cret"}', "wake", '{"n":1}')
DELAY_MAX = timedelta(days=1)


class Site:
    """One run whose task `waits` can be deferred."""

    def __init__(self, conn: Connection, **options: Any) -> None:
        self.conn = conn
        define(conn, "d", TaskSpec("waits", **options))
        self.pk = add_run(conn, "d", -1)
        self.me, self.other = [self.triggerer() for _ in range(2)]

    def triggerer(self) -> int:
        """Add a triggerer; return its row."""
        values = {"kind": "triggerer", "host": "h", "pid": 1, "started_at": NOW, "seen_at": NOW}
        return self.conn.execute(
            insert(schema.process).values(values).returning(schema.process.c.id)
        ).scalar_one()

    def step(self, at: Any = NOW) -> None:
        """Let the scheduler do what it does."""
        world = World(parallelism=4)
        Memory(world).refresh(self.conn)
        plans.apply(self.conn, decide(world, at), world, lead(self.conn), at, cipher=CIPHER)

    def defer(self) -> "Site":
        """Let the task begin, and be deferred."""
        self.step()
        outcome = Outcome(self.row.id, self.row.try_number, TaskState.DEFERRED, NOW, NOW)
        outcome.deferral = deferrals.sealed(CIPHER, BELL)
        outcome.waiting_since, outcome.retry_at = NOW, LATER
        outcomes.record(self.conn, [], [Ended(self.pk, outcome, "1.log")], NOW)
        return self

    @property
    def row(self) -> Any:
        return self.conn.execute(select(schema.task_instance)).one()

    @property
    def key(self) -> tuple[int, int]:
        return (self.row.id, 1)

    @property
    def kept(self) -> Any:
        return self.conn.execute(select(schema.deferral)).one_or_none()

    def fire(self, **what: Any) -> set[int]:
        return deferrals.fire(self.conn, [Fired(*self.key, **what)], LATER)

    def end(self, state: TaskState, **what: Any) -> set[int]:
        fired = Fired(*self.key, ends_as=state, **what)
        return trigger_ends.end(self.conn, fired, Versions(), DELAY_MAX, LATER)


@pytest.fixture
def site(conn: Connection) -> Site:
    """Give a run whose task is deferred."""
    return Site(conn).defer()


def test_what_a_trigger_is_made_of_is_stored_as_a_secret(site: Site) -> None:
    kept = site.kept

    assert "s3cret" not in str(kept)
    assert CIPHER.decrypt(kept.kwargs, "x") == BELL.kwargs
    assert (site.row.state, site.row.next_method, site.row.retry_at) == ("deferred", "wake", LATER)


def test_an_event_lets_the_task_go_on_once(site: Site) -> None:
    ti_id = site.row.id

    assert site.fire(event='"first"') == {ti_id}
    assert site.fire(event='"second"') == set()

    assert site.row.state == "scheduled"
    found = deferrals.resumption(site.conn, CIPHER, ti_id)
    assert found is not None
    assert (found.event, found.kwargs, found.error) == ('"first"', '{"n":1}', None)


def test_a_failed_trigger_lets_the_task_go_on_to_say_so(site: Site) -> None:
    site.fire(error="boom", traceback="line 1")

    found = deferrals.resumption(site.conn, CIPHER, site.row.id)
    assert found is not None
    assert (found.event, found.error, found.traceback) == (None, "boom", "line 1")


@pytest.mark.parametrize("state", [TaskState.SUCCESS, TaskState.SKIPPED, TaskState.SCHEDULED])
def test_an_event_comes_too_late_for_a_task_that_somebody_moved(
    site: Site, state: TaskState
) -> None:
    site.conn.execute(update(schema.task_instance).values(state=state.value, end_date=NOW))

    assert site.fire(event="1") == set()
    assert (site.row.state, site.kept.fired_at) == (state.value, None)


def test_an_event_of_an_older_start_is_dropped(site: Site) -> None:
    site.conn.execute(update(schema.task_instance).values(try_number=2))

    assert site.fire(event="1") == set()


def test_the_scheduler_continues_the_try(site: Site) -> None:
    site.fire(event="1")
    site.step(LATER)

    row = site.row
    assert (row.state, row.try_number, row.resumed, row.next_method) == ("queued", 2, 1, "wake")
    (tried,) = site.conn.execute(select(schema.task_try)).all()
    assert (tried.try_number, tried.resumed) == (2, 1)


def test_the_scheduler_ends_waiting_that_takes_too_long(site: Site) -> None:
    site.step(LATER)

    assert site.row.state == "queued"
    found = deferrals.resumption(site.conn, CIPHER, site.row.id)
    assert found is not None
    assert (found.event, found.error) == (None, None)
    assert site.fire(event="1") == set()


def test_one_triggerer_claims_a_row_until_it_is_gone(site: Site) -> None:
    ti_id = site.row.id

    assert deferrals.claim(site.conn, [ti_id], site.me, []) == {ti_id}
    assert deferrals.claim(site.conn, [ti_id], site.other, []) == set()
    assert [one.id for one in deferrals.holders(site.conn)] == [site.me]

    assert deferrals.claim(site.conn, [ti_id], site.other, [site.me]) == {ti_id}
    deferrals.release(site.conn, site.other)
    assert site.kept.holder is None


def test_a_row_is_wanted_while_the_task_waits_and_over_once_it_does_not(site: Site) -> None:
    def told() -> tuple[bool, bool]:
        (one,) = deferrals.listed(site.conn)
        return one.is_wanted, one.is_over

    assert told() == (True, False)
    site.fire(event="1")
    assert told() == (False, False)  # it goes on with what the row holds
    site.step(LATER)
    assert told() == (False, False)
    outcome = Outcome(site.row.id, 2, TaskState.SUCCESS, NOW, LATER)
    outcomes.record(site.conn, [], [Ended(site.pk, outcome, "1.log")], LATER)
    assert told() == (False, True)


def test_clearing_ends_the_waiting(site: Site) -> None:
    clears.clear(site.conn, clears.Clear(("d",)), "me", LATER)

    (one,) = deferrals.listed(site.conn)
    assert (one.is_wanted, one.is_over) == (False, True)
    assert (site.row.next_method, site.row.waiting_since) == (None, None)
    deferrals.remove(site.conn, [one.key])
    assert site.kept is None


def test_a_row_that_was_replaced_is_not_removed_for_the_older_one(site: Site) -> None:
    deferrals.put(site.conn, [(site.row.id, 3, deferrals.sealed(CIPHER, BELL))], LATER)

    deferrals.remove(site.conn, [site.key])

    assert site.kept.try_number == 3


@pytest.mark.parametrize(
    ("state", "retries", "ends"),
    [
        (TaskState.SUCCESS, 0, "success"),
        (TaskState.SKIPPED, 0, "skipped"),
        (TaskState.FAILED, 0, "failed"),
        (TaskState.FAILED, 1, "up_for_retry"),
    ],
)
def test_a_trigger_may_end_the_task(
    conn: Connection, state: TaskState, retries: int, ends: str
) -> None:
    site = Site(conn, retries=retries, callbacks=("success", "failure", "retry", "skipped"))
    site.defer()
    ti_id = site.row.id

    assert site.end(state, xcoms={"k": "7"}) == {ti_id}
    assert site.end(state) == set()

    row = site.row
    assert (row.state, row.end_date, row.next_method) == (ends, LATER, None)
    assert (row.retry_at is not None) == (ends == "up_for_retry")
    assert conn.scalar(select(schema.xcom.c.value)) == "7"
    assert conn.scalar(select(schema.task_try.c.state)) == ends
    called = {"success": "success", "failed": "failure", "up_for_retry": "retry", "skipped": None}
    assert conn.scalar(select(schema.callback.c.event)) == called[ends]
    assert site.kept is None


def test_a_try_that_begins_deferred_has_its_row_and_its_trigger(conn: Connection) -> None:
    site = Site(conn, start_trigger=BELL)
    site.step()

    row = site.row
    assert (row.state, row.try_number, row.start_date) == ("deferred", 1, NOW)
    assert (row.waiting_since, row.next_method) == (NOW, "wake")
    (tried,) = conn.execute(select(schema.task_try)).all()
    assert (tried.try_number, tried.state, tried.pid) == (1, "deferred", None)
    assert CIPHER.decrypt(site.kept.kwargs, "x") == BELL.kwargs

    assert site.fire(event="1") == {row.id}
    site.step(LATER)
    assert (site.row.try_number, site.row.resumed) == (2, 1)


def test_what_is_wrong_with_a_trigger_is_kept_for_people(site: Site) -> None:
    deferrals.note_trouble(site.conn, site.key, "it blocks")

    assert site.kept.trouble == "it blocks"
