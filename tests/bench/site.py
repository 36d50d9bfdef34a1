"""One installation under measurement: a home in a temporary folder, a metastore, real processes."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from flowctl import clock, config
from flowctl.core.states import RunType
from flowctl.store import metastore, runs, snapshot
from flowctl.store.engine import reading, writing
from flowctl.store.versions import Versions
from flowctl.store.wake import Waker
from tests.bench import procfs
from tests.bench.waiting import wait_until

COMMAND = Path(sys.executable).with_name("flowctl")
SLOTS = 8
STOP_S = 10.0
USABLE_S = 120.0
LOG_SHOWN_BYTES = 3000

# Every other limit is raised until it cannot bind; nothing else differs from the defaults.
SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "2000",
    "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG": "1000",
    "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": "10000",
}
HIDDEN = ("AIRFLOW_", "FLOWCTL_", "PYTHONDONTWRITEBYTECODE")


class DaemonEnded(Exception):
    """A daemon under measurement ended by itself."""


class Site:
    """A home with a metastore; its daemons are started and stopped here."""

    def __init__(self, folder: Path, url: str | None, settings: Mapping[str, str]) -> None:
        self.home = folder / "home"
        self.dags = self.home / "dags"
        self.dags.mkdir(parents=True)
        self.stamps = folder / "stamps"
        self.environ = {**environ(), **SETTINGS, **settings}
        self.environ |= {"FLOWCTL_HOME": str(self.home), "BENCH_STAMP": str(self.stamps)}
        if url is not None:
            self.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = url
        self._log = folder / "log"
        self._daemons: list[subprocess.Popen[bytes]] = []
        self._conf = config.load(environ=self.environ)
        self.engine: Engine = metastore.open_engine(self._conf, name="bench", pool_size=1)
        self._versions = Versions()
        self._waker = Waker(self.engine, self.home)

    # ------------------------------------------------------------------ processes

    def command(self, *words: str) -> str:
        """Run a flowctl command to its end; return what it said."""
        done = subprocess.run(
            [COMMAND, *words], env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise DaemonEnded(f"flowctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, *words: str, ticks_to: Path | None = None) -> None:
        """Start a flowctl daemon in a session of its own.

        Args:
            ticks_to: the file into which its loop writes how long its ticks take.
        """
        timed = [sys.executable, "-m", "tests.bench.ticks", ticks_to]
        with self._log.open("ab") as log:
            daemon = subprocess.Popen(
                [*([COMMAND] if ticks_to is None else timed), *words],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._daemons.append(daemon)

    def check(self) -> None:
        """Check that all daemons run.

        Raises:
            DaemonEnded: one does not; the message has its last words.
        """
        for daemon in self._daemons:
            if daemon.poll() is not None:
                said = self._log.read_bytes()[-LOG_SHOWN_BYTES:].decode(errors="replace")
                raise DaemonEnded(f"{daemon.args!r} ended with {daemon.returncode}: {said}")

    def pids(self) -> list[int]:
        """Return everything that runs for this home, and the database server's processes."""
        return procfs.of_home(self.home)

    def stop(self) -> None:
        """End the daemons, then everything that is left of this home."""
        for daemon in self._daemons:
            daemon.send_signal(signal.SIGTERM)
        for daemon in self._daemons:
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(STOP_S)
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for daemon in self._daemons:
            daemon.wait()
        self._daemons.clear()

    def close(self) -> None:
        """End everything and let go of the metastore."""
        self.stop()
        self.engine.dispose()

    # ------------------------------------------------------------------ the metastore

    def wait_usable(self, count: int, deadline_s: float = USABLE_S) -> float:
        """Wait until `count` DAGs can be triggered; return how many seconds that took."""

        def all_there() -> bool:
            self.check()
            return len(self.known()) >= count

        return wait_until(all_there, deadline_s, f"{count} DAGs")

    def wait_led(self) -> None:
        """Wait until a scheduler leads."""

        def is_led() -> bool:
            self.check()
            return bool(self.query("SELECT count(*) FROM lease")[0][0])

        wait_until(is_led, USABLE_S, "a leader")

    def known(self) -> set[str]:
        """Return the ids of the DAGs that can be triggered."""
        rows = self.query("SELECT dag_id FROM dag WHERE is_active")
        return {row[0] for row in rows}

    def query(self, statement: str) -> list[Any]:
        """Return the rows of a query."""
        with reading(self.engine) as conn:
            return list(conn.execute(text(statement)))

    def trigger(self, dag_id: str) -> None:
        """Make a run now, as the API does, and wake the scheduler."""
        now = clock.utcnow()
        with writing(self.engine) as conn:
            (dag,) = snapshot.read_dags(conn, self._versions, [dag_id])
            runs.create(
                conn,
                graph=dag.graph,
                version_pk=dag.version_pk,
                run_id=f"manual__{now.isoformat()}",
                run_type=RunType.MANUAL,
                logical_date=now,
                interval=(now, now),
                now=now,
            )
        self._waker.wake()

    def wait_idle(self) -> None:
        """Wait until no run is unfinished, so that nothing of the last one is in the next."""

        def is_idle() -> bool:
            self.check()
            query = "SELECT count(*) FROM dag_run WHERE state IN ('queued', 'running')"
            return bool(self.query(query)[0][0] == 0)

        wait_until(is_idle, USABLE_S, "the runs to end")

    def fresh_stamps(self) -> None:
        """Forget the stamps so far."""
        self.stamps.unlink(missing_ok=True)


def environ() -> dict[str, str]:
    """Return this process's environment without what would change the figures."""
    return {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}


@contextmanager
def new_site(url: str | None, **settings: str) -> Iterator[Site]:
    """Give a site with a migrated metastore; remove it at the end.

    Args:
        url: address of an empty PostgreSQL database; None takes SQLite in the home.
        settings: further environment variables of everything that is started.
    """
    folder = Path(tempfile.mkdtemp(prefix="flowctl-bench-"))
    settings.setdefault("AIRFLOW__CORE__PARALLELISM", str(SLOTS))
    site = Site(folder, url, settings)
    try:
        site.command("db", "migrate")
        yield site
    finally:
        site.close()
        shutil.rmtree(folder, ignore_errors=True)
