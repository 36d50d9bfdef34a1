"""Logging in by an OpenID Connect provider, against a real one on loopback that can cheat."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update
from werkzeug.test import TestResponse

from flowctl import clock, config
from flowctl.config import ConfigError
from flowctl.store import accounts
from flowctl.store.engine import reading, writing
from flowctl.store.schema import account, event, session
from flowctl.web.app import create_app
from tests.support import provider as providers
from tests.support.provider import CLIENT, SECRET, Provider

ANN = {"preferred_username": "ann", "email": "ann@x.org", "given_name": "Ann",
       "groups": ["flow-ops", "others"]}  # fmt: skip


@pytest.fixture(scope="module")
def shared() -> Iterator[Provider]:
    with providers.running() as found:
        yield found


@pytest.fixture
def provider(shared: Provider) -> Provider:
    """Give a provider that vouches for Ann."""
    shared.claims, shared.cheat = dict(ANN), {}
    shared.key, shared.algorithm, shared.calls = shared.public, "RS256", 0
    return shared


@pytest.fixture
def oidc(provider: Provider, filled: Engine, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give the settings that make the provider known; set, and to be changed by a test."""
    assert filled is not None
    settings = {
        "ISSUER": provider.issuer,
        "CLIENT_ID": CLIENT,
        "CLIENT_SECRET": SECRET,
        "ROLES_CLAIM": "groups",
        "ROLE_MAPPING": '{"flow-ops": "Op", "flow-admins": "Admin"}',
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"FLOWCTL__OIDC__{name}", value)
    return settings


@pytest.fixture
def known(oidc: dict[str, str], flowctl_home: Path) -> Flask:
    """Give the app that knows the provider."""
    assert oidc
    return made(flowctl_home)


def made(home: Path) -> Flask:
    config.forget()
    return create_app(config.load(home))


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def returned(address: str) -> str:
    """Follow the browser to the provider; return the path that it is sent back to."""
    try:
        build_opener(Stay).open(address, timeout=10)
    except OSError as answer:
        back = urlsplit(answer.headers["Location"])  # type: ignore[attr-defined]
        return f"{back.path}?{back.query}"
    raise AssertionError("the provider did not send the browser back")


def log_in(client: FlaskClient, begin: str = "") -> TestResponse:
    started = client.get(f"/api/v1/session/oidc{begin}")
    assert started.status_code == 302, started.text
    return client.get(returned(started.headers["Location"]))


def who(client: FlaskClient) -> Any:
    return client.get("/api/v1/me").get_json()


def test_somebody_new_comes_in_with_the_roles_of_the_mapping(known: Flask, filled: Engine) -> None:
    client = known.test_client()

    answer = log_in(client, "?next=/dags/one")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/dags/one")
    assert (who(client)["username"], who(client)["roles"]) == ("ann", ["Op"])
    with reading(filled) as conn:
        names = [(row.name, row.actor) for row in conn.execute(select(event).order_by(event.c.id))]
    assert names[-2:] == [("user.create", "oidc"), ("session.open", "ann")]


def test_roles_follow_the_provider_at_each_login(known: Flask, provider: Provider) -> None:
    log_in(known.test_client())
    provider.claims["groups"] = ["flow-admins"]
    client = known.test_client()

    log_in(client)
    assert who(client)["roles"] == ["Admin"]

    provider.claims["groups"] = []
    log_in(client)
    assert who(client)["roles"] == []


def test_nobody_becomes_a_user_without_a_role(known: Flask, provider: Provider) -> None:
    provider.claims["groups"] = ["others"]

    assert log_in(known.test_client()).status_code == 403


def test_a_user_with_a_password_is_not_taken_over(known: Flask, provider: Provider) -> None:
    provider.claims["preferred_username"] = "admin"
    client = known.test_client()

    assert log_in(client).status_code == 403
    assert "username" not in who(client)


def test_a_name_that_somebody_takes_at_the_provider_is_not_his_here(
    known: Flask, provider: Provider
) -> None:
    log_in(known.test_client())
    provider.claims |= {"sub": "2", "email": "eve@x.org"}
    eve = known.test_client()

    assert log_in(eve).status_code == 403
    assert "username" not in who(eve)


def test_who_is_called_something_else_keeps_his_account(known: Flask, provider: Provider) -> None:
    log_in(known.test_client())
    provider.claims["preferred_username"] = "anna"
    client = known.test_client()

    assert log_in(client).status_code == 302
    assert who(client)["username"] == "ann"


def test_an_account_that_waits_for_somebody_is_his_from_the_first_login_on(
    known: Flask, provider: Provider, filled: Engine
) -> None:
    with writing(filled) as conn:
        accounts.create(conn, accounts.Account("ann", "A", "L", "ann@x.org"), clock.utcnow())
    log_in(known.test_client())
    provider.claims["sub"] = "2"

    assert log_in(known.test_client()).status_code == 403


