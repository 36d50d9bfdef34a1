"""A home with a metastore and DAG files, whose attempts are ordered as the scheduler orders them.

No scheduler runs: a test decides what is ordered and hands it to an executor itself.
"""

import os
import selectors
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Row, text

from flowctl import clock, config
from flowctl.authoring.settings import Defaults, defaults
from flowctl.core.attempt import Order
from flowctl.core.fulfilment import absorb
from flowctl.core.parsed import ParsedFile
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.executors.contract import Executor, Key
from flowctl.parsing.now import parse_now
from flowctl.parsing.options import Options
from flowctl.runner import site
from flowctl.runner.messages import Facts
from flowctl.scheduler.memory import Memory
from flowctl.scheduler.orders import order
from flowctl.scheduler.parser_ports import ReadOnlyPorts
from flowctl.store import dags, lease, metastore, plans
from flowctl.store.engine import reading, writing
from flowctl.store.triggers import Trigger, trigger

DEADLINE_S = 60.0  # for what never comes
KEY = "0123456789abcdef0123456789abcdef0123456789A="
SETTINGS = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__FERNET_KEY": KEY,
    "AIRFLOW__CORE__KILLED_TASK_CLEANUP_TIME": "1",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "1000",
    "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG": "1000",
}


@dataclass
class Workshop:
    """See the module."""

    home: Path
    engine: Engine
    known: set[Key] = field(default_factory=set)  # attempts that the last connection named
    heard: list[Facts] = field(default_factory=list)
    executors: list[Executor] = field(default_factory=list)
    term: int = 0
    runs: int = 0

    @classmethod
    def make(cls, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> "Workshop":
        """Make a home on a metastore; this process and its children work in it.

        Args:
            folder: of the test, where the home is made.
            url: of a metastore with its tables.
            monkeypatch: what undoes the settings.
        """
        home = folder / "workshop"
        (home / "dags").mkdir(parents=True)
        (home / "plugins").mkdir()
        shutil.copy(Path(__file__).parent / "marks.py", home / "plugins")
        settings = SETTINGS | {
            "FLOWCTL_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "WORKSHOP": str(home),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        config.forget()
        engine = metastore.open_engine(config.load(), pool_size=1)
        with writing(engine) as conn:
            term = lease.take(conn, "tests", clock.utcnow())
        assert term is not None
        return cls(home, engine, term=term)

    # ------------------------------------------------------------------ DAGs and runs

    def add(
        self, content: str, name: str = "work.py", parsed: ParsedFile | None = None
    ) -> ParsedFile:
        """Write a DAG file and record its DAGs, as the scheduler does.

        Args:
            content: of the file.
            name: of the file.
            parsed: what another home found in it; without, it is parsed here.

        Returns:
            What was found in it.
        """
        (self.home / "dags" / name).write_text(content)
        found = parsed or self._parse(name)
        assert found.error is None, found.error
        with writing(self.engine) as conn:
            dags.record(conn, found, clock.utcnow(), paused_at_creation=False)
        return found

    def _parse(self, name: str) -> ParsedFile:
        conf = config.load()
        ports = ReadOnlyPorts(self.engine, metastore.cipher(conf))
        found = parse_now(Options.from_config(conf), ports=ports)
        return next(parsed for parsed in found if parsed.path == name)

    def trigger(self, dag_id: str, **conf: Any) -> str:
        """Make a run; return its id."""
        self.runs += 1
        moment, run_id = clock.utcnow(), f"run{self.runs}"
        wanted = Trigger(dag_id, run_id, moment, conf=conf, keep_microseconds=True)
        with writing(self.engine) as conn:
            trigger(conn, wanted, "tests", moment)
        return run_id

    def due(self) -> dict[str, Order]:
        """Queue what the core says should start now; return the orders by task."""
        world = World(parallelism=1000)
        memory = Memory(world)
        found: dict[str, Order] = {}
        while True:
            with reading(self.engine) as conn:
                memory.stale |= set(world.runs)
                memory.refresh(conn)
            now = clock.utcnow()
            plan = decide(world, now)
            if plan.is_empty:
                return found
            with writing(self.engine) as conn:
                plans.apply(conn, plan, world, self.term, now)
            absorb(world, plan, now)
            for move in plan.starts:
                task = world.by_id[move.ti_id]
                found[task.spec.task_id] = order(task, self.term)

    def order(self, dag_id: str, **conf: Any) -> dict[str, Order]:
        """Make a run; return the orders of its first tasks."""
        self.trigger(dag_id, **conf)
        return self.due()

    # ------------------------------------------------------------------ listening

    def until(self, is_so: Callable[[], bool], what: str = "it to be so") -> None:
        """Listen to the executors until something is so."""
        give_up = time.monotonic() + DEADLINE_S
        with selectors.DefaultSelector() as selector:
            for executor in self.executors:
                selector.register(executor, selectors.EVENT_READ, executor)
            while not is_so():
                assert time.monotonic() < give_up, (
                    f"waited {DEADLINE_S} s for {what}\n{self.logs()}"
                )
                for key, _ in selector.select(0.02):
                    for facts in key.data.facts():
                        if facts.handed:
                            key.data.give_back([entry.key for entry in facts.handed])
                        self.heard.append(facts)

    def until_ended(self, orders: Sequence[Order]) -> list[Row[Any]]:
        """Listen until these attempts have ended; return their rows, in this order."""
        wanted = [one.key for one in orders]
        self.until(
            lambda: all(self.tried(key).end_date is not None for key in wanted),
            f"the end of {[one.task_id for one in orders]}",
        )
        return [self.tried(key) for key in wanted]

    def run(self, executor: Executor, orders: Sequence[Order]) -> list[Row[Any]]:
        """Have attempts run to their end; return their rows."""
        executor.start(orders)
        return self.until_ended(orders)

    # ------------------------------------------------------------------ what became of it

    def rows(self, statement: str, **values: Any) -> list[Row[Any]]:
        """Ask the metastore."""
        with reading(self.engine) as conn:
            return list(conn.execute(text(statement), values))

    def tried(self, key: tuple[int, int]) -> Row[Any]:
        """Return the row of one attempt."""
        rows = self.rows(
            "SELECT * FROM task_try WHERE ti_id = :ti AND try_number = :try",
            ti=key[0],
            **{"try": key[1]},
        )
        return rows[0]

    def marks(self, word: str = "") -> list[list[str]]:
        """Return what tasks left with `mark`, split into words; only the lines of `word`."""
        path = self.home / "marks"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.split() for line in lines if line.startswith(word)]

    def log(self, row: Row[Any]) -> str:
        """Return the log of an attempt."""
        return (self.home / "logs" / row.log_path).read_text()

    def logs(self) -> str:
        """Return what the runner said last."""
        path = self.home / "logs" / "runner.log"
        return path.read_text()[-3000:] if path.exists() else ""

    def open(self) -> None:
        """Let the tasks go on that wait for it."""
        (self.home / "open").touch()

    def runner_pid(self) -> int:
        """Return the process id of the runner, 0 when there is none."""
        lock = self.home / "run" / "runner.lock"
        pid = int(lock.read_text() or 0) if lock.exists() else 0
        return pid if pid and is_alive(pid) else 0

    def close(self) -> None:
        """End everything."""
        self.open()
        for executor in self.executors:
            executor.leave()
        self.executors.clear()
        pid = self.runner_pid()
        if pid:
            for each in (*_descendants(pid), pid):
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
        self.engine.dispose()
        config.forget()
        site.here.cache_clear()  # what an executor inside this process has set
        for one in fields(Defaults):
            setattr(defaults, one.name, one.default)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and was not collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [*_descendants(child), child]
    return found
