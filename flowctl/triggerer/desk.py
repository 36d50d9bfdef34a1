"""The triggerer and the metastore: signs of life, looks, results, all in one other thread."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import ParamSpec, TypeVar

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock
from flowctl.authoring import ports
from flowctl.config import Config
from flowctl.runner import identity
from flowctl.store import lease
from flowctl.store.engine import in_words, is_transient, writing
from flowctl.store.presence import Presence
from flowctl.store.wake import Waker
from flowctl.triggerer import logs
from flowctl.triggerer.deferred import Deferred
from flowctl.triggerer.holders import Holders
from flowctl.triggerer.watched import Watched
from flowctl.triggerer.work import Key, Look, Result, Source, Work

P = ParamSpec("P")
T = TypeVar("T")


class TriggerDesk:
    """See the module."""

    def __init__(self, conf: Config, engine: Engine) -> None:
        self._engine = engine
        name = msgspec.json.encode(identity.own()).decode()
        self._presence = Presence("triggerer", identity=name)
        self.patience_s: float = conf.number("triggerer", "job_heartbeat_sec")
        self._seen_at = 0.0
        self._thread = ThreadPoolExecutor(1, "desk")
        dead_after = _seconds(conf, "triggerer", "triggerer_health_check_threshold")
        holders = Holders(self._holder, socket.gethostname(), dead_after)
        waker = Waker(engine, conf.home)
        sources: tuple[Source, ...] = (
            Deferred(
                engine,
                ports.current(),
                waker,
                holders=holders,
                log_folder=conf.path("logging", "base_log_folder"),
                retry_delay_max=_seconds(conf, "core", "max_task_retry_delay"),
            ),
            Watched(engine, waker, holders),
        )
        self._sources = {source.name: source for source in sources}

    def _holder(self) -> int:
        assert self._presence.pk is not None
        return self._presence.pk

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one of the following in the thread of this desk."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(work, *args, **kwargs))

    def record(self, results: Sequence[Result]) -> None:
        """Write what triggers brought.

        Raises:
            SQLAlchemyError: the metastore is away.
        """
        for name, group in groupby(sorted(results, key=_source_of), key=_source_of):
            brought = list(group)
            try:
                self._sources[name].record(brought)
            except SQLAlchemyError as error:
                if is_transient(error):
                    raise
                self._record_each(self._sources[name], brought)

    def _record_each(self, source: Source, results: Sequence[Result]) -> None:
        """Write results one by one: one that the metastore never takes must not hold up others."""
        for result in results:
            try:
                source.record([result])
            except SQLAlchemyError as error:
                if is_transient(error):
                    raise
                problem = f"the metastore refuses what it brought: {in_words(error)}"
                source.record([Result(result.work, error=problem)])

    def look(self, running: set[Key], room: int) -> list[Look]:
        """Return what each source wants to be changed.

        Raises:
            SQLAlchemyError: the metastore is away.
        """
        self._live()
        looks = []
        for source in self._sources.values():
            looks.append(source.look(running, max(0, room)))
            room -= len(looks[-1].start)
        return looks

    def _live(self) -> None:
        """Leave a sign of life, if the last one is old."""
        if self._presence.pk and time.monotonic() - self._seen_at < self.patience_s:
            return
        with writing(self._engine) as conn:
            now = lease.moment(conn, clock.utcnow())
            self._presence.seen(conn, now, tick_at=now)
        self._seen_at = time.monotonic()

    def note_trouble(self, work: Work, trouble: str) -> None:
        """Say in the log of a task, and to whoever asks why it waits, what its trigger does."""
        logs.say(work, f"Trigger {work.trigger}: {trouble}")
        with contextlib.suppress(SQLAlchemyError):
            self._sources[work.key[0]].note_trouble(work, trouble)

    def leave(self) -> None:
        """Let others have what this process holds."""
        if self._presence.pk is None:
            return
        for source in self._sources.values():
            source.leave()
        with writing(self._engine) as conn:
            self._presence.ended(conn, lease.moment(conn, clock.utcnow()))


def _source_of(result: Result) -> str:
    return result.work.key[0]


def _seconds(conf: Config, section: str, key: str) -> timedelta:
    return timedelta(seconds=conf.number(section, key))
