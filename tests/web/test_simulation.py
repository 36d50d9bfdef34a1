"""The coming runs by the API: what `flowctl simulate` shows, within bounds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import dags
from flowctl.store.engine import reading, writing
from flowctl.store.schema import dag, dag_run
from flowctl.web.api import simulation
from tests.web.conftest import Ask

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOURLY = ScheduleSpec("cron", expression="0 * * * *", timezone="UTC", summary="@hourly")
DAY = "since=2026-04-01T00:00:00Z&until=2026-04-02T00:00:00Z"


@pytest.fixture
def hourly(filled: Engine) -> Engine:
    """Give a site with a DAG that runs each hour, in a pool of one slot."""
    tasks = (TaskSpec("a"), TaskSpec("b", upstream=("a",)))
    spec = DagSpec("hourly", "hourly.py", tasks, schedule=HOURLY, start_date=NOW, catchup=False)
    with writing(filled) as conn:
        dags.record(
            conn, ParsedFile("hourly.py", "1", (spec,), b"#"), NOW, paused_at_creation=False
        )
    return filled


def played(ask: Ask, query: str = DAY) -> Any:
    answer = ask("GET", f"/simulation?{query}")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@pytest.mark.usefixtures("hourly")
def test_the_coming_runs_are_told_with_the_load(ask: Ask) -> None:
    found = played(ask)

    assert {run["dag_id"] for run in found["runs"]} == {"hourly"}
    assert len(found["runs"]) == 24
    assert found["runs"][0]["due"].startswith("2026-04-01T00:00:00")
    (executor,) = (one for one in found["load"] if not one["is_pool"])
    assert max(step["peak"] for step in executor["steps"]) == 1
    assert found["tasks_without_history"] == ["hourly.a", "hourly.b"]


@pytest.mark.usefixtures("hourly")
def test_a_dag_is_named_although_it_is_paused(ask: Ask) -> None:
    ask("PATCH", "/dags/hourly", json={"is_paused": True})

    assert played(ask)["runs"] == []
    assert len(played(ask, DAY + "&dag_id=hourly")["runs"]) == 24
    assert ask("GET", f"/simulation?{DAY}&dag_id=nothing").status_code == 404


@pytest.mark.parametrize(
    "span", ["2026-04-01T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-03T00:00:00Z"]
)
def test_too_long_or_backwards_is_refused(ask: Ask, span: str) -> None:
    answer = ask("GET", f"/simulation?since=2026-04-01T00:00:00Z&until={span}")

    assert answer.status_code == 400
    assert "31 days" in answer.get_json()["detail"]


@pytest.mark.usefixtures("hourly")
def test_what_takes_too_much_work_is_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MOVES_MAX", 20)
    answer = ask("GET", f"/simulation?{DAY}")

    assert answer.status_code == 400
    assert "flowctl simulate" in answer.get_json()["detail"]
    assert (
        ask("GET", "/simulation?since=2026-04-01T00:00:00Z&until=2026-04-01T00:30:00Z").status_code
        == 200
    )


def test_one_at_a_time_is_played(ask: Ask) -> None:
    with simulation.ALONE:
        assert ask("GET", f"/simulation?{DAY}").status_code == 429


def test_nothing_is_written(ask: Ask, hourly: Engine) -> None:
    def rows() -> Any:
        with reading(hourly) as conn:
            return [conn.execute(select(table)).all() for table in (dag, dag_run)]

    before = rows()
    played(ask)

    assert rows() == before
