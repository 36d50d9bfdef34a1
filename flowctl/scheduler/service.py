"""The scheduler as a process: set up, lead or stand by, end."""

import logging
import signal
import socket
import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock
from flowctl.config import Config
from flowctl.core.parsed import ParsedFile
from flowctl.executors import choice
from flowctl.parsing.options import Options
from flowctl.parsing.parser import Known, Parser
from flowctl.scheduler.leadership import Leadership
from flowctl.scheduler.loop import Loop, Settings
from flowctl.scheduler.machine import Machine
from flowctl.scheduler.needs import Needs
from flowctl.scheduler.parser_ports import ReadOnlyPorts
from flowctl.scheduler.remainder import Remainder
from flowctl.store import dags, database, disks, lease, metastore, rules
from flowctl.store.crypto import Cipher
from flowctl.store.engine import in_words, is_transient, reading
from flowctl.store.wake import Waker, listen

LOG = logging.getLogger("flowctl.scheduler")


class Service:
    """One scheduler process."""

    def __init__(
        self, conf: Config, *, executor: str | None = None, ticks_max: int | None = None
    ) -> None:
        self._conf = conf
        self._ticks_max = ticks_max
        self._engine = metastore.patient(conf, "flowctl scheduler")
        self._executor = choice.executor(conf, executor)
        self._needs = Needs(Waker(self._engine, conf.home))
        self._place = f"{socket.gethostname()}:{conf.home}"
        self._stopping = threading.Event()
        self._loop: Loop | None = None

    def run(self) -> None:
        """Schedule until SIGTERM or SIGINT.

        Raises:
            MetastoreError: the schema is missing, old, or not ours.
        """
        database.require_current(self._engine)
        run_folder = self._conf.home / "run"
        run_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        leadership = Leadership(self._engine, run_folder)
        rest = Remainder(self._engine, self._executor, self._place)
        while (term := leadership.await_term(self._stopping, rest.tend)) is not None:
            rest.leave()
            LOG.info("leading, term %d", term)
            try:
                self._lead(term)
            except lease.Deposed as error:
                LOG.warning("%s; standing by", error)
                continue
            except SQLAlchemyError as error:  # while it began; the loop itself outlives outages
                if not is_transient(error):
                    raise
                LOG.warning("the metastore does not answer: %s", in_words(error))
                continue
            self._give_up(leadership, term)
            return
        rest.leave()

    def _give_up(self, leadership: Leadership, term: int) -> None:
        try:
            leadership.give_up(term)
        except SQLAlchemyError as error:  # then the lease ends by itself
            LOG.warning("the lease could not be given up: %s", in_words(error))

    def stop(self) -> None:
        """End soon; attempts run on."""
        self._stopping.set()
        if self._loop is not None:
            self._loop.stop()

    def _lead(self, term: int) -> None:
        cipher = metastore.cipher(self._conf)
        ports = ReadOnlyPorts(self._engine, cipher)
        parser = Parser(Options.from_config(self._conf), known_files(self._engine), ports)
        listener = listen(self._engine, self._conf.home)
        self._loop = Loop(
            self._engine,
            self._executor,
            parser,
            listener,
            term=term,
            settings=self._settings(),
            record=recorder(self._conf, cipher),
            cipher=cipher,
            needs=self._needs,
            machine=Machine(
                self._conf.get("core", "memory_budget"),
                places=disks.folders(self._conf, self._engine),
            ),
        )
        try:
            if not self._stopping.is_set():
                self._loop.run()
        finally:
            parser.close()
            listener.close()
            self._executor.leave()

    def _settings(self) -> Settings:
        return Settings(
            look_every_s=self._conf.number("scheduler", "scheduler_heartbeat_sec"),
            rules=rules.read(self._conf),
            limits=rules.limits(self._conf),
            log_folder=self._conf.path("logging", "base_log_folder"),
            checks_slas=self._conf.flag("core", "check_slas"),
            place=self._place,
            ticks_max=self._ticks_max,
        )


def known_files(engine: Engine) -> dict[str, Known]:
    """Return what the metastore knows of the DAG files, so that only changes are parsed."""
    with reading(engine) as conn:
        rows = dags.known_files(conn)
    return {
        path: Known(row.fingerprint, row.depends or {}, row.error is not None)
        for path, row in rows.items()
    }


def recorder(conf: Config, cipher: Cipher) -> Callable[[Connection, ParsedFile], dags.Recorded]:
    """Return what writes a parsed file to the metastore."""
    paused = conf.flag("core", "dags_are_paused_at_creation")

    def record(conn: Connection, parsed: ParsedFile) -> dags.Recorded:
        try:
            with conn.begin_nested():
                return dags.record(
                    conn, parsed, clock.utcnow(), paused_at_creation=paused, cipher=cipher
                )
        except (SQLAlchemyError, UnicodeError) as error:
            if is_transient(error):
                raise
            return dags.record(conn, _refused(parsed, error), clock.utcnow())

    return record


def _refused(parsed: ParsedFile, error: Exception) -> ParsedFile:
    """Return a file with an import error: what it defines cannot be stored, the other files can."""
    problem = f"the metastore refuses what this file defines: {in_words(error)}"
    return ParsedFile(parsed.path, parsed.fingerprint, error=problem, duration_s=parsed.duration_s)
