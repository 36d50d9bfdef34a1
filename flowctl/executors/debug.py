"""Attempts inside the scheduler's own process, one at a time, so that a breakpoint stops there.

Nothing contains user code here: it has the terminal of the scheduler, and a task that hangs or
exits does so to the scheduler. While a task runs the loop stands still. What was ordered and not
started when the process ends is QUEUED in the metastore, where the next one finds it.
"""

import contextlib
import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from flowctl import clock
from flowctl.authoring import dag_files, loading, ports
from flowctl.authoring.dag import DAG
from flowctl.authoring.environment import environment_kept
from flowctl.compat import install
from flowctl.config import Config
from flowctl.core.attempt import Order, Outcome
from flowctl.core.states import TaskState
from flowctl.errors import FlowctlError
from flowctl.executors.contract import Key, nothing
from flowctl.runner import alarms, execute, meaning, site, verdicts
from flowctl.runner.data import Desk
from flowctl.runner.direct_ports import DirectPorts
from flowctl.runner.messages import Facts
from flowctl.runner.recorder import Recorder
from flowctl.sensors.base import BaseSensorOperator
from flowctl.store import dags, metastore
from flowctl.store.engine import reading
from flowctl.store.wake import Waker

LOG = logging.getLogger("flowctl.executor")

NO_LOG = ""  # what a task prints goes to the terminal

FileVersion = tuple[str, str]


