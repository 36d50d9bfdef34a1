"""`/health` and the page, asked without a server."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from flowctl import clock, config
from flowctl.store import disks
from flowctl.store.engine import writing
from flowctl.store.presence import Presence
from flowctl.web.app import create_app


@pytest.fixture(autouse=True)
def _room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have room on the disks, whatever this machine has."""
    monkeypatch.setattr(disks, "FREE_BYTES_MIN", 0)


@pytest.fixture
def client(engine: Engine, flowctl_home: Path) -> FlaskClient:
    """Give a client of the app."""
    assert engine is not None
    return create_app(config.load(flowctl_home)).test_client()


def test_without_a_scheduler_it_is_unhealthy(client: FlaskClient) -> None:
    assert client.get("/health").get_json() == {
        "dag_processor": {"latest_dag_processor_heartbeat": None, "status": None},
        "disks": {"status": "healthy", "nearly_full": [], "full": []},
        "metadatabase": {"status": "healthy"},
        "scheduler": {"latest_scheduler_heartbeat": None, "status": "unhealthy"},
        "triggerer": {"latest_triggerer_heartbeat": None, "status": None},
    }


@pytest.mark.parametrize(("age_s", "status"), [(1, "healthy"), (31, "unhealthy")])
def test_the_last_tick_counts(client: FlaskClient, engine: Engine, age_s: int, status: str) -> None:
    tick_at = clock.utcnow() - timedelta(seconds=age_s)
    with writing(engine) as conn:
        Presence("scheduler").seen(conn, tick_at, tick_at=tick_at)

    found = client.get("/health").get_json()["scheduler"]
    assert found == {"latest_scheduler_heartbeat": tick_at.isoformat(), "status": status}


@pytest.mark.parametrize(("age_s", "status"), [(1, "healthy"), (31, "unhealthy")])
def test_a_triggerer_is_shown_once_there_is_one(
    client: FlaskClient, engine: Engine, age_s: int, status: str
) -> None:
    seen_at = clock.utcnow() - timedelta(seconds=age_s)
    with writing(engine) as conn:
        Presence("triggerer").seen(conn, seen_at, tick_at=seen_at)

    found = client.get("/health").get_json()["triggerer"]
    assert found == {"latest_triggerer_heartbeat": seen_at.isoformat(), "status": status}


def test_a_scheduler_that_said_goodbye_is_unhealthy_at_once(
    client: FlaskClient, engine: Engine
) -> None:
    presence, now = Presence("scheduler"), clock.utcnow()
    with writing(engine) as conn:
        presence.seen(conn, now, tick_at=now)
        presence.ended(conn, now)

    assert client.get("/health").get_json()["scheduler"]["status"] == "unhealthy"


def test_one_process_has_one_row(engine: Engine) -> None:
    presence, now = Presence("scheduler"), clock.utcnow()
    with writing(engine) as conn:
        presence.seen(conn, now)
        presence.seen(conn, now + timedelta(seconds=1))
        rows = conn.exec_driver_sql("SELECT count(*) FROM process").scalar_one()

    assert rows == 1


def test_a_metastore_that_does_not_answer_is_unhealthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "FLOWCTL__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{tmp_path / 'none' / 'x.db'}"
    )
    client = create_app(config.load(tmp_path)).test_client()

    assert client.get("/health").get_json()["metadatabase"] == {"status": "unhealthy"}


def test_a_disk_that_is_nearly_full_is_said(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disks, "SHARE_MIN", 1.1)
    monkeypatch.setattr(disks, "FREE_BYTES_MIN", 2**60)

    found = client.get("/health").get_json()["disks"]
    assert found == {"status": "unhealthy", "nearly_full": ["home", "metastore"], "full": []}


def test_a_disk_on_which_nothing_new_starts_is_said(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disks, "STOP_SHARE_MIN", 1.1)
    monkeypatch.setattr(disks, "STOP_BYTES_MIN", 2**60)

    assert client.get("/health").get_json()["disks"]["full"] == ["home", "metastore"]


@pytest.mark.parametrize(
    ("total", "free", "is_full"),
    [(2**40, 2**31, False), (2**40, 2**29, True), (2**24, 2**20, False), (2**24, 2**19, True)],
)
def test_what_nearly_full_means(
    monkeypatch: pytest.MonkeyPatch, total: int, free: int, is_full: bool
) -> None:
    """A small disk counts by its share, a big one by what is left for some hours of work."""
    monkeypatch.setattr(disks, "FREE_BYTES_MIN", 2**30)
    places = {"logs": Path("/some")}
    found = disks.nearly_full(places, lambda _: (total, total - free, free))
    assert found == (["logs"] if is_full else [])
