"""One leader: the lease, its terms, and what a deposed leader may still do."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, delete

from flowctl import clock
from flowctl.store import lease
from flowctl.store.schema import lease as table

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def test_a_held_lease_is_not_given_to_another(conn: Connection) -> None:
    assert lease.take(conn, "a", NOON) is not None
    assert lease.take(conn, "b", NOON + timedelta(seconds=1)) is None


def test_an_ended_lease_goes_to_who_asks_and_the_term_rises(conn: Connection) -> None:
    first = lease.take(conn, "a", NOON)
    assert first is not None
    assert lease.take(conn, "b", NOON + lease.LASTS) == first + 1


def test_a_deposed_leader_is_told_so_by_every_write(conn: Connection) -> None:
    first = lease.take(conn, "a", NOON)
    assert first is not None
    lease.hold(conn, first, NOON)
    lease.take(conn, "b", NOON + lease.LASTS)
    for renew in (False, True):
        with pytest.raises(lease.Deposed):
            lease.hold(conn, first, NOON + lease.LASTS, renew=renew)


def test_renewing_keeps_a_standby_waiting(conn: Connection) -> None:
    first = lease.take(conn, "a", NOON)
    assert first is not None
    lease.hold(conn, first, NOON + timedelta(seconds=3), renew=True)
    assert lease.take(conn, "b", NOON + lease.LASTS) is None


def test_a_lease_that_was_given_up_is_free_at_once(conn: Connection) -> None:
    first = lease.take(conn, "a", NOON)
    assert first is not None
    lease.give_up(conn, first, NOON)
    assert lease.take(conn, "b", NOON) == first + 1


def test_the_first_term_after_a_reset_is_later_than_the_last_before_it(conn: Connection) -> None:
    first = lease.take(conn, "a", NOON)
    assert first is not None
    conn.execute(delete(table))
    again = lease.take(conn, "a", NOON + timedelta(minutes=1))
    assert again is not None
    assert again > first


def test_leases_are_judged_by_one_clock(conn: Connection) -> None:
    """A standby whose clock is an hour ahead finds the living leader's lease unended."""
    ahead = clock.utcnow() + timedelta(hours=1)
    moment = lease.moment(conn, ahead)

    assert (moment == ahead) == (conn.dialect.name == "sqlite")
    assert abs(moment - clock.utcnow()) < timedelta(minutes=1) or conn.dialect.name == "sqlite"
