"""Pages that watch are told what moves, as it moves."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, update
from werkzeug.serving import make_server

from flowctl import clock
from flowctl.store.engine import reading, writing
from flowctl.store.queries import moving
from flowctl.store.schema import dag_run, session
from flowctl.web import live
from flowctl.web.auth.login import COOKIE, CSRF_HEADER
from tests.web.conftest import PASSWORD, Ask

Deed = Callable[[Ask], None]

NOW = clock.utcnow()
AGAIN = {"end_date": NOW, "revision": dag_run.c.revision + 1}
MOVE = "UPDATE dag_run SET revision = revision + 1 WHERE dag_id = 'one'"
END = "UPDATE dag_run SET state = 'success', end_date = queued_at, revision = revision + 1"


@pytest.fixture
def server(app: Flask) -> Iterator[int]:
    """Give the port of a server that listens."""
    found = make_server("127.0.0.1", 0, app, threaded=True)
    vars(found)["daemon_threads"] = True
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found.server_port
    found.shutdown()
    thread.join()
    found.server_close()


def watch(port: int, who: str | dict[str, str]) -> HTTPResponse:
    """Open a stream, with a token or other headers, and read up to where events come."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = who if isinstance(who, dict) else {"Authorization": f"Bearer {who}"}
    connection.request("GET", "/api/v1/live", headers=headers)
    answer = connection.getresponse()
    if answer.status == 200:
        assert [answer.readline() for _ in range(4)][1] == b"event: ready\n"
    return answer


def next_event(stream: HTTPResponse) -> dict[str, object]:
    while line := stream.readline():
        if line.startswith(b"data: "):
            found: dict[str, object] = dict(
                zip(moving.Moved._fields, json.loads(line[6:]), strict=True)
            )
            return found
    raise AssertionError("the stream ended")


@pytest.fixture
def token(ask: Ask) -> str:
    """Give a token of a viewer."""
    made: str = ask("POST", "/me/tokens", user="viewer", json={"name": "t"}).get_json()["token"]
    return made


def test_a_page_hears_of_a_run_that_moves(server: int, token: str, filled: Engine) -> None:
    stream = watch(server, token)
    for expected in (3, 4):
        with writing(filled) as conn:
            conn.exec_driver_sql(MOVE)
        event = next_event(stream)
        assert (event["dag_id"], event["revision"]) == ("one", expected)
    stream.close()


