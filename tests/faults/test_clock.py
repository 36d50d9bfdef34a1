"""The clock of the machine went back; what the metastore holds is then of a time to come."""

from datetime import timedelta

from sqlalchemy import select, update

from flowctl.store.engine import reading, writing
from flowctl.store.schema import lease
from tests.faults.harness import Home

BACK = timedelta(hours=1)


def test_a_dead_leader_whose_lease_ends_in_an_hour_is_replaced_at_once(home: Home) -> None:
    """On its own machine its process tells, not the clock."""
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    home.kill_scheduler()
    with reading(home.engine) as conn:
        expires_at = conn.execute(select(lease.c.expires_at)).scalar_one()
    with writing(home.engine) as conn:
        conn.execute(update(lease).values(expires_at=expires_at + BACK))
    home.start()
    home.open_gates()
    home.await_runs("gate")  # long before that hour is over

    assert home.await_line("END", "waits")[0].process == before.process
    home.judge()
