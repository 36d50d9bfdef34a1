"""The pages are one document and files that never change."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flowctl import config
from flowctl.web import pages
from flowctl.web.app import create_app


@pytest.fixture
def client(flowctl_home: Path) -> FlaskClient:
    return create_app(config.load(flowctl_home)).test_client()


def script(document: str) -> str:
    found = re.search(r'src="([^"]+\.js)"', document)
    assert found, document
    return found.group(1)


@pytest.mark.parametrize("place", ["/", "/dags", "/dags/any/grid?run=1", "/no/such/page"])
def test_each_address_outside_the_api_gives_the_document(client: FlaskClient, place: str) -> None:
    answer = client.get(place)

    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get(script(answer.text)).mimetype == "text/javascript"


def test_an_unknown_route_of_the_api_is_no_page(client: FlaskClient) -> None:
    assert client.get("/api/v1/no/such/route").status_code == 404


def test_a_path_in_base_url_is_in_front_of_every_file(
    flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWCTL__WEBSERVER__BASE_URL", "http://localhost:8080/a/b")
    client = create_app(config.load(flowctl_home)).test_client()

    document = client.get("/a/b/dags").text

    assert script(document).startswith("/a/b/static/assets/")
    assert 'content="/a/b"' in document
    assert pages.BASE not in document
    assert client.get(script(document)).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "expected"), [("br, gzip", "br"), ("gzip", "gzip"), ("", None)]
)
def test_files_come_packed_to_those_who_take_it(
    client: FlaskClient, accepted: str, expected: str | None
) -> None:
    name = script(client.get("/").text)

    answer = client.get(name, headers={"Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == expected
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "built-from/../../app.py", "/etc/passwd"]
)
def test_nothing_but_built_files_is_given(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/static/{name}")

    assert answer.status_code in (404, 308) or answer.text == client.get("/").text


def test_the_document_asks_for_nothing_from_elsewhere(client: FlaskClient) -> None:
    document = client.get("/").text

    assert "//" not in re.sub(r"<!.*?>", "", document)
    assert "<style" not in document
    assert not re.search(r"<script(?![^>]* src=)", document)
