"""The runner's zygotes: hatched when a file version is first needed, let go when it is not."""

import os
import selectors
import socket
import subprocess
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine

from flowctl.core.attempt import Order, encode
from flowctl.runner import messages, verdicts
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.settings import Settings
from flowctl.runner.spool import Key
from flowctl.store import dags
from flowctl.store.engine import reading

ZYGOTES_MAX = 64  # an idle one costs 2-3 MB of its own
IDLE_S = 60.0
FRESH_S = 60.0
"""A file is imported again for attempts that begin so long after its import. What its top level
asked of the world (the date, a file, a service) is never older for a task."""
WARM_DEATHS_MAX = 2  # a file whose import kills its zygote so often is imported by each attempt
DEATHS_MAX = 5  # so many zygotes that never were ready mean that none can be had

FileVersion = tuple[str, str]  # file as in `DagSpec.file`, hash of its source


class Owner(Protocol):
    """Who is told what zygotes say."""

    def forked(self, message: messages.Forked) -> None:
        """An attempt has a process."""

    def reaped(self, message: messages.Reaped) -> bool:
        """An attempt is over; may its process have another, if it waits for one?"""

    def orphaned(self, keys: list[Key]) -> None:
        """The zygote of these attempts is gone."""


@dataclass(slots=True, eq=False)
class Nest:
    """A zygote as the runner sees it."""

    version: FileVersion
    channel: "Channel[messages.FromZygote]"
    hatched_at: float
    keys: set[Key] = field(default_factory=set)
    waiting: list[int] = field(default_factory=list)  # pids of what waits for orders, or did
    idle_since: float = 0.0
    is_ready: bool = False
    is_gone: bool = False


class Nursery:
    """See the module."""

    def __init__(
        self, settings: Settings, engine: Engine, selector: selectors.BaseSelector, owner: Owner
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._selector = selector
        self._owner = owner
        self._nests: OrderedDict[FileVersion, Nest] = OrderedDict()
        self._stale: list[Nest] = []  # they get no more orders
        self._cold: set[FileVersion] = set()
        self._deaths: dict[FileVersion, int] = {}  # of zygotes that were not ready yet
        self._base: socket.socket | None = None

    def warm_up(self) -> None:
        """Start the base zygote, so that the first task need not wait for it."""
        if self._base is None:
            self._base = self._new_base()

    def start(self, order: Order, log_path: str, blank: str, group: str = "") -> None:
        """Have an attempt forked by the zygote of its file version; see `messages.Start`.

        Raises:
            OSError, SQLAlchemyError: no zygote can be had now.
        """
        version = (order.run.file, order.run.source_hash)
        nest = self._fresh(version) or self._hatch(version)
        nest.keys.add(order.key)
        self._nests.move_to_end(version)
        try:
            waiting_pid = nest.waiting.pop() if nest.waiting else 0
            nest.channel.send(messages.Start(order, log_path, blank, group, waiting_pid))
            self._await(nest)
        except Closed:
            self._lose(nest)

    def _fresh(self, version: FileVersion) -> Nest | None:
        nest = self._nests.get(version)
        if nest is None or time.monotonic() - nest.hatched_at <= FRESH_S:
            return nest
        self._stale.append(self._nests.pop(version))
        return None

    def retire(self) -> None:
        """Let zygotes go that nobody needs: the idle ones, and the eldest above the limit."""
        now = time.monotonic()
        for nest in [nest for nest in self._stale if not nest.keys]:
            self._forget(nest)
        for nest in [nest for nest in self._nests.values() if not nest.keys]:
            if now - nest.idle_since > IDLE_S or len(self._nests) > ZYGOTES_MAX:
                self._forget(nest)

    def close(self) -> None:
        """Let all go. A zygote with attempts stays until they ended."""
        for nest in [*self._stale, *self._nests.values()]:
            self._forget(nest)
        if self._base is not None:
            self._base.close()

    # ------------------------------------------------------------------ hatching

    def _hatch(self, version: FileVersion) -> Nest:
        file, source_hash = version
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        hatch = messages.Hatch(
            file=file,
            dags_folder=str(self._settings.dags_folder),
            source_path=self._source_path(source_hash),
            is_cold=version in self._cold,
        )
        with theirs:
            self._ask_base(hatch, theirs)
        now = time.monotonic()
        nest = Nest(version, Channel(ours, messages.FROM_ZYGOTE), now, idle_since=now)
        self._nests[version] = nest
        self._selector.register(
            nest.channel, selectors.EVENT_READ, lambda _channel, events: self._hear(nest, events)
        )
        return nest

    def _source_path(self, source_hash: str) -> str | None:
        """Return a file with this content, so that a run keeps the version it began with."""
        if not source_hash:
            return None
        path = self._settings.run_folder / "versions" / source_hash
        if not path.exists():
            with reading(self._engine) as conn:
                content = dags.source(conn, source_hash)
            if content is None:
                return None
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_bytes(content)
            draft.rename(path)
        return str(path)

    def _ask_base(self, hatch: messages.Hatch, theirs: socket.socket) -> None:
        body = [encode(hatch)]
        self.warm_up()
        assert self._base is not None
        try:
            socket.send_fds(self._base, body, [theirs.fileno()])
        except OSError:  # it was killed: the next one takes over
            self._base.close()
            self._base = self._new_base()
            socket.send_fds(self._base, body, [theirs.fileno()])

    def _new_base(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "flowctl.runner.zygote"]
        command += [str(theirs.fileno()), str(self._settings.home)]
        with theirs:
            subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        return ours

    # ------------------------------------------------------------------ listening

    def _hear(self, nest: Nest, events: int) -> None:
        if nest.is_gone:  # since this was noticed
            return
        try:
            if events & selectors.EVENT_WRITE:
                nest.channel.flush()
                self._await(nest)
            if events & selectors.EVENT_READ:
                for message in nest.channel.receive():
                    self._note(nest, message)
        except Closed:
            self._lose(nest)

    def _note(self, nest: Nest, message: messages.FromZygote) -> None:
        match message:
            case messages.Forked():
                self._owner.forked(message)
            case messages.Reaped(key=key):
                nest.keys.discard(key)
                nest.idle_since = time.monotonic()
                if self._owner.reaped(message) and message.waiting_pid:
                    nest.waiting.append(message.waiting_pid)
            case messages.Ready():
                nest.is_ready = True
                self._deaths.pop(nest.version, None)
                if message.is_cold:
                    self._cold.add(nest.version)

    def _await(self, nest: Nest) -> None:
        events = selectors.EVENT_READ
        if nest.channel.has_more_to_send:
            events |= selectors.EVENT_WRITE
        key = self._selector.get_key(nest.channel)
        if key.events != events:
            self._selector.modify(nest.channel, events, key.data)

    def _lose(self, nest: Nest) -> None:
        self._forget(nest)
        deaths = 0 if nest.is_ready else self._deaths.get(nest.version, 0) + 1
        if deaths < DEATHS_MAX:
            self._deaths[nest.version] = deaths
            if deaths >= WARM_DEATHS_MAX:
                self._cold.add(nest.version)
            self._owner.orphaned(list(nest.keys))
            return
        del self._deaths[nest.version]
        for key in nest.keys:
            self._owner.reaped(messages.Reaped(key, verdicts.EXIT_NO_FORK << 8, 0, 0.0))

    def _forget(self, nest: Nest) -> None:
        self._selector.unregister(nest.channel)
        nest.channel.close()
        nest.is_gone = True
        if nest in self._stale:
            self._stale.remove(nest)
        else:
            del self._nests[nest.version]
