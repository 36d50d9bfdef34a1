"""The triggerer as a process: look, run, write; then wait to be woken.

The loop's thread never asks the metastore: another one does (`desk`), whenever something happened
or `job_heartbeat_sec` have passed.
"""

import asyncio
import contextlib
import logging
import signal
from collections import deque

from sqlalchemy.exc import SQLAlchemyError

from flowctl.authoring import loading, ports, serialization
from flowctl.authoring.triggers import BaseTrigger
from flowctl.compat import install
from flowctl.config import Config
from flowctl.runner.data import Desk
from flowctl.runner.direct_ports import PatientPorts
from flowctl.store import dags, database, metastore
from flowctl.store.engine import in_words, is_transient, reading
from flowctl.store.wake import listen
from flowctl.triggerer import logs
from flowctl.triggerer.classes import Classes
from flowctl.triggerer.desk import TriggerDesk
from flowctl.triggerer.running import Running
from flowctl.triggerer.watchdog import Watchdog
from flowctl.triggerer.work import Result, Work

LOG = logging.getLogger("flowctl.triggerer")

ARGUMENTS = "arguments of a trigger"
DATABASE_PAUSE_S = 0.5  # between two tries while the metastore is away
PACE_S = 0.02
"""How soon a look may follow another: news that come together are taken together."""
CLEAN_UP_S = 10.0  # how long triggers may take to end


class Service:
    """One triggerer process."""

    def __init__(self, conf: Config, *, capacity: int | None = None) -> None:
        """Prepare.

        Args:
            capacity: how many triggers run at once; None: as `[triggerer] default_capacity` says.
        """
        self._conf = conf
        self._capacity = capacity or conf.whole("triggerer", "default_capacity")
        self._engine = metastore.open_engine(conf, name="flowctl triggerer")
        self._cipher = metastore.cipher(conf)
        self._classes = Classes(conf.path("core", "dags_folder"), self._source)
        self._results: deque[Result] = deque()
        self._woken = asyncio.Event()
        self._is_stopping = False

    def run(self) -> None:
        """Run triggers until SIGTERM or SIGINT.

        Raises:
            MetastoreError: the schema is missing, old, or not ours.
        """
        database.require_current(self._engine)
        self._prepare_for_user_code()
        asyncio.run(self._run())

    def _prepare_for_user_code(self) -> None:
        install()
        conf = self._conf
        loading.extend_sys_path(
            conf.home / "config",
            conf.path("core", "plugins_folder"),
            conf.path("core", "dags_folder"),
        )
        ports.use(PatientPorts(Desk(self._engine, self._cipher)))
        logs.set_up()

    def _source(self, source_hash: str) -> bytes | None:
        with reading(self._engine) as conn:
            return dags.source(conn, source_hash)

    def _make(self, work: Work) -> BaseTrigger:
        """Make a trigger; user code."""
        kind = self._classes.find(work)
        trigger = kind(**serialization.loads(self._cipher.decrypt(work.kwargs, ARGUMENTS)))
        trigger.task_instance = work.task_instance
        trigger.trigger_id = work.key[1]
        return trigger

    # ------------------------------------------------------------------ the loop

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        running = Running(self._make, self._bring)
        loop.set_task_factory(running.task_factory)  # type: ignore[arg-type]  # of 3.11 to 3.13
        desk = TriggerDesk(self._conf, self._engine)
        watchdog = Watchdog(loop, running.owner, lambda: bool(running.keys), desk.note_trouble)
        listener = listen(self._engine, self._conf.home)
        loop.add_reader(listener.fileno(), self._woken.set)
        watchdog.start()
        try:
            while not self._is_stopping:
                patience_s = await self._step(running, desk)
                await self._wait(patience_s)
                listener.drain()
        finally:
            watchdog.stop()
            await running.close(CLEAN_UP_S)
            loop.remove_reader(listener.fileno())
            listener.close()
            with contextlib.suppress(SQLAlchemyError):  # then others see that this process is gone
                await desk.do(desk.record, list(self._results))
                await desk.do(desk.leave)

    def _stop(self) -> None:
        self._is_stopping = True
        self._woken.set()

    def _bring(self, result: Result) -> None:
        self._results.append(result)
        self._woken.set()

    async def _step(self, running: Running, desk: "TriggerDesk") -> float:
        """Write and look once; return how many seconds may pass before the next time."""
        self._woken.clear()
        try:
            results = list(self._results)
            await desk.do(desk.record, results)
            for _ in results:
                self._results.popleft().is_written.set()
            busy = running.keys | {result.work.key for result in self._results}
            looks = await desk.do(desk.look, busy, self._capacity - len(busy))
        except SQLAlchemyError as error:
            if not is_transient(error):
                LOG.exception("a look failed; trying again")
            LOG.warning("the metastore does not answer, triggers run on: %s", in_words(error))
            return DATABASE_PAUSE_S
        for look in looks:
            for key, is_killed in look.cancel.items():
                running.cancel(key, is_killed=is_killed)
            for work in look.start:
                if work.key not in running.keys:
                    running.start(work)
        return desk.patience_s

    async def _wait(self, patience_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._woken.wait()
        if not self._is_stopping:
            await asyncio.sleep(PACE_S)