class DebugExecutor:
    """See the module."""

    def __init__(self, conf: Config) -> None:
        self.parallelism, self.ahead = 1, 0
        self.taken: Mapping[int, int] = {}
        self.memory_way = ""
        self._dags_folder = conf.path("core", "dags_folder")
        self._sys_path = (conf.home / "config", conf.path("core", "plugins_folder"))
        self._fails_fast = conf.flag("debug", "fail_fast")
        self._engine: Engine = metastore.patient(conf, "flowctl debug executor")
        cipher, wake = metastore.cipher(conf), Waker(self._engine, conf.home).wake
        self._ports = DirectPorts(
            Desk(
                self._engine,
                cipher,
                wake=wake,
                run_id_pattern=conf.text("scheduler", "allowed_run_id_pattern"),
            )
        )
        self._wake = wake
        self._recorder = Recorder(self._engine, socket.gethostname(), cipher, started_held_s=0.0)
        self._waiting: deque[Order] = deque()
        self._afterwards: list[Callable[[], None]] = []  # callbacks, once their outcome is safe
        self._given_up: dict[tuple[int, datetime | None], str] = {}  # run -> task that failed
        self._loaded: dict[FileVersion, dict[str, DAG]] = {}
        self._work = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)  # readable: `facts` has news

    def connect(
        self,
        term: int,  # noqa: ARG002 - nobody else can give orders
        meanwhile: Callable[[], object] = nothing,  # noqa: ARG002 - it is ready at once
    ) -> set[Key]:
        """Get ready for user code; return the attempts that wait, and those yet to be written."""
        install()
        site.here()
        loading.extend_sys_path(*self._sys_path)
        ports.use(self._ports)
        self._announce()
        return {order.key for order in self._waiting} | self._recorder.keys

    def start(
        self,
        orders: Sequence[Order],
        written: Sequence[Key] = (),  # noqa: ARG002 - nothing is handed over
    ) -> None:
        """Put attempts in line; they run when `facts` is asked."""
        known = {order.key for order in self._waiting} | self._recorder.keys
        for order in orders:
            if order.key not in known:
                self._waiting.append(order)
                known.add(order.key)
        self._announce()

    def kill(self, keys: Sequence[Key], reason: str) -> None:
        """End attempts that wait. None runs while the scheduler asks for this."""
        for order in [order for order in self._waiting if order.key in keys]:
            self._waiting.remove(order)
            now = clock.utcnow()
            self._recorder.ended(order, verdicts.died(order, now, now, reason), NO_LOG)
        self._announce()

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._work

    def facts(self) -> list[Facts]:
        """Run the next attempt, if there is one; return what was written.

        Raises:
            SQLAlchemyError: the metastore is away; what ended is kept and written the next time.
        """
        written = self._write()
        if self._waiting:
            self._run(self._waiting.popleft(), written)
        self._announce()
        return written

    def give_back(self, keys: Sequence[Key]) -> None:
        """Hear of outcomes that were handed over: there are none."""

    def leave(self) -> None:
        """Forget what waits; the next executor is given it again."""
        self._waiting.clear()
        self._engine.dispose()

    def _announce(self) -> None:
        """Be readable as long as there is something to do."""
        if self._waiting or self._recorder.has_work:
            os.eventfd_write(self._work, 1)
            return
        try:
            os.eventfd_read(self._work)
        except BlockingIOError:
            return

    def _write(self) -> list[Facts]:
        written = []
        if self._recorder.has_work:
            written.append(self._recorder.commit(clock.utcnow())[0])
            if written[-1].has_deferred:
                self._wake()
        while self._afterwards:
            self._afterwards.pop(0)()
        return written

    # ------------------------------------------------------------------ one attempt

    def _run(self, order: Order, written: list[Facts]) -> None:
        if order.callback_id:
            self._recorder.ended(order, self._called_back(order), NO_LOG)
        else:
            self._recorder.started(order, os.getpid(), clock.utcnow(), NO_LOG)
            written += self._write()
            self._recorder.ended(order, self._outcome(order), NO_LOG)
        written += self._write()

    def _called_back(self, order: Order) -> Outcome:
        now = clock.utcnow()
        try:
            alarms.answer(order, lambda _dag_id: self._dag(order))
        except Exception:  # the file cannot be imported, or lacks the task
            LOG.exception("callback %s of %s", order.event, order.task_id or order.run.dag_id)
        return Outcome(*order.key, TaskState.NONE, now, now, exit_code=0)

    def _outcome(self, order: Order) -> Outcome:
        run = (order.run.pk, order.run.start_date)  # a run that was cleared starts anew
        now = clock.utcnow()
        if run in self._given_up:
            reason = f"[debug] fail_fast: {self._given_up[run]!r} failed before"
            return Outcome(*order.key, TaskState.UPSTREAM_FAILED, now, now, reason)
        outcome = self._executed(order, now)
        outcome.pid, outcome.callback = os.getpid(), ""
        if self._fails_fast and outcome.state is TaskState.FAILED:
            self._given_up[run] = order.task_id
        return outcome

    def _executed(self, order: Order, now: datetime) -> Outcome:
        try:
            with environment_kept():
                dag = self._dag(order)
                done = execute.execute(order, dag, ports=self._ports, now=clock.utcnow)
        except Exception as error:  # of the import
            return meaning.failed(order, error, now, clock.utcnow())
        self._afterwards.append(done.finish)
        return done.outcome

    def _dag(self, order: Order) -> Any:
        """Return the DAG in the version of its file that the run is pinned to."""
        version = (order.run.file, order.run.source_hash)
        if version not in self._loaded:
            path, root = dag_files.locate(order.run.file, Path(self._dags_folder))
            loaded = loading.load_file(path, source=self._source(order), root=root)
            self._loaded[version] = dict(loaded.dags)
            for dag in loaded.dags.values():
                _take_turns(dag)
        found = self._loaded[version].get(order.run.dag_id)
        if found is None:
            raise FlowctlError(
                f"{order.run.file} does not define the DAG {order.run.dag_id!r} any more"
            )
        return found

    def _source(self, order: Order) -> bytes | None:
        with reading(self._engine) as conn:
            return dags.source(conn, order.run.source_hash)


def _take_turns(dag: DAG) -> None:
    """Let sensors give their place back between two looks: there is only one."""
    for task in dag.tasks:
        if isinstance(task, BaseSensorOperator):
            with contextlib.suppress(ValueError):  # of those that can only keep it
                task.mode = "reschedule"
