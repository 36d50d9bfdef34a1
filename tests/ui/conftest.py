"""What the tests of the pages share: a flowctl that runs, and a browser that is logged in.

Each file of tests is run on one kind of database, half of them on each: the pages are the same, and
what they ask for is tested on both, by `tests/store` and `tests/web/test_fuzz`. Each test has a
context of its own in one Chromium. What a page says on its console, what it asks
for elsewhere and what its security policy refuses fails the test. Pictures lie in build/pictures.
"""

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support import postgres
from tests.support.processes import PATIENCE_S
from tests.support.standing import Standing, standing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOUND_DEADLINE_S = 60
PICTURES = ROOT / "build" / "pictures"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
HARMLESS = re.compile(r"status of (401|403|404|409|429)")  # an answer that a test provokes
PATIENCE_MS = PATIENCE_S * 1000
PARTS = "table, :is([role=grid], [role=group], [role=alert]), canvas, h2, form, dialog[open], code"
SHOWN = f"main :is({PARTS})"  # what there is on a page once it has what it asked for

ON_POSTGRESQL = ("backfills", "cluster", "dags", "deeds", "history", "hostile")
"""The files, without `test_`, whose pages are served from PostgreSQL; the others from SQLite."""

expect.set_options(timeout=PATIENCE_MS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the database of a test by its file."""
    if "site" in metafunc.fixturenames:
        name = Path(str(metafunc.module.__file__)).stem.removeprefix("test_")
        kind = "postgresql" if name in ON_POSTGRESQL else "sqlite"
        metafunc.parametrize("site", [kind], indirect=True, scope="session")


@pytest.fixture(scope="session")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing]:
    """Run `flowctl standalone` with its example DAGs, on a kind of database."""
    home = tmp_path_factory.mktemp(f"site_{request.param}")
    if request.param == "sqlite":
        with standing(home, {}) as found:
            yield found
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with (
        server.database() as url,
        standing(home, {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; `make test` installs it.

    Playwright keeps an event loop in this thread as long as it is open: no longer than these tests
    last, for others of the same process want one of their own.
    """
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert program, "the tests of the pages need Chromium: apt-get install chromium-headless-shell"
    with sync_playwright() as found:
        made = found.chromium.launch(executable_path=program, args=list(FLAGS))
        yield made
        made.close()


@pytest.fixture(scope="module")
def session_of_admin(site: Standing, browser: Browser) -> str:
    """Log in once; give the file that holds the session, for all contexts."""
    path = site.home / "session.json"
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("banner").wait_for()
    context.storage_state(path=path)
    context.close()
    return str(path)


def await_dag(context: BrowserContext, dag_id: str) -> None:
    """Wait until the DAG of a new file is there."""
    until, pause = time.monotonic() + FOUND_DEADLINE_S, threading.Event()
    while not context.request.get(f"/api/v1/dags/{dag_id}").ok:
        assert time.monotonic() < until, f"{dag_id} was not there after {FOUND_DEADLINE_S} s"
        pause.wait(0.1)


def post(context: BrowserContext, site: Standing, path: str, body: dict[str, Any]) -> None:
    """Do something at once by the API; a command would take a moment to start."""
    token = context.request.get("/api/v1/me").json()["csrf_token"]
    headers = {"X-CSRF-Token": token, "Content-Type": "application/json", "Origin": site.url}
    answer = context.request.post(f"/api/v1{path}", data=json.dumps(body), headers=headers)
    assert answer.ok, answer.text()


@pytest.fixture(scope="module")
def admin(site: Standing, browser: Browser, session_of_admin: str) -> Iterator[BrowserContext]:
    """Give a context in which `admin` is logged in, to prepare what the tests of a file need."""
    made = browser.new_context(base_url=site.url, storage_state=session_of_admin)
    yield made
    made.close()


@pytest.fixture
def context(site: Standing, browser: Browser, session_of_admin: str) -> Iterator[BrowserContext]:
    """Give a context in which `admin` is logged in."""
    made = browser.new_context(base_url=site.url, storage_state=session_of_admin)
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, site: Standing) -> Iterator[Page]:
    """Give a page; whatever it complains about fails the test."""
    yield from watched(context.new_page(), site)


def watched(page: Page, site: Standing) -> Iterator[Page]:
    """Yield a page, then say what went wrong in it."""
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(f"raised: {error}"))
    page.on("console", lambda said: troubles.extend(_trouble(said.type, said.text)))
    page.on("request", lambda asked: troubles.extend(_foreign(asked.url, site.url)))
    page.on("dialog", lambda shown: troubles.append(f"dialog: {shown.message}"))
    yield page
    assert troubles == []


def _trouble(kind: str, text: str) -> list[str]:
    return [text] if kind in ("error", "warning") and not HARMLESS.search(text) else []


def _foreign(url: str, own: str) -> list[str]:
    return [] if url.startswith((own, "data:", "blob:")) else [f"asked for {url}"]


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Give a function that keeps a picture of a page under the name of the test."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=PICTURES / f"{request.node.name}-{name}.png".replace("/", "_"))

    return keep
