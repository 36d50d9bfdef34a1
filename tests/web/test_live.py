"""Pages that watch are told what moves, as it moves."""

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import make_server

from flowctl.store.engine import reading, writing
from flowctl.store.queries import moving
from flowctl.web import live
from tests.web.conftest import Ask

MOVE = "UPDATE dag_run SET revision = revision + 1 WHERE dag_id = 'one'"
END = "UPDATE dag_run SET state = 'success', end_date = queued_at, revision = revision + 1"


@pytest.fixture
def server(app: Flask) -> Iterator[int]:
    """Give the port of a server that listens."""
    found = make_server("127.0.0.1", 0, app, threaded=True)
    found.daemon_threads = True
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found.server_port
    found.shutdown()
    thread.join()
    found.server_close()


def watch(port: int, token: str, path: str = "/api/v1/live") -> HTTPResponse:
    """Open a stream and read up to where events come."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
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


def test_a_run_that_ends_is_told(filled: Engine) -> None:
    seen = moving.Watch()
    with reading(filled) as conn:
        assert {run.dag_id for run in seen.look(conn)} == {"one", "two"}
        assert seen.look(conn) == []
    with writing(filled) as conn:
        conn.exec_driver_sql(END)

    with reading(filled) as conn:
        assert {(run.dag_id, run.state) for run in seen.look(conn)} == {
            ("one", "success"),
            ("two", "success"),
        }
        assert seen.look(conn) == []


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
