"""Who is let in, and what holds the door: passwords, sessions, tokens, headers, limits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from werkzeug.security import generate_password_hash

from flowctl import clock, config
from flowctl.config import ConfigError
from flowctl.store import accounts, passwords, wake
from flowctl.store.engine import reading, writing
from flowctl.store.schema import account, session, token
from flowctl.web.app import create_app
from flowctl.web.auth import throttle as throttles
from flowctl.web.auth.login import COOKIE, CSRF_HEADER
from flowctl.web.auth.throttle import TRIES, Throttle, network_of
from tests.web.conftest import PASSWORD, Ask

CREDENTIALS = {"username": "admin", "password": PASSWORD}


class Browser:
    """A client that keeps its cookie and sends its CSRF token, as the pages do."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.csrf = ""

    def log_in(self) -> str:
        answer = self.client.post("/api/v1/session", json=CREDENTIALS)
        assert answer.status_code == 200, answer.text
        self.csrf = answer.get_json()["csrf_token"]
        return answer.headers["Set-Cookie"]

    def post(self, path: str, body: object, **headers: str) -> int:
        sent = {CSRF_HEADER: self.csrf, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.post(f"/api/v1{path}", json=body, headers=sent).status_code

    def who(self) -> str | None:
        found = self.client.get("/api/v1/me").get_json()
        name: str | None = found.get("username")
        return name


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Give a browser that is logged in as admin."""
    found = Browser(app)
    found.log_in()
    return found


def test_the_cookie_is_for_this_site_alone(app: Flask) -> None:
    cookie = Browser(app).log_in()

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_over_tls_the_cookie_never_goes_in_clear(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled is not None
    monkeypatch.setenv("FLOWCTL__WEBSERVER__BASE_URL", "https://flow.example.com")
    config.forget()

    assert "Secure" in Browser(create_app(config.load(flowctl_home))).log_in()


def test_a_login_rotates_the_session(browser: Browser, filled: Engine) -> None:
    browser.log_in()

    with reading(filled) as conn:
        assert len(conn.execute(select(session)).all()) == 1


def test_what_a_session_changes_needs_its_csrf_token(browser: Browser) -> None:
    pool = {"name": "p", "slots": 1}

    assert browser.post("/pools", pool, X_CSRF_Token="") == 403
    assert browser.post("/pools", pool, X_CSRF_Token="x" * 64) == 403
    assert browser.post("/pools", pool, Origin="https://evil.example.com") == 403
    assert browser.post("/pools", pool, Origin="http://localhost") == 200


def test_logging_out_ends_the_session_on_the_server(browser: Browser, app: Flask) -> None:
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    browser.client.delete("/api/v1/session", headers={CSRF_HEADER: browser.csrf})

    thief = app.test_client()
    thief.set_cookie(COOKIE, cookie.value)
    assert thief.get("/api/v1/me").status_code == 401


@pytest.fixture
def bearer(ask: Ask) -> dict[str, str]:
    """Give the header with a token of admin."""
    issued = ask("POST", "/me/tokens", json={"name": "ci"}).get_json()
    return {"Authorization": f"Bearer {issued['token']}"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/me/password", {"old": PASSWORD, "new": "an even better password"}),
        ("PATCH", "/users/admin", {"password": "an even better password"}),
        ("DELETE", "/users/admin/sessions", None),
    ],
)
def test_a_new_password_and_a_revocation_end_sessions_and_tokens(
    browser: Browser, bearer: dict[str, str], ask: Ask, method: str, path: str, body: object
) -> None:
    client = browser.client
    assert client.get("/api/v1/me", headers=bearer).status_code == 200

    assert ask(method, path, json=body).status_code in (200, 204)

    assert browser.who() is None
    assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_deactivated_user_is_out_at_once(browser: Browser, filled: Engine) -> None:
    with writing(filled) as conn:
        conn.execute(update(account).values(is_active=False))

    assert browser.who() is None


@pytest.mark.parametrize("column", ["seen_at", "created_at"])
def test_sessions_end_by_themselves(browser: Browser, filled: Engine, column: str) -> None:
    with writing(filled) as conn:
        conn.execute(update(session).values({column: clock.utcnow() - timedelta(days=31)}))

    assert browser.who() is None


def test_nobody_leaves_a_row(app: Flask, filled: Engine) -> None:
    client = app.test_client()
    for path in ("/", "/health", "/api/v1/dags", "/api/v1/me", "/nothing"):
        client.get(path)

    with reading(filled) as conn:
        assert conn.execute(select(session)).all() == []


# ------------------------------------------------------------------------------ passwords


def test_passwords_in_requests_are_off_unless_they_are_turned_on(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled is not None
    monkeypatch.delenv("FLOWCTL__API__AUTH_BACKENDS")
    config.forget()
    client = create_app(config.load(flowctl_home)).test_client()

    answer = client.get("/api/v1/me", auth=("admin", PASSWORD))

    assert answer.status_code == 401
    assert "auth_backends" in answer.get_json()["detail"]


@pytest.mark.usefixtures("no_tries_come_back")
def test_guessing_is_slowed_down_but_the_owner_comes_in_from_elsewhere(app: Flask) -> None:
    client = app.test_client()
    wrong = {"username": "admin", "password": "a guess"}
    answers = [
        client.post("/api/v1/session", json=wrong, environ_base={"REMOTE_ADDR": "127.0.0.1"})
        for _ in range(12)
    ]

    assert [answer.status_code for answer in answers][:6] == [401] * 6
    assert {answer.status_code for answer in answers[6:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    elsewhere = client.post(
        "/api/v1/session", json=CREDENTIALS, environ_base={"REMOTE_ADDR": "127.0.0.2"}
    )
    assert elsewhere.status_code == 200


def test_a_try_comes_back_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = Throttle()
    for _ in range(int(TRIES)):
        throttle.failed("10.0.0.7", "admin")
    assert 0 < throttle.wait_s("10.0.0.7", "admin") <= 1 / throttles.REFILL_PER_S

    monkeypatch.setattr(throttles, "REFILL_PER_S", 1e9)
    assert throttle.wait_s("10.0.0.7", "admin") == 0


@pytest.mark.usefixtures("no_tries_come_back")
def test_many_guesses_at_once_get_no_more_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    fits = passwords.fits

    def slow(password: str, kept: str | None) -> bool:
        hashed.append(password)
        return fits(password, kept)

    monkeypatch.setattr(passwords, "fits", slow)

    def guess(number: int) -> int:
        wrong = {"username": "admin", "password": str(number)}
        return app.test_client().post("/api/v1/session", json=wrong).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(guess, range(40)))

    assert (statuses.count(401), statuses.count(429)) == (6, 34)
    assert len(hashed) == 6


def test_many_requests_with_the_right_password_all_come_in(ask: Ask) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ask("GET", "/me").status_code, range(40)))

    assert answers == [200] * 40


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    throttle = Throttle()
    for host in range(int(TRIES)):
        throttle.failed(f"2001:db8::{host}", "admin")

    assert throttle.wait_s("2001:db8::ffff", "admin") > 0
    assert throttle.wait_s("2001:db8:0:1::1", "admin") == 0
    assert network_of("::ffff:10.0.0.7") == network_of("10.0.0.7")


def test_other_names_in_the_same_place_lock_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "_COUNT", 1)  # all fall together
    throttle = Throttle()
    for name in range(50):
        throttle.failed("10.0.0.7", str(name))

    assert throttle.wait_s("10.0.0.8", "admin") == 0


def test_a_wrong_password_does_not_wake_the_scheduler(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake.Waker, "wake", pytest.fail)
    client = app.test_client()

    assert client.post("/api/v1/session", json={**CREDENTIALS, "password": "x"}).status_code == 401
    assert client.get("/api/v1/me", auth=("admin", "x")).status_code == 401


def test_an_unknown_user_and_a_wrong_password_look_the_same(app: Flask) -> None:
    client = app.test_client()
    unknown = client.post("/api/v1/session", json={"username": "no", "password": "x"})
    wrong = client.post("/api/v1/session", json={"username": "admin", "password": "x"})

    assert unknown.get_json() == wrong.get_json()


def test_a_password_is_hashed_again_when_the_way_is_old(app: Flask, filled: Engine) -> None:
    old = generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
    with writing(filled) as conn:
        conn.execute(update(account).values(password=old))

    Browser(app).log_in()

    with reading(filled) as conn:
        admin = accounts.one(conn, "admin")
    assert admin is not None
    assert not passwords.is_outdated(admin.password or "")


def make_app(home: Path, monkeypatch: pytest.MonkeyPatch, backends: str) -> Flask:
    monkeypatch.setenv("FLOWCTL__API__AUTH_BACKENDS", backends)
    config.forget()
    return create_app(config.load(home))


def test_deny_all_lets_the_pages_in_alone(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch, bearer: dict[str, str]
) -> None:
    assert filled is not None
    app = make_app(flowctl_home, monkeypatch, "airflow.api.auth.backend.deny_all")
    client = app.test_client()

    assert client.get("/api/v1/me", headers=bearer).status_code == 403
    assert client.get("/api/v1/me", auth=("admin", PASSWORD)).status_code == 403
    browser = Browser(app)
    browser.log_in()
    assert browser.who() == "admin"


@pytest.mark.parametrize(
    "name",
    [
        "airflow.api.auth.backend.basic_auth",
        "airflow.providers.fab.auth_manager.api.auth.backend.basic_auth",
    ],
)
def test_basic_authentication_has_the_names_of_airflow(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert filled is not None
    client = make_app(flowctl_home, monkeypatch, name).test_client()

    assert client.get("/api/v1/me", auth=("admin", PASSWORD)).status_code == 200


@pytest.mark.parametrize("name", ["airflow.api.auth.backend.default", "my.own.backend"])
def test_a_backend_that_is_not_there_is_refused(
    flowctl_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with pytest.raises(ConfigError, match="basic_auth, deny_all"):
        make_app(flowctl_home, monkeypatch, name)


# --------------------------------------------------------------------------------- tokens


def test_a_token_lets_in_until_it_is_revoked(app: Flask, ask: Ask, filled: Engine) -> None:
    issued = ask("POST", "/me/tokens", user="op", json={"name": "ci"}).get_json()
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {issued['token']}"}

    assert client.get("/api/v1/me", headers=bearer).get_json()["username"] == "op"
    with reading(filled) as conn:
        (row,) = conn.execute(select(token)).all()
        assert issued["token"] not in str(row)
    assert ask("DELETE", f"/me/tokens/{issued['id']}", user="op").status_code == 204
    assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_token_makes_no_tokens(app: Flask, bearer: dict[str, str]) -> None:
    made = app.test_client().post("/api/v1/me/tokens", headers=bearer, json={"name": "longer"})
    assert made.status_code == 403


def test_a_token_for_reading_only_reads(app: Flask, ask: Ask) -> None:
    asked = {"name": "grafana", "is_read_only": True}
    issued = ask("POST", "/me/tokens", json=asked).get_json()
    bearer = {"Authorization": f"Bearer {issued['token']}"}
    client = app.test_client()

    assert client.get("/api/v1/pools", headers=bearer).status_code == 200
    denied = client.post("/api/v1/pools", headers=bearer, json={"name": "p", "slots": 1})
    assert denied.status_code == 403


def test_a_token_expires(app: Flask, ask: Ask, filled: Engine) -> None:
    issued = ask("POST", "/me/tokens", json={"name": "old", "days": 1}).get_json()
    with writing(filled) as conn:
        conn.execute(update(token).values(expires_at=clock.utcnow() - timedelta(seconds=1)))

    bearer = {"Authorization": f"Bearer {issued['token']}"}
    assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 401


def test_the_header_beats_the_cookie(browser: Browser) -> None:
    answer = browser.client.get("/api/v1/me", headers={"Authorization": "Bearer flowctl_wrong"})

    assert answer.status_code == 401


# --------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/api/v1/dags", "/api/v1/nothing"])
def test_every_answer_has_the_strict_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers

    assert "default-src" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"]


def test_a_huge_body_is_refused(ask: Ask) -> None:
    answer = ask("POST", "/variables", json={"key": "k", "value": "x" * (11 * 2**20)})

    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b'{"name": NaN}'])
def test_bad_bodies_are_explained(ask: Ask, body: bytes) -> None:
    answer = ask("POST", "/pools", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_a_run_id_cannot_leave_the_log_folder(ask: Ask, filled: Engine, flowctl_home: Path) -> None:
    (flowctl_home / "secret.log").write_text("the secret")
    with writing(filled) as conn:
        conn.exec_driver_sql("UPDATE task_try SET log_path = '../secret.log'")

    answer = ask("GET", "/dags/one/dagRuns/r1/taskInstances/a/logs/1")

    assert answer.get_json()["content"] == ""


def test_it_can_live_below_a_path(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled is not None
    monkeypatch.setenv("FLOWCTL__WEBSERVER__BASE_URL", "http://localhost:8080/flow")
    config.forget()
    client = create_app(config.load(flowctl_home)).test_client()

    assert client.get("/flow/health").status_code == 200
    outside = client.get("/health")
    assert outside.status_code == 404
    assert "frame-ancestors 'none'" in outside.headers["Content-Security-Policy"]
    answer = client.post("/flow/api/v1/session", json=CREDENTIALS)
    assert "Path=/flow/" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("is_told", [True, False])
def test_headers_of_proxies_count_only_when_told(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    assert filled is not None
    monkeypatch.setenv("FLOWCTL__WEBSERVER__ENABLE_PROXY_FIX", str(is_told))
    config.forget()
    client = create_app(config.load(flowctl_home)).test_client()
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.7"}

    cookie = client.post("/api/v1/session", json=CREDENTIALS, headers=said).headers["Set-Cookie"]

    assert ("Secure" in cookie) is is_told


@pytest.mark.parametrize(("mode", "is_asked"), [(None, True), ("navigate", True), ("cors", False)])
def test_the_browser_asks_for_no_password_where_a_page_does(
    app: Flask, mode: str | None, is_asked: bool
) -> None:
    headers = {"Sec-Fetch-Mode": mode} if mode else {}

    answer = app.test_client().get("/api/v1/me", headers=headers)

    assert ("WWW-Authenticate" in answer.headers) == is_asked
