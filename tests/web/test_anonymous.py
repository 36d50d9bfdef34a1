"""A fresh install tells somebody unknown its health and the way to the login, and nothing else."""

import re
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from flowctl.version import VERSION
from flowctl.web import api, pages
from flowctl.web.routes import PREFIX, ROUTES
from tests.web.test_permissions import contents, path_of

api.load()

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X")
OPEN = {f"{PREFIX}{path}" for path in ("/health", "/session", "/session/ways", "/ui/style.css")}
OIDC = {f"{PREFIX}/session/oidc", f"{PREFIX}/session/oidc/callback"}
DOTS = ("..", "%2e%2e", "..%2f", "%2e%2e%2f", "..%5c", "..%252f", "%c0%ae%c0%ae/", "....//", "..;/",
        "%00", "\\..", "%uff0e%uff0e/")  # fmt: skip
FILES = ("airflow.cfg", "airflow.db", "app.py", "etc/passwd", "logs/a.log")
PLACES = ("/", "/static/", "/static/assets/", "/health/", "/api/v1/", "/api/v1/health/",
          "/api/v1/dagSources/")  # fmt: skip


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give somebody unknown."""
    return app.test_client()


def document(client: FlaskClient) -> bytes:
    return client.get("/").data


def test_every_route_and_method_is_closed(client: FlaskClient, filled: Engine) -> None:
    before = contents(filled)
    for path in sorted({PREFIX + path_of(one) for one in ROUTES} - OPEN - OIDC):
        for method in METHODS:
            answer = client.open(path, method=method)
            assert answer.status_code in (401, 404, 405), (method, path, answer.status_code)
    assert contents(filled) == before


@pytest.mark.parametrize("path", sorted(OPEN | {"/health", "/", "/nothing", "/static/nothing"}))
def test_what_is_open_changes_nothing_and_tells_no_version(
    client: FlaskClient, filled: Engine, path: str
) -> None:
    before = contents(filled)
    for method in METHODS:
        answer = client.open(path, method=method, json={})
        assert answer.status_code < 500
        told = answer.data + str(answer.headers).encode()
        assert VERSION.encode() not in re.sub(rb"127\.0\.0\.1", b"", told)
        assert b"Set-Cookie" not in told
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert contents(filled) == before


@pytest.mark.parametrize("place", PLACES)
def test_no_path_leads_to_a_file(client: FlaskClient, flowctl_home: Path, place: str) -> None:
    (flowctl_home / "airflow.cfg").touch()
    page = document(client)
    for dots, depth, file in product(DOTS, (1, 3, 9), FILES):
        path = f"{place}{'/'.join([dots] * depth)}/{file}"
        answer = client.get(path)
        is_page = answer.data == page  # the pages read the address, the server does not
        assert answer.status_code in (401, 404, 405) or is_page, path


ODD = (
    "/API/V1/dags", "/api/v1/dags/", "/api/v1//dags", "//api/v1/dags", "/api/v1/dags%20",
    "/api/v1/%64ags", "/api/v1/dags;a=b", "/api/v1/./dags", "/static/../api/v1/dags",
    "/api/v1/dags%00", "/api/v1/dags?token=x", "/health/../api/v1/dags", "/api/v1/dags.json",
    "/api/v1/health/../dags", "/api%2fv1%2fdags", "/\u0430pi/v1/dags",
)  # fmt: skip


@pytest.mark.parametrize("path", ODD)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-HTTP-Method-Override": "GET"},
        {"X-Original-URL": "/health", "X-Rewrite-URL": "/health"},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
        {"X-Forwarded-User": "admin", "Remote-User": "admin", "X-Remote-User": "admin"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic "},
        {"Authorization": "Negotiate x"},
        {"Cookie": "flowctl_session=x; session=x"},
    ],
    ids=str,
)
def test_no_odd_way_leads_in(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)

    assert answer.status_code in (401, 404) or answer.data == document(client)
    assert b"dag_id" not in answer.data


def test_the_pages_hold_nothing_of_this_install(client: FlaskClient, flowctl_home: Path) -> None:
    assert str(flowctl_home).encode() not in document(client)
    for path in pages.STATIC.rglob("*"):
        assert path.suffix != ".map", "source maps are not served"
