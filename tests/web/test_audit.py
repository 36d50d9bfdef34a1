"""Every change leaves one trail: who, from where, and how the thing was and is."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from flowctl.store.engine import reading
from flowctl.store.schema import event
from flowctl.web import api
from flowctl.web.auth.login import CSRF_HEADER
from flowctl.web.routes import ROUTES
from tests.web.conftest import PASSWORD, Ask

api.load()

RUN = "/dags/one/dagRuns/r1"
SECRET = "canary-of-the-trail"


class Case(NamedTuple):
    """A request that changes something, and what it leaves."""

    method: str
    route: str
    event: str
    body: dict[str, Any] | None = None
    path: str = ""  # where it is not the route itself
    before: Sequence[tuple[str, str, dict[str, Any] | None]] = ()  # requests that prepare it
    sides: tuple[str, ...] = ()  # of before and after, those that it has


CONN = {"connection_id": "c", "conn_type": "http", "password": SECRET, "extra": f'"{SECRET}"'}
VARIABLE = {"key": "v", "value": SECRET}
USER = {"username": "new", "email": "new@x.org", "password": SECRET, "roles": [{"name": "Op"}]}
ACTIONS = [{"action": {"name": "can_read"}, "resource": {"name": "DAGs"}}]
BOTH = ("before", "after")
MAKE_CONN = [("POST", "/connections", CONN)]
MAKE_VARIABLE = [("POST", "/variables", VARIABLE)]
MAKE_USER = [("POST", "/users", USER)]
MAKE_ROLE = [("POST", "/roles", {"name": "team", "actions": []})]
MAKE_POOL = [("POST", "/pools", {"name": "p", "slots": 1})]
BACKFILL = {"from_date": "2026-03-01T00:00:00Z", "to_date": "2026-03-02T00:00:00Z"}
MAKE_BACKFILL = [("POST", "/dags/one/backfills", BACKFILL)]
DATASET = [("POST", "/datasets/events", {"dataset_uri": "s3://x"})]
TASK = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"
A = f"{RUN}/taskInstances/a"

CASES = [
    Case("POST", "/connections", "connection.create", CONN, sides=("after",)),
    Case("PATCH", "/connections/{connection_id}", "connection.edit",
         {"host": "there", "conn_type": "http", "connection_id": "c"},
         "/connections/c", MAKE_CONN, BOTH),
    Case("DELETE", "/connections/{connection_id}", "connection.delete", None,
         "/connections/c", MAKE_CONN, ("before",)),
    Case("POST", "/variables", "variable.set", VARIABLE, sides=("after",)),
    Case("PATCH", "/variables/{variable_key}", "variable.set",
         {"key": "v", "value": "x"}, "/variables/v", MAKE_VARIABLE, BOTH),
    Case("DELETE", "/variables/{variable_key}", "variable.delete", None,
         "/variables/v", MAKE_VARIABLE, ("before",)),
    Case("POST", "/pools", "pool.create", {"name": "p", "slots": 1}, sides=("after",)),
    Case("PATCH", "/pools/{pool_name}", "pool.edit", {"name": "q", "slots": 2}, "/pools/p",
         MAKE_POOL, BOTH),
    Case("DELETE", "/pools/{pool_name}", "pool.delete", None, "/pools/p", MAKE_POOL, ("before",)),
    Case("POST", "/users", "user.create", USER, sides=("after",)),
    Case("PATCH", "/users/{username}", "user.edit", {"username": "newer", "password": "x"},
         "/users/new", MAKE_USER, BOTH),
    Case("DELETE", "/users/{username}", "user.delete", None, "/users/new", MAKE_USER, ("before",)),
    Case("DELETE", "/users/{username}/sessions", "user.logout", None, "/users/op/sessions",
         [("POST", "/session", {"username": "op", "password": PASSWORD})], BOTH),
    Case("POST", "/roles", "role.create", {"name": "team", "actions": ACTIONS}, sides=("after",)),
    Case("PATCH", "/roles/{role_name}", "role.edit", {"name": "crew", "actions": ACTIONS},
         "/roles/team", MAKE_ROLE, BOTH),
    Case("DELETE", "/roles/{role_name}", "role.delete", None, "/roles/team", MAKE_ROLE,
         ("before",)),
    Case("PATCH", "/dags/{dag_id}", "dag.unpause", {"is_paused": False}, "/dags/one", (), BOTH),
    Case("PATCH", "/dags", "dag.unpause", {"is_paused": False}, "/dags?dag_id_pattern=one", (),
         BOTH),
    Case("DELETE", "/dags/{dag_id}", "dag.delete", None, "/dags/two",
         [("PATCH", "/dags/two/dagRuns/r1", {"state": "failed"})]),
    Case("PUT", "/parseDagFile/{file_token}", "dag.reparse", None, "/parseDagFile/b25lLnB5"),
    Case("POST", "/dags/{dag_id}/dagRuns", "trigger", {"dag_run_id": "n", "conf": {"p": 2}},
         "/dags/one/dagRuns"),
    Case("DELETE", "/dags/{dag_id}/dagRuns/{dag_run_id}", "run.delete", None, RUN, (),
         ("before",)),
    Case("PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}", "run.mark", {"state": "failed"}, RUN, (),
         BOTH),
    Case("POST", "/dags/{dag_id}/dagRuns/{dag_run_id}/clear", "clear", {"dry_run": False},
         f"{RUN}/clear"),
    Case("PATCH", "/dags/{dag_id}/dagRuns/{dag_run_id}/setNote", "run.note", {"note": "n"},
         f"{RUN}/setNote", (), BOTH),
    Case("POST", "/dags/{dag_id}/clearTaskInstances", "clear",
         {"dry_run": False, "dag_run_id": "r1", "only_failed": False},
         "/dags/one/clearTaskInstances"),
    Case("POST", "/dags/{dag_id}/updateTaskInstancesState", "task.mark",
         {"dry_run": False, "dag_run_id": "r1", "task_id": "a", "new_state": "failed",
          "include_upstream": False, "include_downstream": False, "include_future": False,
          "include_past": False}, "/dags/one/updateTaskInstancesState", (), BOTH),
    Case("PATCH", TASK, "task.mark", {"new_state": "failed", "dry_run": False}, A, (), BOTH),
    Case("PATCH", f"{TASK}/setNote", "task.note", {"note": "n"}, f"{A}/setNote", (), BOTH),
    Case("POST", "/ui/bulk/taskInstances", "task.mark",
         {"action": "failed", "dry_run": False,
          "items": [{"dag_id": "one", "dag_run_id": "r1", "task_id": "a"}]}, sides=BOTH),
    Case("POST", "/ui/bulk/dagRuns", "run.mark",
         {"action": "failed", "dry_run": False, "items": [{"dag_id": "one", "dag_run_id": "r1"}]},
         sides=BOTH),
    Case("POST", "/dags/{dag_id}/backfills", "backfill.create", BACKFILL, "/dags/one/backfills"),
    Case("PATCH", "/dags/{dag_id}/backfills/{backfill_id}", "backfill.pause", {"is_paused": True},
         "/dags/one/backfills/1", MAKE_BACKFILL, BOTH),
    Case("POST", "/dags/{dag_id}/backfills/{backfill_id}/cancel", "backfill.cancel", None,
         "/dags/one/backfills/1/cancel", MAKE_BACKFILL, BOTH),
    Case("POST", "/drain", "drain.begin", None, "/drain", (), BOTH),
    Case("DELETE", "/drain", "drain.end", None, "/drain", [("POST", "/drain", None)], BOTH),
    Case("POST", "/dags/{dag_id}/dagRuns/{dag_run_id}/hold", "run.hold", None, f"{RUN}/hold", (),
         BOTH),
    Case("POST", "/dags/{dag_id}/dagRuns/{dag_run_id}/release", "run.release", None,
         f"{RUN}/release", [("POST", f"{RUN}/hold", None)], BOTH),
    Case("POST", f"{TASK}/hold", "task.hold", None, f"{A}/hold", (), BOTH),
    Case("POST", f"{TASK}/release", "task.release", None, f"{A}/release",
         [("POST", f"{A}/hold", None)], BOTH),
    Case("PUT", "/dags/{dag_id}/favourite", "dag.favourite", None, "/dags/one/favourite", (),
         ("after",)),
    Case("DELETE", "/dags/{dag_id}/favourite", "dag.favourite", None, "/dags/one/favourite", (),
         ("after",)),
    Case("PUT", "/me/password", "user.password",
         {"old": PASSWORD, "new": f"{SECRET} and more"}, sides=BOTH),
    Case("POST", "/me/tokens", "token.create", {"name": "t"}),
    Case("DELETE", "/me/tokens/{token_id}", "token.delete", None, "/me/tokens/1",
         [("POST", "/me/tokens", {"name": "t"})]),
    Case("POST", "/session", "session.open", {"username": "admin", "password": PASSWORD}),
]  # fmt: skip

CHANGE_NOTHING = {
    "POST /dags/~/dagRuns/list",
    "POST /dags/~/dagRuns/~/taskInstances/list",
    "POST /connections/test",
}
TRIED_ELSEWHERE = {  # they need a session of a browser, a mapped task, an asset
    "DELETE /session": "test_logging_out_leaves_a_trail",
    "DELETE /me/sessions/{session_id}": "test_ending_another_session_leaves_a_trail",
    f"PATCH {TASK}/{{map_index}}": "the same handler",
    f"PATCH {TASK}/{{map_index}}/setNote": "the same handler",
    "POST /datasets/events": "tests/store/test_assets.py",
    "DELETE /datasets/queuedEvent/{uri}": "tests/web/test_stock_client.py",
    "DELETE /dags/{dag_id}/datasets/queuedEvent": "tests/web/test_stock_client.py",
    "DELETE /dags/{dag_id}/datasets/queuedEvent/{uri}": "tests/web/test_stock_client.py",
}


def rows(engine: Engine) -> list[Any]:
    with reading(engine) as conn:
        return list(conn.execute(select(event).order_by(event.c.id)).all())


def test_every_route_that_changes_something_is_tried_here() -> None:
    changing = {f"{one.method} {one.path}" for one in ROUTES if one.method != "GET"}

    assert changing - CHANGE_NOTHING - TRIED_ELSEWHERE.keys() == {
        f"{one.method} {one.route}" for one in CASES
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.route}")
def test_a_change_has_its_row(ask: Ask, filled: Engine, case: Case) -> None:
    for method, path, body in case.before:
        assert ask(method, path, json=body).status_code < 300
    there = len(rows(filled))

    answer = ask(case.method, case.path or case.route, json=case.body)

    assert answer.status_code < 300, answer.text
    new = rows(filled)[there:]
    assert [row.name for row in new][-1:] == [case.event]
    assert {row.actor for row in new} == {"admin"}
    for row in new:
        assert row.detail["address"] == "127.0.0.1"
        assert {"before", "after"} & row.detail.keys() == set(case.sides)
        assert SECRET not in json.dumps(row.detail)
        if case.sides == BOTH and case.event != "task.note":
            assert row.detail["before"] != row.detail["after"] or row.detail["changed"]


def test_ending_another_session_leaves_a_trail(app: Flask, filled: Engine) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (there, here):
        opened = client.post("/api/v1/session", json={"username": "op", "password": PASSWORD})
    token = opened.get_json()["csrf_token"]
    listed = here.get("/api/v1/me/sessions").get_json()["sessions"]
    (other,) = [one["id"] for one in listed if not one["is_this"]]

    done = here.delete(f"/api/v1/me/sessions/{other}", headers={CSRF_HEADER: token})

    assert done.status_code == 204
    assert [(row.name, row.actor) for row in rows(filled)[-1:]] == [("session.close", "op")]
    assert there.get("/api/v1/me").status_code == 401


def test_logging_out_leaves_a_trail(app: Flask, filled: Engine) -> None:
    client = app.test_client()
    opened = client.post("/api/v1/session", json={"username": "op", "password": PASSWORD})
    token = opened.get_json()["csrf_token"]

    client.delete("/api/v1/session", headers={CSRF_HEADER: token})

    assert [(row.name, row.actor) for row in rows(filled)[-2:]] == [
        ("session.open", "op"),
        ("session.close", "op"),
    ]
