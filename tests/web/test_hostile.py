"""What a hostile client sends is answered by a status that the route declares, never by a 500."""

import json

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.web.conftest import PASSWORD, Ask

BIG = "9" * 30
LATE = "9999-12-31T23:59:59-14:00"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dags/o%00ne", 404),
        ("/datasets/a%00b", 404),
        (f"/eventLogs/{BIG}", 404),
        ("/dags/one/dagRuns/r1/taskInstances/a/2147483648", 404),
        ("/eventLogs?dag_id=a%00b", 400),
        ("/eventLogs?map_index=2147483648", 400),
        (f"/dags/one/graph?version={BIG}", 400),
        (f"/dags/one/dagRuns?start_date_gte={LATE}", 400),
        ("/dags?limit=null", 400),
        ("/dags?paused=NULL", 400),
        ("/dags?dag_id_pattern=null", 200),
    ],
)
def test_what_no_column_can_hold_is_no_bug(ask: Ask, path: str, status: int) -> None:
    assert ask("GET", path).status_code == status


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/dags/one/dagRuns", {"execution_date": ""}),
        ("/dags/one/dagRuns", {"logical_date": ""}),
        ("/dags/one/dagRuns", {"logical_date": "2026-05-01", "execution_date": "2026-05-02"}),
        ("/dags/one/clearTaskInstances", {"end_date": ""}),
    ],
)
def test_a_date_that_is_none_is_refused(ask: Ask, path: str, body: dict[str, str]) -> None:
    assert ask("POST", path, json=body).status_code == 400


def test_a_whole_number_may_have_a_point(ask: Ask) -> None:
    for slots, status in (
        ("3.0", 200),
        ("3.5", 400),
        ('"3"', 400),
        ("1e400", 400),
        (deep(9999), 400),
    ):
        body = f'{{"name": "p", "slots": {slots}}}'
        answer = ask("POST", "/pools", data=body, content_type="application/json")
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("conf", ['{"a": "\\u0000"}', f'{{"a": {deep(200)}}}', deep(100_000)])
def test_a_body_that_nobody_could_read_again_is_refused(ask: Ask, conf: str) -> None:
    body = f'{{"conf": {conf}}}'
    answer = ask("POST", "/dags/one/dagRuns", data=body, content_type="application/json")
    assert answer.status_code == 400, answer.text


def test_a_list_longer_than_a_statement_takes_is_refused(ask: Ask) -> None:
    names = [str(number) for number in range(70_000)]
    answer = ask("POST", "/dags/~/dagRuns/list", json={"dag_ids": names})
    assert answer.status_code == 400


@pytest.mark.parametrize("origin", ["http://[", "https://evil.example", "null"])
def test_a_login_from_elsewhere_is_refused(app: Flask, origin: str) -> None:
    body = {"username": "admin", "password": PASSWORD}
    answer = app.test_client().post("/api/v1/session", json=body, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("said", ["Basic \xff", "Basic YQBiOmM=", "Bearer \xff"])  # a NUL
def test_credentials_that_are_none_open_nothing_and_close_no_open_door(
    app: Flask, said: str
) -> None:
    client, headers = app.test_client(), {"Authorization": said}
    assert client.get("/api/v1/me", headers=headers).status_code == 401
    assert client.get("/api/v1/health", headers=headers).status_code == 200


def test_a_csrf_token_of_odd_characters_is_wrong(app: Flask) -> None:
    client = app.test_client()
    client.post("/api/v1/session", json={"username": "admin", "password": PASSWORD})
    answer = client.patch(
        "/api/v1/dags/one", json={"is_paused": True}, headers={"X-CSRF-Token": "\xff"}
    )
    assert answer.status_code == 403


def test_a_method_that_is_not_there_says_which_are(app: Flask) -> None:
    client = app.test_client()
    answer = client.open("/api/v1/version", method="PUT")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert client.open("/api/v1/version", method="OPTIONS").status_code == 405


def test_a_line_break_in_a_path_forges_no_log_line(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("flowctl.store.queries.dags.one", json.loads)  # a bug
    assert ask("GET", "/dags/a%0AERROR%20forged/grid").status_code == 500
    assert "\nERROR" not in caplog.messages[0]


def test_the_slashes_of_a_dataset_stay(ask: Ask) -> None:
    answer = ask("GET", "/datasets/s3%3A%2F%2Fbucket%2Fkey")
    assert (answer.status_code, "s3://bucket/key" in answer.text) == (404, True)


def test_what_somebody_else_made_first_is_a_conflict(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise IntegrityError("INSERT", {}, ValueError("there is one"))

    monkeypatch.setattr("flowctl.store.roles.put", late)
    assert ask("POST", "/roles", json={"name": "new"}).status_code == 409
