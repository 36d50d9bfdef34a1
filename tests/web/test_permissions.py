"""Who may use which route? Every route, method and role, against a table that people read.

`data/permissions.json` is that table: for each route the roles that it lets in. A route that is
not in it fails here, and so does one that lets in another role.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from flowctl.store import accounts, roles
from flowctl.store.engine import reading, writing
from flowctl.store.schema import METADATA
from flowctl.web import api
from flowctl.web.routes import ROUTES, Route
from tests.web.conftest import ROLES, Ask

TABLE: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "data" / "permissions.json").read_text()
)

PARTS = {
    "dag_id": "one",
    "dag_run_id": "r1",
    "task_id": "a",
    "map_index": "-1",
    "task_try_number": "1",
    "xcom_key": "return_value",
    "file_token": "b25lLnB5",
}

NEVER_DENIED = {"session", "token", "account"}  # tables in which logging in leaves its marks

api.load()


def line(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    """Return a path on which the route finds something."""
    return re.sub(r"{(\w+)}", lambda found: PARTS.get(found.group(1), "1"), route.path)


def contents(engine: Engine) -> dict[str, Any]:
    with reading(engine) as conn:
        return {
            name: conn.execute(select(table)).all()
            for name, table in METADATA.tables.items()
            if name not in NEVER_DENIED
        }


def test_the_table_names_every_route() -> None:
    assert {line(route) for route in ROUTES} == TABLE.keys()


@pytest.mark.parametrize("route", ROUTES, ids=line)
def test_a_route_lets_in_whom_the_table_says(ask: Ask, filled: Engine, route: Route) -> None:
    allowed = TABLE[line(route)]
    before = contents(filled)
    for user in (None, *(role.lower() for role in ROLES)):
        if (user or "anonymous") in allowed or "everybody" in allowed:
            continue
        answer = ask(route.method, path_of(route), user=user, json={})
        assert answer.status_code == (401 if user is None else 403), (user, answer.text)
    assert contents(filled) == before, "a denied request changed something"
    for user in allowed:
        if user in ("everybody", "anonymous"):
            continue
        answer = ask(route.method, path_of(route), user=user, json={})
        assert answer.status_code != 401, (user, answer.text)
        assert "has no role" not in answer.text, (user, answer.text)


@pytest.fixture
def guest(filled: Engine) -> str:
    """Give the name of a user who may see and edit the DAG `one`, and no other."""
    may = {
        ("can_read", "DAG:one"),
        ("can_edit", "DAG:one"),
        *((action, where) for action, where in roles.DEFAULTS[roles.ADMIN] if where != roles.DAGS),
    }
    with writing(filled) as conn:
        roles.put(conn, "guest", may)
        viewer = accounts.one(conn, "viewer")
        assert viewer is not None
        accounts.change(
            conn, viewer, accounts.replace(viewer, roles=("guest",)), viewer.created_at or None
        )  # type: ignore[arg-type]
    return "viewer"


OF_DAGS = [route for route in ROUTES if "{dag_id}" in route.path]


@pytest.mark.parametrize("route", OF_DAGS, ids=line)
def test_one_dag_is_not_another(ask: Ask, filled: Engine, guest: str, route: Route) -> None:
    before = contents(filled)
    other = path_of(route).replace("/dags/one", "/dags/two")

    answer = ask(route.method, other, user=guest, json={})

    assert answer.status_code in (403, 404), answer.text
    assert contents(filled) == before


def test_lists_leave_out_what_the_caller_may_not_see(ask: Ask, guest: str) -> None:
    dags = ask("GET", "/dags", user=guest).get_json()["dags"]
    runs = ask("GET", "/dags/~/dagRuns", user=guest).get_json()["dag_runs"]
    tasks = ask("POST", "/dags/~/dagRuns/~/taskInstances/list", user=guest, json={}).get_json()
    events = ask("GET", "/eventLogs", user=guest).get_json()["event_logs"]

    assert {dag["dag_id"] for dag in dags} == {"one"}
    assert {run["dag_id"] for run in runs} == {"one"}
    assert {task["dag_id"] for task in tasks["task_instances"]} == {"one"}
    assert {event["dag_id"] for event in events} <= {"one", None}
    assert ask("GET", "/dagSources/dHdvLnB5", user=guest).status_code == 404
