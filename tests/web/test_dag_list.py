"""The list of DAGs as its page shows it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from flowctl.store.engine import writing
from tests.web.conftest import Ask


def listed(ask: Ask, query: str = "", user: str = "admin") -> list[str]:
    found = ask("GET", f"/ui/dags?{query}", user=user).get_json()["dags"]
    return [dag["dag_id"] for dag in found]


def one(ask: Ask) -> dict[str, Any]:
    found: dict[str, Any] = ask("GET", "/ui/dags?search=one").get_json()["dags"][0]
    return found


def test_a_dag_comes_with_its_last_runs_and_how_the_tasks_of_the_last_stand(ask: Ask) -> None:
    dag = one(ask)

    assert [run["run_id"] for run in dag["runs"]] == ["r1"]
    assert dag["task_states"] == {"success": 1, "none": 1}
    assert (dag["running"], dag["queued"]) == (0, 1)
    assert dag["schedule"] == "@daily"
    assert dag["tags"] == ["x", "y"]
    assert dag["owners"] == ["airflow", "ann"]
    assert dag["may_edit"]


def test_only_the_latest_runs_are_shown_the_oldest_first(ask: Ask) -> None:
    for day in (3, 4):
        date = f"2026-02-0{day}T00:00:00+00:00"
        ask("POST", "/dags/one/dagRuns", json={"dag_run_id": f"r{day}", "logical_date": date})

    found = ask("GET", "/ui/dags?search=one&runs=2").get_json()["dags"][0]["runs"]

    assert [run["run_id"] for run in found] == ["r3", "r4"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["one", "two"]),
        ("search=ON", ["one"]),
        ("search=what it", ["one", "two"]),
        ("search=%25", []),
        ("tags=x", ["one", "two"]),
        ("tags=z", []),
        ("owners=ann", ["one", "two"]),
        ("owners=an", []),
        ("paused=false", []),
        ("state=queued", ["one", "two"]),
        ("state=failed,success", []),
        ("order_by=-dag_id", ["two", "one"]),
        ("order_by=-last_run&limit=1", ["two"]),
        ("has_import_error=true", []),
    ],
)
def test_the_list_is_filtered(ask: Ask, query: str, found: list[str]) -> None:
    assert listed(ask, query) == found


def test_each_person_has_favourites(ask: Ask) -> None:
    assert ask("PUT", "/dags/two/favourite", user="viewer").status_code == 204
    assert ask("PUT", "/dags/two/favourite", user="viewer").status_code == 204

    assert listed(ask, "only_favourites=true", user="viewer") == ["two"]
    assert listed(ask, "only_favourites=true") == []

    ask("DELETE", "/dags/two/favourite", user="viewer")
    assert listed(ask, "only_favourites=true", user="viewer") == []
    assert ask("PUT", "/dags/none/favourite").status_code == 404


def test_a_broken_file_marks_its_dags(ask: Ask, filled: Engine) -> None:
    with writing(filled) as conn:
        conn.exec_driver_sql("UPDATE dag_file SET error = 'oh' WHERE path = 'one.py'")

    assert one(ask)["has_import_error"]
    assert listed(ask, "has_import_error=true") == ["one"]


def test_it_is_said_how_many_dags_each_filter_leaves(ask: Ask) -> None:
    found = ask("GET", "/ui/dagChoices").get_json()

    assert (found["total"], found["paused"]) == (2, 2)
    assert found["tags"] == [{"name": "x", "dags": 2}, {"name": "y", "dags": 2}]
    assert {"name": "ann", "dags": 2} in found["owners"]
    assert {"name": "queued", "dags": 2} in found["states"]


@pytest.fixture
def statements(ask: Ask) -> Iterator[list[str]]:
    """Give a list that grows with what the database is asked."""
    found: list[str] = []
    listed(ask)  # opens the connection

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_the_list(ask: Ask, statements: list[str]) -> None:
    listed(ask, "limit=1")
    few = len(statements)
    listed(ask, "limit=100")

    assert len(statements) - few == few


def asked(statements: list[str]) -> list[str]:
    """Return the questions, without what readies a connection, which may be an old or a new one."""
    return [one for one in statements if not one.startswith("PRAGMA")]


def test_pausing_many_dags_asks_as_often_as_pausing_one(ask: Ask, statements: list[str]) -> None:
    """Each leaves its row in the trail, and that is all."""
    ask("PATCH", "/dags?dag_id_pattern=one", json={"is_paused": False})
    few = len(asked(statements))
    found = ask("PATCH", "/dags?dag_id_pattern=~&offset=0", json={"is_paused": True}).get_json()

    assert [one["is_paused"] for one in found["dags"]] == [True, True]
    more = sum("INSERT INTO event" in one for one in asked(statements)[few:]) - 1
    assert len(asked(statements)) - few == few + more
    last = ask("PATCH", "/dags?dag_id_pattern=~&offset=1", json={"is_paused": True}).get_json()
    assert [one["dag_id"] for one in last["dags"]] == ["two"]
    assert ask("PATCH", "/dags?dag_id_pattern=~&offset=9", json={"is_paused": True}).get_json() == {
        "dags": [],
        "total_entries": 2,
    }
