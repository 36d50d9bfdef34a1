"""Signs of life: of those that end, of those that are killed, of several that leave one row."""

import subprocess
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from flowctl.store.presence import Presence, Pulse
from flowctl.store.schema import process

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def living(conn: Connection) -> list[int]:
    """Return the pids of processes that did not end."""
    wanted = select(process.c.pid).where(process.c.ended_at.is_(None))
    return list(conn.scalars(wanted.order_by(process.c.pid)))


def test_whoever_follows_a_killed_process_says_that_it_ended(conn: Connection) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    Presence("runner", pid=gone.pid).seen(conn, NOW)
    Presence("scheduler", pid=gone.pid).seen(conn, NOW)
    alive = Presence("runner", pid=1)
    alive.seen(conn, NOW)

    Presence("runner").seen(conn, NOW)

    ended = select(process.c.kind).where(process.c.ended_at == NOW)
    assert list(conn.scalars(ended)) == ["runner"]
    assert 1 in living(conn)


def test_processes_of_one_name_share_a_row(conn: Connection) -> None:
    for _ in range(2):
        Presence("webserver", "this one", 1).seen(conn, NOW)
    assert living(conn) == [1]

    Presence("webserver", "a later one", 1).seen(conn, NOW)
    assert living(conn) == [1, 1]

    for name in ("this one", "a later one"):
        Presence("webserver", name, 1).ended(conn, NOW)
    assert living(conn) == []


def test_a_pulse_beats_when_the_last_sign_is_old(engine: Engine) -> None:
    pulse = Pulse(engine, Presence("runner"))
    assert pulse.is_due

    pulse.beat(NOW)

    assert not pulse.is_due
    with engine.connect() as conn:
        assert len(living(conn)) == 1
    pulse.stop(NOW)
    with engine.connect() as conn:
        assert living(conn) == []


def test_a_pulse_goes_on_without_a_metastore(bare_engine: Engine) -> None:
    pulse = Pulse(bare_engine, Presence("runner"))

    pulse.beat(NOW)
    pulse.stop(NOW)

    assert not pulse.is_due
