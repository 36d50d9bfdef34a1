"""A flowctl that runs as a person runs it: `flowctl standalone`, in a home of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import free_port

START_DEADLINE_S = 60
STOP_DEADLINE_S = 30


@dataclass(frozen=True)
class Standing:
    """A running flowctl: where its home and its pages are, and the password of `admin`."""

    home: Path
    url: str
    password: str
    settings: Mapping[str, str]

    def cli(self, *words: str) -> str:
        """Run a command of flowctl in this home; return what it prints."""
        command = [sys.executable, "-m", "flowctl", *words]
        done = subprocess.run(
            command, env={**os.environ, **self.settings}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def write(self, name: str, text: str) -> None:
        """Put a DAG file into the home, or replace it."""
        (self.home / "dags" / name).write_text(text)


@contextmanager
def standing(home: Path, settings: Mapping[str, str]) -> Iterator[Standing]:
    """Run `flowctl standalone` with these settings; all of it ends with the block."""
    (home / "dags").mkdir(parents=True, exist_ok=True)
    port = free_port()
    all_settings = {
        **settings,
        "FLOWCTL_HOME": str(home),
        "FLOWCTL__WEBSERVER__WEB_SERVER_PORT": str(port),
    }
    out = home / "standalone.out"
    with out.open("wb") as stream:
        child = subprocess.Popen(
            [sys.executable, "-m", "flowctl", "standalone"],
            env={**os.environ, **all_settings},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, child, out)
        found = re.search(r"password (\S+)", out.read_text())
        assert found, out.read_text()
        yield Standing(home, url, found.group(1), all_settings)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            raise


def _wait_until_healthy(url: str, child: "subprocess.Popen[bytes]", out: Path) -> None:
    until, pause = time.monotonic() + START_DEADLINE_S, threading.Event()
    while time.monotonic() < until:
        assert child.poll() is None, out.read_text()
        if _has_scheduler(url):
            return
        pause.wait(0.1)
    raise AssertionError(f"flowctl was not healthy after {START_DEADLINE_S} s:\n{out.read_text()}")


def _has_scheduler(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            found = json.load(answer)
    except OSError:
        return False
    return bool(found["scheduler"]["status"] == "healthy")
