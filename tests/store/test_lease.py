"""One leader: the lease, its terms, and what a deposed leader may still do."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Connection, Engine, delete, text

from flowctl import clock
from flowctl.store import lease
from flowctl.store.engine import create
from flowctl.store.schema import lease as table
from tests.bench.waiting import wait_until

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


def test_who_falls_silent_between_statements_does_not_keep_the_others_out(
    postgres_url: str,
) -> None:
    """As a leader does that is suspended while its driver sends many rows at once."""
    engine = create(postgres_url)
    with engine.begin() as conn:
        first = lease.take(conn, "a", NOON)
        assert first is not None
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    silent = psycopg.connect(address, application_name="flowctl scheduler")
    silent.execute("SELECT term FROM lease FOR SHARE")
    silent.pgconn.enter_pipeline_mode()
    silent.pgconn.send_query_params(b"SELECT 1", None)  # its end is never sent
    silent.pgconn.flush()
    _await_silence(engine)

    with engine.begin() as conn:
        assert lease.part_from_silent(conn, silent_s=600) == 0
    with engine.begin() as conn:
        assert lease.part_from_silent(conn, silent_s=0) == 1
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL lock_timeout = '20s'"))
        assert lease.take(conn, "b", NOON + lease.LASTS) == first + 1
    silent.close()
    engine.dispose()


def _await_silence(engine: Engine) -> None:
    """Wait until a session is in the midst of statements, and nothing more comes."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state = 'active' AND wait_event = 'ClientRead'"
    )

    def is_there() -> bool:
        with engine.begin() as conn:
            return bool(conn.execute(asked).scalar_one())

    wait_until(is_there, 20, "a session that is silent")