def test_a_look_that_goes_wrong_is_not_the_last(
    server: int, token: str, filled: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moved meanwhile is told by the next one."""
    stream = watch(server, token)
    right, wrongs = moving.Watch.look, iter([RuntimeError("nobody thought of it")])

    def look(*given: Any) -> list[moving.Moved]:
        for wrong in wrongs:
            with writing(filled) as conn:
                conn.exec_driver_sql(MOVE)
            raise wrong
        return right(*given)

    monkeypatch.setattr(live, "TROUBLE_S", 0.0)
    monkeypatch.setattr(moving.Watch, "look", look)

    assert next_event(stream)["dag_id"] == "one"
    stream.close()


def test_a_run_that_ends_is_told(filled: Engine) -> None:
    seen = moving.Watch()
    with reading(filled) as conn:
        assert {run.dag_id for run in seen.look(conn, NOW)} == {"one", "two"}
        assert seen.look(conn, NOW) == []
    with writing(filled) as conn:
        conn.exec_driver_sql(END)

    with reading(filled) as conn:
        assert {(run.dag_id, run.state) for run in seen.look(conn, NOW)} == {
            ("one", "success"),
            ("two", "success"),
        }
        assert seen.look(conn, NOW) == []


def test_a_run_that_begins_and_ends_between_two_looks_is_told(filled: Engine) -> None:
    """As one does that was cleared, and whose tasks take a moment."""
    seen = moving.Watch()
    with writing(filled) as conn:
        conn.execute(update(dag_run).values(state="success", end_date=NOW - timedelta(days=1)))
    with reading(filled) as conn:
        assert seen.look(conn, NOW) == []
    for revision in (3, 4):
        with writing(filled) as conn:
            conn.execute(update(dag_run).where(dag_run.c.dag_id == "one").values(AGAIN))

        with reading(filled) as conn:
            (run,) = seen.look(conn, NOW)
            assert (run.dag_id, run.state, run.revision) == ("one", "success", revision)
            assert seen.look(conn, NOW) == []


def test_there_is_a_cap(server: int, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 1)
    first = watch(server, token)

    assert watch(server, token).status == 429
    first.close()


def test_asking_for_the_head_alone_takes_no_place(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 1)
    for _ in range(3):
        with ask("HEAD", "/live") as answer:
            assert answer.status_code == 200


def is_ended(stream: HTTPResponse) -> bool:
    """Read a stream to its end; False where it says that it goes on."""
    return all(not line.startswith(b":") for line in iter(stream.readline, b""))


def revoke_token(ask: Ask) -> None:
    (mine,) = ask("GET", "/me/tokens", user="viewer").get_json()["tokens"]
    assert ask("DELETE", f"/me/tokens/{mine['id']}", user="viewer").status_code == 204


def take_role(ask: Ask) -> None:
    body = {"roles": [{"name": "Public"}]}
    answer = ask("PATCH", "/users/viewer?update_mask=roles", json=body)
    assert answer.status_code == 200, answer.text


def narrow_role(ask: Ask) -> None:
    may = [{"action": {"name": "can_read"}, "resource": {"name": "DAG:one"}}]
    answer = ask("PATCH", "/roles/Viewer", json={"name": "Viewer", "actions": may})
    assert answer.status_code == 200, answer.text


def end_account(ask: Ask) -> None:
    assert ask("DELETE", "/users/viewer").status_code == 204


@pytest.mark.parametrize("deed", [revoke_token, take_role, narrow_role, end_account])
def test_whoever_may_no_longer_watch_hears_no_more(
    server: int,
    token: str,
    ask: Ask,
    filled: Engine,
    deed: Deed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stream ends, and those of others go on."""
    monkeypatch.setattr(live, "DOOR_EVERY_S", 0.05)
    other = ask("POST", "/me/tokens", json={"name": "t"}).get_json()["token"]
    stays, goes = watch(server, other), watch(server, token)

    deed(ask)

    assert is_ended(goes)
    with writing(filled) as conn:
        conn.exec_driver_sql(MOVE)
    assert next_event(stays)["dag_id"] == "one"
    stays.close()


@pytest.mark.parametrize("is_logged_out", [True, False])
def test_a_stream_ends_with_its_session(
    server: int,
    app: Flask,
    filled: Engine,
    is_logged_out: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody logs out in another tab, or his session is over."""
    monkeypatch.setattr(live, "DOOR_EVERY_S", 0.05)
    browser = app.test_client()
    wanted = {"username": "viewer", "password": PASSWORD}
    csrf = browser.post("/api/v1/session", json=wanted).get_json()["csrf_token"]
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    stream = watch(server, {"Cookie": f"{COOKIE}={cookie.value}"})
    with writing(filled) as conn:
        conn.exec_driver_sql(MOVE)
    assert next_event(stream)["dag_id"] == "one"

    if is_logged_out:
        browser.delete("/api/v1/session", headers={CSRF_HEADER: csrf})
    else:
        with writing(filled) as conn:
            conn.execute(update(session).values(created_at=clock.utcnow() - timedelta(days=31)))

    assert is_ended(stream)


def test_a_stream_goes_on_for_whoever_may_watch(
    server: int, token: str, filled: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the door is looked at."""
    monkeypatch.setattr(live, "DOOR_EVERY_S", 0.0)
    stream = watch(server, token)
    for _ in range(4):
        with writing(filled) as conn:
            conn.exec_driver_sql(MOVE)
        assert next_event(stream)["dag_id"] == "one"
    stream.close()
