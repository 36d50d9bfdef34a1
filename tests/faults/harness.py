"""A home with real daemons that can be killed, and the judgement of what became of its tasks."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock, config
from flowctl.store import database, metastore
from flowctl.store.engine import is_transient, reading, writing
from flowctl.store.triggers import Trigger, trigger
from flowctl.store.wake import Waker
from tests.bench.waiting import wait_until
from tests.faults import audit, ledger, processes
from tests.faults.processes import Process, Role

SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "8",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "1000",
}
DAG_FILE = Path(__file__).parent / "dags" / "faults.py"
SETTLED_S = 60.0
"""A bound for what never comes. With ten processes for each core some of it took half of this; what
must happen sooner is measured where it matters."""
RUN_QUERY = "SELECT run_id, state FROM dag_run WHERE dag_id = :dag ORDER BY id"
TASK_QUERY = """SELECT r.dag_id, r.run_id, t.task_id, t.state, t.try_number, t.pid, t.reason, t.id,
    t.map_index
FROM task_instance t JOIN dag_run r ON r.id = t.dag_run_id ORDER BY t.id"""
TRY_QUERY = """SELECT r.run_id, t.task_id, a.try_number, a.state, a.reason, a.signal, a.pid
FROM task_try a JOIN task_instance t ON t.id = a.ti_id JOIN dag_run r ON r.id = t.dag_run_id
ORDER BY a.id"""


class Home:
    """One `FLOWCTL_HOME` under fire."""

    def __init__(self, folder: Path, url: str, shared: Path | None = None) -> None:
        self.path = folder / "home"
        self.path.mkdir(parents=True)
        self.shared = shared or folder  # the audit file, and the files that tasks wait for
        self.url = url
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHOND")},
            **SETTINGS,
            "FLOWCTL_HOME": str(self.path),
            "FAULTS_FOLDER": str(self.shared),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "AIRFLOW__CORE__FERNET_KEY": "0123456789abcdef0123456789abcdef0123456789A=",
        }
        self.log = folder / "scheduler.log"
        self.dags = self.path / "dags"
        self.killed: set[audit.Victim] = set()
        self._daemons: list[subprocess.Popen[bytes]] = []
        conf = config.load(environ=self.environ)
        self.engine: Engine = metastore.open_engine(conf, name="faults", pool_size=1)
        self._waker = Waker(self.engine, self.path)
        self._triggered = 0

    # ------------------------------------------------------------------ daemons

    def prepare(self, dag_file: Path = DAG_FILE) -> None:
        """Make the metastore if it is not there, and put the DAG file where the scheduler looks."""
        database.migrate(self.engine)
        self.add(dag_file)

    def add(self, dag_file: Path) -> None:
        """Put a DAG file where the scheduler looks."""
        self.dags.mkdir(exist_ok=True)
        shutil.copy(dag_file, self.dags)

    def command(self, *words: str) -> str:
        """Run a flowctl command to its end; return what it said."""
        done = self.try_command(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def try_command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a flowctl command to its end, whatever that is."""
        return subprocess.run(
            [sys.executable, "-m", "flowctl", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, program: Iterable[str] = ("-m", "flowctl"), **extra: str) -> None:
        """Start a scheduler; it does not end with the test's terminal."""
        with self.log.open("ab") as log:
            self._daemons.append(
                subprocess.Popen(
                    [sys.executable, *program, "scheduler"],
                    env={**self.environ, **extra},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    @property
    def scheduler(self) -> "subprocess.Popen[bytes]":
        """Return the scheduler that was started last."""
        return self._daemons[-1]

    def kill_scheduler(self) -> None:
        """Kill the scheduler that was started last, its process alone."""
        ledger.current.strike()
        self.scheduler.kill()
        self.scheduler.wait()

    def processes(self, *roles: Role) -> list[Process]:
        """Return the living processes of this home in these roles; without roles, all."""
        found = processes.of_home(self.path)
        return [process for process in found if not roles or process.role in roles]

    def await_process(self, role: Role) -> Process:
        """Return a process in this role, once there is one."""
        found: list[Process] = []  # kept: it may be gone the next moment

        def is_there() -> bool:
            found.extend(self.processes(role))
            return bool(found)

        wait_until(is_there, SETTLED_S, f"a process as {role}")
        return found[0]

    def kill(self, victims: Iterable[Process]) -> None:
        """Kill processes, and remember them: only their tasks may end early."""
        ledger.current.strike()
        for victim in victims:
            self.killed.add((victim.pid, victim.start_ticks))
            victim.signal(signal.SIGKILL)
        for daemon in self._daemons:
            daemon.poll()

    def close(self) -> None:
        """End everything of this home."""
        self._kill_all()
        for daemon in self._daemons:
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(SETTLED_S)
        wait_until(lambda: not self._kill_all(), SETTLED_S, "the end of all processes")
        self.engine.dispose()

    def _kill_all(self) -> list[Process]:
        """Kill what there is, and return it; one that was just forked is seen the next time."""
        found = self.processes()
        for process in found:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGKILL)
        return found

    # ------------------------------------------------------------------ runs

    def trigger(self, dag_id: str, count: int = 1) -> list[str]:
        """Trigger runs of a DAG once the scheduler knows it; return their ids."""
        self.patiently(lambda: self._knows(dag_id), f"the DAG {dag_id}")
        run_ids = []
        for _ in range(count):
            self._triggered += 1
            run_ids.append(f"run{self._triggered}-{self.path.parent.name}"[:200])
        with writing(self.engine) as conn:
            for run_id in run_ids:
                moment = clock.utcnow()
                wanted = Trigger(dag_id, run_id, moment, keep_microseconds=True)
                trigger(conn, wanted, "tests", moment)
        self._waker.wake()
        return run_ids

    def _knows(self, dag_id: str) -> bool:
        query = "SELECT count(*) FROM dag WHERE dag_id = :dag AND is_active"
        return bool(self.ask(query, dag=dag_id)[0][0])

    def ask(self, query: str, **parameters: Any) -> list[Any]:
        """Return the rows that a query finds in the metastore."""
        with reading(self.engine) as conn:
            return list(conn.execute(text(query), parameters))

    def patiently(
        self, is_so: Callable[[], bool], what: str, deadline_s: float = SETTLED_S
    ) -> float:
        """Wait until something is so in the metastore, which may be away meanwhile."""

        def looks_so() -> bool:
            try:
                return is_so()
            except SQLAlchemyError as error:
                if is_transient(error):
                    return False
                raise

        try:
            return wait_until(looks_so, deadline_s, what)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.situation()}") from None

    def states(self, dag_id: str) -> dict[str, str]:
        """Return the state of each run of a DAG."""
        return dict(tuple(row) for row in self.ask(RUN_QUERY, dag=dag_id))

    def tasks(self) -> dict[audit.Subject, Any]:
        """Return the rows of all task instances."""
        return {(row.dag_id, row.run_id, _named(row)): row for row in self.ask(TASK_QUERY)}

    def tries(self, run_id: str, task_id: str) -> list[Any]:
        """Return the rows of the tries of one task."""
        return [
            row for row in self.ask(TRY_QUERY) if (row.run_id, row.task_id) == (run_id, task_id)
        ]

    def await_runs(self, dag_id: str, deadline_s: float = SETTLED_S) -> float:
        """Wait until every run of a DAG has ended; return how long that took."""

        def ended() -> bool:
            return all(state in ("success", "failed") for state in self.states(dag_id).values())

        return self.patiently(ended, f"the runs of {dag_id}", deadline_s)

    def lines(self) -> list[audit.Line]:
        """Return what the tasks wrote."""
        return audit.read(self.shared / "audit")

    def await_line(self, word: str, task_id: str, count: int = 1) -> list[audit.Line]:
        """Return the lines that a task wrote, once there are so many."""

        def found() -> list[audit.Line]:
            return [x for x in self.lines() if (x.word, x.subject[2]) == (word, task_id)]

        self.patiently(lambda: len(found()) >= count, f"{count} lines {word} of {task_id}")
        return found()

    def open_gates(self) -> None:
        """Let the tasks go on that wait for it."""
        (self.shared / "open").touch()

    # ------------------------------------------------------------------ the judgement

    def judge(self, killed: Iterable[audit.Victim] = ()) -> None:
        """Hold the tasks' own words against the promise, and the metastore against them."""
        tasks = self.tasks()
        succeeded = [subject for subject, row in tasks.items() if row.state == "success"]
        victims = self.killed | set(killed)
        wrong = audit.complaints(self.lines(), tasks, victims)
        wrong += [f"{s}: {row.state}" for s, row in tasks.items() if row.state != "success"]
        seen = audit.tries(self.lines())
        for subject in succeeded:
            row = tasks[subject]
            last = max((one.number for one in seen[subject]), default=0)
            if last != row.try_number:
                wrong.append(f"{subject}: the metastore says try {row.try_number}, it was {last}")
        wrong += self._unexplained_tries(victims) + self._torn_tries()
        bad = "SELECT run_id, state FROM dag_run WHERE state != 'success'"
        wrong += [f"run {run_id} is {state}" for run_id, state in self.ask(bad)]
        ledger.current.complain(wrong)
        assert not wrong, "\n".join([*wrong[:20], self.situation()])

    def _unexplained_tries(self, victims: set[audit.Victim]) -> list[str]:
        """Return the tries that ended without success although nobody killed their process."""
        pids = {pid for pid, _ in victims}
        query = """SELECT r.run_id, t.task_id, a.try_number, a.state, a.reason, a.pid
        FROM task_try a JOIN task_instance t ON t.id = a.ti_id
        JOIN dag_run r ON r.id = t.dag_run_id WHERE a.state != 'success'"""
        return [
            f"{tuple(row)}: a try was used up"
            for row in self.ask(query)
            if row.state in ("queued", "running") or row.pid not in pids
        ]

    def _torn_tries(self) -> list[str]:
        """Return the tasks that have not one row for each of their tries."""
        query = """SELECT r.run_id, t.task_id, t.map_index, t.try_number - t.resumed AS tries,
        count(*) AS rows
        FROM task_try a JOIN task_instance t ON t.id = a.ti_id
        JOIN dag_run r ON r.id = t.dag_run_id
        GROUP BY r.run_id, t.task_id, t.map_index, t.try_number - t.resumed"""
        found = self.ask(query)
        return [f"{tuple(row)}: tries, rows" for row in found if row.tries != row.rows]

    def situation(self) -> str:
        """Return what a person needs to see when a test fails."""
        lines = [f"{p.pid} {p.role}" for p in self.processes()]
        with contextlib.suppress(SQLAlchemyError):
            finished = "success", "failed", "skipped", "upstream_failed"
            lines += [str(row) for row in self.tasks().values() if row.state not in finished][:20]
        attempts = self.path / "run" / "attempts"
        lines += sorted(os.listdir(attempts)) if attempts.exists() else []
        for log in (self.log, self.path / "logs" / "runner.log"):
            if log.exists():
                lines += [f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-40:]]
        return "\n".join(lines)


def _named(row: Any) -> str:
    """Return the task id, with the index of an instance of a mapped task."""
    return row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"
