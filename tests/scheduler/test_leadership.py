"""Who leads, when the metastore comes and goes."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from flowctl.scheduler.leadership import STANDBY_LOOKS_EVERY_S, Leadership
from flowctl.store import lease

TAKES_OVER = timedelta(seconds=5)


def test_a_silent_leader_is_followed_within_five_seconds() -> None:
    """Its last renewal may be of this moment, and a standby may just have looked."""
    assert lease.LASTS + timedelta(seconds=STANDBY_LOOKS_EVERY_S) <= TAKES_OVER


def test_a_standby_outlives_an_outage_of_the_metastore(engine: Engine, tmp_path: Path) -> None:
    """It waits, and leads once the metastore is back."""
    refused: list[bool] = []

    @event.listens_for(engine, "do_execute")
    def refuse(*_: Any) -> None:
        if len(refused) < 2:
            refused.append(True)
            raise sqlite3.OperationalError("unable to open database file")

    term = Leadership(engine, tmp_path).await_term(threading.Event(), lambda _term: None)

    assert term is not None
    assert len(refused) == 2
