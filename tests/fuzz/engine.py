"""Schemathesis against a web server of flowctl: requests made of the OpenAPI document it serves.

All its checks are on: no 5xx, no status, type or shape that is not declared, what the schema allows
is taken, what it does not allow is refused, no door opens without credentials, what was deleted
stays away. A request that is refused although it has the declared form is a finding, except on
routes that declare 400 for themselves.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flowctl import clock, config
from flowctl.runner import pidfiles
from flowctl.store import accounts, database, metastore, passes, roles
from flowctl.store.accounts import Account
from flowctl.store.engine import writing
from flowctl.web import api
from flowctl.web.auth.login import digest_of
from flowctl.web.routes import ROUTES
from tests.fuzz.hooks import AS_NOBODY, OWN_NAME
from tests.web.conftest import fill

api.load()

TOKEN = "flowctl_of_the_fuzzer"
HERE = Path(__file__).parent
WITHOUT = ("get_live",)  # a stream has no end
KNOWN: dict[str, list[str | int]] = {
    "dag_id": ["one", "two"],
    "dag_run_id": ["r1"],
    "task_id": ["a", "b"],
    "task_try_number": [1],
    "map_index": [-1, 0],
    "pool_name": ["default_pool"],
    "role_name": ["Op", "Viewer"],
    "username": ["viewer", "public"],
    "xcom_key": ["return_value"],
    "number": [1],
    "event_log_id": [1, 2],
    "file_token": ["b25lLnB5"],
    "section": ["core"],
    "option": ["parallelism"],
}
"""What there is in the metastore; a part of a path is one of these in six of ten requests."""

REFUSED = [400, 401, 403, 404, 405, 406, 409, 414, 415, 429, "5xx"]
TAKEN = ["2xx", "3xx", 401, 403, 404, 409, 429, "5xx"]
SETTINGS = {
    "FLOWCTL__API__AUTH_BACKENDS": "airflow.api.auth.backend.session,"
    "airflow.api.auth.backend.basic_auth",
    "FLOWCTL__WEBSERVER__EXPOSE_CONFIG": "True",
    "FLOWCTL__WEBSERVER__ENABLE_PROXY_FIX": "True",
    "FLOWCTL__CORE__TEST_CONNECTION": "Enabled",
}


class Ended(NamedTuple):
    """How a run ended; `text` is what schemathesis said."""

    is_fine: bool
    requests: int
    text: str


@contextmanager
def served(home: Path, port: int, url: str | None = None) -> Iterator[None]:
    """Run a web server for a home with DAGs, a run, and users of all roles.

    Args:
        url: of an empty PostgreSQL database; by default the metastore is a file of the home.
    """
    settings = SETTINGS | {"FLOWCTL_HOME": str(home)}
    if url is not None:
        settings["FLOWCTL__DATABASE__SQL_ALCHEMY_CONN"] = url
    os.environ.update(settings)
    config.forget()
    try:
        _prepare(home)
        words = ("webserver", "-D", "--port", str(port), "--workers", "2")
        subprocess.run([sys.executable, "-m", "flowctl", *words], check=True, capture_output=True)
        yield
        log = (home / "flowctl-webserver.log").read_text()
        assert "Traceback" not in log, log[-5000:]
    finally:
        subprocess.run([sys.executable, "-m", "flowctl", "stop", "--kill"], check=False)
        assert pidfiles.holder(home / "flowctl-webserver.pid") is None
        for name in settings:
            del os.environ[name]
        config.forget()


def _prepare(home: Path) -> None:
    engine = metastore.open_engine(config.load(home))
    database.migrate(engine)
    fill(engine)
    now = clock.utcnow()
    with writing(engine) as conn:
        who = Account(OWN_NAME, "F", "L", "fuzz@x.org", (roles.ADMIN,))
        pk = accounts.create(conn, who, now)
        passes.issue_token(conn, pk, digest_of(TOKEN), "t", now.replace(year=2100), now)
    engine.dispose()
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "a.log").write_text("first line\nsecond line\n")


def run(
    home: Path, port: int, examples: int, phases: str, *, seed: int, logged_in: bool = True
) -> Ended:
    """Send requests until each operation had its examples; say how that ended."""
    settings = home / "schemathesis.toml"
    settings.write_text(_settings())
    address = f"http://127.0.0.1:{port}/api/v1/openapi.json"
    if not logged_in:  # whoever is nobody does not get the document either
        address = str(home / "openapi.json")
        document = subprocess.run(
            [sys.executable, "-m", "flowctl.web"], check=True, capture_output=True
        )
        Path(address).write_bytes(document.stdout)
    words = [
        *("--config-file", str(settings), "run", address, "--checks", "all"),
        *("--phases", phases, "--max-examples", str(examples), "--seed", str(seed)),
        *("--continue-on-failure", "--no-shrink", "--warnings", "off", "--request-timeout", "30"),
        *(word for name in WITHOUT for word in ("--exclude-operation-id", name)),
        *(
            ("--header", f"Authorization: Bearer {TOKEN}")
            if logged_in
            else ("--url", f"http://127.0.0.1:{port}/api/v1")
        ),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *words],
        env=os.environ
        | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
        | ({} if logged_in else {AS_NOBODY: "yes"}),
        cwd=home,  # it leaves a folder where it runs
        capture_output=True,
        text=True,
        check=False,
    )
    counted = re.search(r"(\d+) generated", done.stdout)
    return Ended(
        done.returncode == 0, int(counted.group(1)) if counted else 0, done.stdout + done.stderr
    )


def _settings() -> str:
    """Return the settings of schemathesis, as TOML."""
    lines = [f"[dictionaries.{name}]\nvalues = {values!r}" for name, values in KNOWN.items()]
    lines.append("[parameters]")
    lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.6 }}' for name in KNOWN]
    choosy = [route.name for route in ROUTES if 400 in route.errors]
    lines += [
        "[generation]",
        "allow-x00 = false",  # no text may hold NUL, which a schema cannot say briefly
        "[checks.negative_data_rejection]",
        f"expected-statuses = {REFUSED!r}",
        "[[operations]]",
        f"include-operation-id = {choosy!r}",
        "[operations.checks.positive_data_acceptance]",
        f"expected-statuses = {[400, *TAKEN]!r}",
    ]
    return "\n".join([*lines, ""])