def test_an_address_of_somebody_else_makes_no_account(known: Flask, provider: Provider) -> None:
    provider.claims["email"] = "Op@x.org"

    assert log_in(known.test_client()).status_code == 409


@pytest.mark.parametrize(("is_verified", "status"), [(True, 302), (False, 403), (None, 403)])
def test_an_address_names_somebody_only_when_it_was_verified(
    oidc: dict[str, str], provider: Provider, flowctl_home: Path,
    monkeypatch: pytest.MonkeyPatch, is_verified: bool | None, status: int,
) -> None:  # fmt: skip
    assert oidc
    monkeypatch.setenv("FLOWCTL__OIDC__USERNAME_CLAIM", "email")
    provider.claims["email_verified"] = is_verified

    assert log_in(made(flowctl_home).test_client()).status_code == status


def test_a_deactivated_user_stays_out(known: Flask, filled: Engine) -> None:
    log_in(known.test_client())
    with writing(filled) as conn:
        conn.execute(update(account).values(is_active=False))

    assert log_in(known.test_client()).status_code == 403


NOW = int(clock.utcnow().timestamp())


@pytest.mark.parametrize(
    "cheat",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://another.example"},
        pytest.param({"exp": NOW - 3600}, id="expired"),
        pytest.param({"iat": NOW + 86_400}, id="of tomorrow"),
        {"preferred_username": ""},
        {"preferred_username": "a\nb"},
        {"preferred_username": {"$ne": 1}},
        {"email": "no address"},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    known: Flask, provider: Provider, filled: Engine, cheat: dict[str, Any]
) -> None:
    provider.cheat = cheat

    assert log_in(known.test_client()).status_code in (400, 403)
    with reading(filled) as conn:
        assert conn.execute(select(session)).all() == []


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_a_token_that_others_signed_lets_nobody_in(
    known: Flask, provider: Provider, algorithm: str
) -> None:
    provider.algorithm = algorithm
    provider.key = providers.new_key() if algorithm == "RS256" else None  # type: ignore[assignment]

    assert log_in(known.test_client()).status_code == 403


def test_a_login_is_of_one_browser_and_works_once(known: Flask) -> None:
    victim, thief = known.test_client(), known.test_client()
    started = victim.get("/api/v1/session/oidc")
    back = returned(started.headers["Location"])

    assert thief.get(back).status_code == 403
    thief.get("/api/v1/session/oidc")  # a visit of his own has another state
    assert thief.get(back).status_code == 403
    assert victim.get(back).status_code == 302
    assert victim.get(back).status_code == 403


@pytest.mark.usefixtures("no_tries_come_back")
def test_failed_returns_are_slowed_down(known: Flask, provider: Provider) -> None:
    provider.cheat = {"nonce": "another"}
    client = known.test_client()

    statuses = [log_in(client).status_code for _ in range(8)]

    assert statuses == [403] * 6 + [429] * 2


def test_the_secrets_of_a_visit_are_in_no_address(known: Flask) -> None:
    started = known.test_client().get("/api/v1/session/oidc")
    asked = parse_qs(urlsplit(started.headers["Location"]).query)

    assert SECRET not in started.headers["Location"]
    assert asked.keys() == {"response_type", "client_id", "redirect_uri", "scope", "state",
                            "nonce", "code_challenge", "code_challenge_method"}  # fmt: skip
    assert "HttpOnly" in started.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ISSUER", "http://provider.example", "https"),
        ("CLIENT_ID", "", "client_id"),
        ("ROLE_MAPPING", "[]", "JSON object"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    oidc: dict[str, str], flowctl_home: Path, monkeypatch: pytest.MonkeyPatch,
    name: str, value: str, said: str,
) -> None:  # fmt: skip
    assert oidc
    monkeypatch.setenv(f"FLOWCTL__OIDC__{name}", value)

    with pytest.raises(ConfigError, match=said):
        made(flowctl_home)


def test_without_an_issuer_there_is_no_such_login(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/api/v1/session/oidc").status_code == 404
    assert client.get("/api/v1/session/ways").get_json() == {"password": True, "oidc": False}


EVIL = ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/%09/evil", "///evil.example",
        "/..//evil.example", " //evil.example", "\u2028//evil", "/\u3002evil", "http:evil",
        "/a\r\nSet-Cookie: a=b", "%2f%2fevil.example", "////evil.example"]  # fmt: skip


@pytest.mark.parametrize("place", EVIL)
def test_nobody_is_sent_to_another_site(known: Flask, place: str) -> None:
    client = known.test_client()
    started = client.get("/api/v1/session/oidc", query_string={"next": place})

    location = client.get(returned(started.headers["Location"])).headers["Location"]

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert location.isprintable()
