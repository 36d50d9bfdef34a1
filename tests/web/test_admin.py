"""What the pages of administration need beyond Airflow's API."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from flowctl import config
from flowctl.authoring.ports import ConnectionRecord
from flowctl.store import connections, metastore
from flowctl.store.engine import reading
from flowctl.web.auth.login import CSRF_HEADER
from tests.web.conftest import Ask
from tests.web.test_door import CREDENTIALS, Browser, browser

__all__ = ["browser"]

EXTRA = {"token": "canary", "list": [{"api_key": "deep"}, 1], "plain": "x"}
STORED = {
    "connection_id": "db",
    "conn_type": "sqlite",
    "password": "kept",
    "extra": json.dumps(EXTRA),
}


@pytest.fixture
def db(ask: Ask, filled: Engine, flowctl_home: Path) -> Any:
    """Store a connection; give a function that reads it in clear."""
    assert ask("POST", "/connections", json=STORED).status_code == 200

    def clear() -> ConnectionRecord:
        cipher = metastore.cipher(config.load(flowctl_home))
        with reading(filled) as conn:
            found = connections.get(conn, cipher, "db")
        assert found is not None
        return found

    return clear


def test_what_is_masked_in_an_extra_stays_when_it_comes_back(ask: Ask, db: Any) -> None:
    shown = json.loads(ask("GET", "/connections/db").get_json()["extra"])
    assert shown["token"] == "***"

    sent = {"extra": json.dumps({**shown, "plain": "y"})}
    assert ask("PATCH", "/connections/db", json=sent).status_code == 200

    assert json.loads(db().extra) == {**EXTRA, "plain": "y"}
    assert db().password == "kept"


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        ("no json", "***", "no json"),
        ('{"token": "a"}', '{"token": "b"}', '{"token":"b"}'),
        ('{"token": "a"}', '{"token": "***", "new": "***"}', '{"token":"a","new":"***"}'),
        ('{"token": "a"}', '{"plain": 1}', '{"plain":1}'),
        ('[{"token": "a"}]', '[{"token": "***"}, 2]', '[{"token":"a"},2]'),
    ],
)
def test_stars_stand_for_what_was_there(
    ask: Ask, db: Any, before: str, sent: str, after: str
) -> None:
    ask("PATCH", "/connections/db", json={"extra": before})
    ask("PATCH", "/connections/db", json={"extra": sent})

    assert db().extra.replace(" ", "") == after.replace(" ", "")


def test_a_stored_connection_is_tested_with_its_password(
    ask: Ask, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[ConnectionRecord] = []

    def trial(*_command: object, input: bytes, **_how: object) -> CompletedProcess[bytes]:
        tried.append(msgspec.json.decode(input, type=ConnectionRecord))
        return CompletedProcess([], 0, b'[true, "fine"]')

    monkeypatch.setattr("flowctl.web.api.connections.subprocess.run", trial)
    changed = {"connection_id": "db", "conn_type": "sqlite", "host": "there"}
    for body in (changed, {**changed, "connection_id": "new"}):
        assert ask("POST", "/connections/test", json=body).get_json()["status"] is True

    assert [one.password for one in tried] == [db().password, None]
    assert [one.host for one in tried] == ["there", "there"]


def test_lists_are_searched(ask: Ask, db: Any) -> None:
    assert db()
    for key, about in (("bucket_name", None), ("other", "of the BUCKET"), ("no", "100%")):
        ask("POST", "/variables", json={"key": key, "value": "v", "description": about})

    def found(search: str) -> list[str]:
        rows = ask("GET", "/variables", query_string={"search": search}).get_json()
        return [one["key"] for one in rows["variables"]]

    assert found("bucket") == ["bucket_name", "other"]
    assert found("0%") == ["no"]
    assert ask("GET", "/connections?search=SQL").get_json()["total_entries"] == 1
    assert ask("GET", "/connections?search=kept").get_json()["total_entries"] == 0


def test_a_user_is_deactivated_and_let_in_again(ask: Ask) -> None:
    assert ask("PATCH", "/users/op", json={"active": False}).get_json()["active"] is False
    assert ask("GET", "/dags", user="op").status_code == 401
    assert ask("PATCH", "/users/op", json={"active": True}).get_json()["active"] is True
    assert ask("GET", "/dags", user="op").status_code == 200


def test_nobody_deactivates_himself(ask: Ask) -> None:
    refused = ask("PATCH", "/users/admin", json={"active": False})

    assert refused.status_code == 400
    assert "another administrator" in refused.get_json()["detail"]


def test_one_sees_where_one_is_logged_in_and_ends_one_of_it(browser: Browser) -> None:
    other = browser.client.application.test_client()
    other.post("/api/v1/session", json=CREDENTIALS)
    found = browser.client.get("/api/v1/me/sessions").get_json()["sessions"]
    assert sorted(one["is_this"] for one in found) == [False, True]

    (gone,) = (one["id"] for one in found if not one["is_this"])
    path = f"/api/v1/me/sessions/{gone}"
    answers = [
        browser.client.delete(path, headers={CSRF_HEADER: browser.csrf}).status_code
        for _ in range(2)
    ]

    assert answers == [204, 404]
    assert other.get("/api/v1/me").status_code == 401
    assert browser.who() == "admin"


def test_xcoms_are_found_by_parts_of_names_with_masked_values(ask: Ask) -> None:
    (found,) = ask("GET", "/ui/xcoms?key=RETURN&dag_id=ne").get_json()["xcoms"]

    assert (found["dag_run_id"], found["task_id"], found["value"]) == ("r1", "a", '{"x":1}')
    assert ask("GET", "/ui/xcoms?task_id=b").get_json()["total_entries"] == 0


def test_one_sees_who_holds_a_run(ask: Ask) -> None:
    run = "/dags/one/dagRuns/r1/hold"
    assert ask("GET", run).get_json()["held_by"] is None
    ask("POST", run, json={"why": "the source is down", "until": "2999-01-01T00:00:00Z"})

    found = ask("GET", run).get_json()
    assert (found["held_by"], found["held_why"]) == ("admin", "the source is down")
    assert found["held_until"] == "2999-01-01T00:00:00+00:00"
    assert found["held_at"] is not None


def test_what_is_held_until_a_moment_that_is_past_is_refused(ask: Ask) -> None:
    body = {"until": "2001-01-01T00:00:00Z"}
    for path in ("/dags/one/dagRuns/r1", "/dags/one/dagRuns/r1/taskInstances/b"):
        answer = ask("POST", f"{path}/hold", json=body)
        assert answer.status_code == 400
        assert "until: 2001-01-01 00:00:00 UTC is past" in answer.get_json()["detail"]
