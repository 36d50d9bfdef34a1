"""Who may use which route? Every route, method and role, against a table that people read.

`data/permissions.json` is that table: for each route the roles that it lets in. A route that is
not in it fails here, and so does one that lets in another role.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Engine, select

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.store import accounts, dags, roles
from flowctl.store.engine import reading, writing
from flowctl.store.schema import METADATA
from flowctl.web import api, live
from flowctl.web.routes import ROUTES, Route
from flowctl.web.routes import route as declare
from tests.web.conftest import ROLES, Ask, dag_spec

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

api.load()


def line(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    """Return a path on which the route finds something."""
    return re.sub(r"{(\w+)}", lambda found: PARTS.get(found.group(1), "1"), route.path)


def contents(engine: Engine) -> dict[str, Any]:
    with reading(engine) as conn:
        return {name: conn.execute(select(table)).all() for name, table in METADATA.tables.items()}


def test_a_route_cannot_be_declared_without_saying_who_may_use_it() -> None:
    with pytest.raises(TypeError, match="may"):
        declare("GET", "/open", tag="None")  # type: ignore[call-arg]


def test_the_table_names_every_route() -> None:
    assert {line(route) for route in ROUTES} == TABLE.keys()


@pytest.mark.parametrize("route", ROUTES, ids=line)
def test_a_route_lets_in_whom_the_table_says(
    ask: Ask, filled: Engine, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAM_S", 0.0)  # what never ends otherwise is read to its end
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
        with ask(route.method, path_of(route), user=user, json={}) as found:
            assert found.status_code not in (401, 403), (user, found.get_data(as_text=True))


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
        accounts.change(conn, viewer, replace(viewer, roles=("guest",)), clock.utcnow())
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


def test_a_dag_itself_can_let_a_role_in(ask: Ask, filled: Engine) -> None:
    control = {"team": {"DAGs": ["can_read"], "DAG Runs": ["can_read"]}}
    with writing(filled) as conn:
        roles.put(conn, "team", {("can_read", "Task Instances")})
        public = accounts.one(conn, "public")
        assert public is not None
        accounts.change(conn, public, replace(public, roles=("team",)), clock.utcnow())
        spec = structs.replace(dag_spec("one"), access_control=control)
        dags.record(conn, ParsedFile("one.py", "2:2:2", (spec,), b"#"), clock.utcnow())

    assert [d["dag_id"] for d in ask("GET", "/dags", user="public").get_json()["dags"]] == ["one"]
    assert ask("GET", "/dags/one/dagRuns", user="public").status_code == 200
    assert ask("GET", "/dags/two/dagRuns", user="public").status_code == 403
    assert ask("PATCH", "/dags/one", user="public", json={"is_paused": True}).status_code == 403
