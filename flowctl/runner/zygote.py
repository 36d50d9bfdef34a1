"""Warm processes that attempts are forked from.

The *base zygote* (`python -m flowctl.runner.zygote`) has the authoring names imported and nothing
else: one thread, no database. It forks a *zygote* for each version of a DAG file, which imports the
file and then forks attempts. Forking costs by the memory of the parent, hence two steps, an eagerly
frozen garbage collector and lazy imports.

A zygote in use keeps a *spare*: a child forked in advance that waits for an order. The next attempt
then begins without waiting for a fork, which is a quarter of the way from one task to the next.

When the runner goes away, a zygote starts nothing more. It stays the parent of the attempts it has,
leaves an exit record for each, and ends with the last one.
"""

import gc
import os
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

from flowctl import clock
from flowctl.authoring import dag_files, loading, rendering
from flowctl.compat import install
from flowctl.config import load
from flowctl.errors import FlowctlError
from flowctl.runner import attempt, identity, messages, site, tasklog, verdicts
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.rehearsal import rehearse
from flowctl.runner.spool import Exit, Key, Spool

SPARE_IDLE_S = 5.0  # how long a spare is kept for an order that may not come


class Spare:
    """A child that waits for its order."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid = pid
        self._sock = sock

    def take(self, start: messages.Start) -> bool:
        """Give it its order; False when it is gone."""
        try:
            Channel(self._sock, messages.TO_ZYGOTE).send(start)
        except Closed:
            return False
        finally:
            self._sock.close()
        return True

    def dismiss(self) -> None:
        """Let it go; its end is reaped as that of any child."""
        self._sock.close()


class Zygote:
    """The parent of the attempts of one DAG file version."""

    def __init__(
        self, hatch: messages.Hatch, sock: socket.socket, home: Path, import_timeout_s: float
    ) -> None:
        self._channel: Channel[messages.Start] | None = Channel(sock, messages.TO_ZYGOTE)
        self._hatch = hatch
        self._import_timeout_s = import_timeout_s
        self._spool = Spool(home / "run" / "attempts")
        self._socket = home / "run" / "runner.sock"
        self._children: dict[int, Key] = {}
        self._spare: Spare | None = None
        self._is_in_use = False
        self._dags: dict[str, Any] = {}
        self._error: BaseException | None = None

    def serve(self) -> None:
        """Import the file, then fork attempts until the runner goes and the last one ended."""
        ended = _child_signals()
        self._warm_up()
        while self._channel is not None or self._children:
            listening = [ended] if self._channel is None else [ended, self._channel.fileno()]
            ready, _, _ = select.select(listening, [], [], self._patience())
            if not ready:
                self._use_the_pause()
            if ended in ready:
                os.read(ended, 4096)
                self._reap()
            if self._channel is not None and self._channel.fileno() in ready:
                self._obey()

    def _patience(self) -> float | None:
        if self._channel is None:
            return None
        if self._spare is not None:
            return SPARE_IDLE_S
        return 0.0 if self._is_in_use else None

    def _use_the_pause(self) -> None:
        """Prepare for the next order, or stop being prepared."""
        if self._spare is None:
            self._fork_spare()
        else:
            self._spare.dismiss()
            self._spare = None
        self._is_in_use = False

    def _warm_up(self) -> None:
        """Import the file, once for all attempts.

        A file that starts threads is not fit for that: forking copies one thread and every lock.
        The runner then hatches a cold zygote in place of this one.
        """
        if not self._hatch.is_cold:
            self._load()
        has_threads = len(os.listdir("/proc/self/task")) > 1
        gc.collect()
        gc.freeze()
        error = None if self._error is None else repr(self._error)
        self._say(messages.Ready(error, has_threads, os.getpid()))
        if has_threads:
            self._hang_up()

    def _load(self) -> None:
        hatch = self._hatch
        path, root = dag_files.locate(hatch.file, Path(hatch.dags_folder))
        try:
            source = None if hatch.source_path is None else Path(hatch.source_path).read_bytes()
            loaded = loading.load_file(
                path, source=source, root=root, timeout_s=self._import_timeout_s
            )
            self._dags = dict(loaded.dags)
            for dag in self._dags.values():
                if any(rendering.needs_engine(task) for task in dag.tasks):
                    rendering.engine().compile_all(dag)
        except BaseException as error:  # user code: whatever it raises is the answer
            self._error = error

    def _find_dag(self, dag_id: str) -> Any:
        if self._hatch.is_cold:
            self._load()
        if self._error is not None:
            raise self._error
        if dag_id not in self._dags:
            raise FlowctlError(f"{self._hatch.file} does not define the DAG {dag_id!r} any more")
        return self._dags[dag_id]

    def _obey(self) -> None:
        assert self._channel is not None
        try:
            orders = self._channel.receive()
        except Closed:
            self._hang_up()
            return
        for order in orders:
            if self._channel is None:
                return
            if self._channel.is_deserted:  # the next runner has had it started, maybe recorded
                self._hang_up()
                return
            self._fork(order)

    def _fork(self, start: messages.Start) -> None:
        spare, self._spare = self._spare, None
        self._is_in_use = True
        if spare is not None and spare.take(start):
            pid = spare.pid
        else:
            try:
                pid = os.fork()
            except OSError as error:  # no memory, too many processes
                sys.stderr.write(f"fork: {error}\n")
                self._say(messages.Reaped(start.order.key, verdicts.EXIT_NO_FORK << 8, 0, 0.0))
                return
            if pid == 0:
                self._be_attempt(start)
        self._children[pid] = start.order.key
        self._say(messages.Forked(start.order.key, pid, clock.utcnow()))

    def _fork_spare(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:
            pid = -1  # an attempt will say so
        if pid == 0:
            ours.close()
            self._be_spare(theirs)
        theirs.close()
        if pid > 0:
            self._spare = Spare(pid, ours)
        else:
            ours.close()

    def _be_spare(self, sock: socket.socket) -> NoReturn:
        try:
            (start,) = Channel(sock, messages.TO_ZYGOTE).receive()
        except Closed:
            os._exit(0)
        sock.close()
        self._be_attempt(start)

    def _be_attempt(self, start: messages.Start) -> NoReturn:
        find = self._find_dag
        if self._channel is not None:
            if self._channel.is_deserted:  # looked at as late as can be: see `_obey`
                os._exit(verdicts.EXIT_CLAIMED)
            self._channel.close()
        attempt.run(start.order, find, self._spool, self._socket, start.log_path)

    def _reap(self) -> None:
        while True:
            try:
                seen = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if seen is None:
                return
            died = seen.si_code != os.CLD_EXITED or seen.si_status != 0
            self._bury(seen.si_pid, died)

    def _bury(self, pid: int, died: bool) -> None:
        """Take what the attempt started down with it, while its pid is still its own.

        Operators give commands a group of their own, to signal them. An attempt that could not end
        them itself leaves them in its session, where they are found.
        """
        key = self._children.pop(pid, None)
        if key is not None:
            _kill_group(pid)
        if key is not None and died:
            identity.kill_session(pid)
        _, status, usage = os.wait4(pid, 0)
        if key is None:
            return
        cpu_s = usage.ru_utime + usage.ru_stime
        self._say(messages.Reaped(key, status, usage.ru_maxrss * 1024, cpu_s))
        if self._channel is None:
            self._spool.write_exit(key, Exit(status, usage.ru_maxrss * 1024, cpu_s))

    def _say(self, message: Any) -> None:
        if self._channel is None:
            return
        try:
            self._channel.send(message)
        except Closed:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._spare is not None:
            self._spare.dismiss()
            self._spare = None
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _child_signals() -> int:
    """Return a descriptor that is readable when a child ended."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def serve_base(control: socket.socket, home: Path) -> None:
    """Be the base zygote: fork a zygote for every file that the runner names."""
    install()
    conf = load()
    tasklog.configure(conf.text("logging", "logging_level"))
    site.here()
    loading.extend_sys_path(conf.home / "config", conf.path("core", "plugins_folder"))
    rehearse()
    gc.disable()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    while True:
        data, fds, _, _ = socket.recv_fds(control, 1 << 16, 1)
        _reap_all()
        if not data:
            return
        hatch = messages.TO_BASE.decode(data)
        if os.fork() == 0:
            control.close()
            timeout_s = conf.number("core", "dagbag_import_timeout")
            _be(Zygote(hatch, socket.socket(fileno=fds[0]), home, timeout_s))
        os.close(fds[0])


def _be(zygote: Zygote) -> NoReturn:
    code = 1
    try:
        zygote.serve()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _reap_all() -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def main() -> None:
    """Start the base zygote: `python -m flowctl.runner.zygote FD HOME`."""
    assert threading.active_count() == 1
    serve_base(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
