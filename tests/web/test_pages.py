"""The pages are one document and files that never change."""

import html
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flowctl import config
from flowctl.web import pages
from flowctl.web.app import create_app
from flowctl.web.auth.login import COOKIE

CODE = re.compile(r'rel="modulepreload"[^>]* href="([^"]+)"')
STYLES = re.compile(r'rel="stylesheet"[^>]* href="([^"]+)"')
SCRIPTS = re.compile(r'src="([^"]+\.js)"')
FIRST_LOAD_BYTES_MAX = 130_000


def data_of(document: str) -> list[str]:
    """Return what of the API a document tells to ask for."""
    found = re.findall(r'as="fetch" href="([^"]+)"', document)
    return [html.unescape(path) for path in found]


@pytest.fixture
def client(flowctl_home: Path) -> FlaskClient:
    return create_app(config.load(flowctl_home)).test_client()


def script(document: str) -> str:
    found = SCRIPTS.findall(document)
    assert found, document
    return str(found[-1])


@pytest.mark.parametrize("place", ["/", "/dags", "/dags/any/grid?run=1", "/no/such/page"])
def test_each_address_outside_the_api_gives_the_document(client: FlaskClient, place: str) -> None:
    answer = client.get(place)

    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get(script(answer.text)).mimetype == "text/javascript"


@pytest.mark.parametrize("packing", ["br", "gzip"])
def test_the_first_page_takes_no_more_than_it_may(client: FlaskClient, packing: str) -> None:
    """Document, code and styles of the list of DAGs, as they are sent."""
    document = client.get("/dags")
    names = {name for kind in (SCRIPTS, CODE, STYLES) for name in kind.findall(document.text)}

    packed = [client.get(name, headers={"Accept-Encoding": packing}) for name in names]

    assert len(names) > 2
    assert {answer.headers["Content-Encoding"] for answer in packed} == {packing}
    assert sum(len(answer.data) for answer in (document, *packed)) <= FIRST_LOAD_BYTES_MAX


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


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/", ["/me", "/ui/dags?limit=40&offset=0"]),
        ("/dags", ["/me", "/ui/dags?limit=40&offset=0"]),
        ("/dags?tag=x", ["/me"]),
        ("/dags/a%20(b)%2Bc", ["/me", "/dags/a%20(b)%2Bc/grid?limit=30&cells_max=50000"]),
        ("/dags/a/graph", ["/me"]),
    ],
)
def test_with_the_document_a_browser_hears_what_to_ask_for(
    client: FlaskClient, place: str, expected: list[str]
) -> None:
    client.set_cookie(COOKIE, "of anybody")

    assert data_of(client.get(place).text) == [f"/api/v1{path}" for path in expected]


@pytest.mark.parametrize("place", ["/dags/a", "/dags/a?run=1"])
def test_the_code_of_a_view_is_loaded_with_the_document(client: FlaskClient, place: str) -> None:
    plain = client.get("/dags/a").text
    client.set_cookie(COOKIE, "of anybody")

    told = CODE.findall(client.get(place).text)

    assert len(told) > len(CODE.findall(plain)) + 3
    assert len(told) == len(set(told))
    assert {client.get(name).status_code for name in told} == {200}


def test_who_is_not_logged_in_hears_of_nothing_to_ask_for(client: FlaskClient) -> None:
    assert data_of(client.get("/dags").text) == []
