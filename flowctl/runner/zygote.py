"""Warm processes that attempts are forked from.

The *base zygote* (`python -m flowctl.runner.zygote`) has the authoring names imported and nothing
else: one thread, no database. It forks a *zygote* for each version of a DAG file, which imports the
file and then forks attempts. Forking costs by the memory of the parent, hence two steps, an eagerly
frozen garbage collector and lazy imports.

What an attempt needs is prepared before the fork, in the warm process; user code runs after it.

A zygote whose last attempt has just ended keeps a *spare*: a child that was forked in advance, has
gone through an attempt that does nothing, and waits for an order. What follows in a chain of tasks
then begins without waiting for a fork and its first, slow steps. While attempts run side by side
there is none: it would only take their CPU.

A file whose import starts threads cannot be forked, and one that asks for variables or connections
would show old ones: those are imported by each attempt for itself, as are files that kill zygotes.

When the runner goes away, a zygote starts nothing more. It stays the parent of the attempts it has,
leaves an exit record for each, and ends with the last one.
"""

import contextlib
import copy
import gc
import os
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from flowctl import clock
from flowctl.authoring import dag_files, loading, plugins, ports, rendering
from flowctl.compat import install
from flowctl.config import load
from flowctl.core.attempt import Order
from flowctl.errors import FlowctlError
from flowctl.runner import (
    attempt,
    execute,
    identity,
    limits,
    messages,
    rehearsal,
    site,
    tasklog,
    verdicts,
)
from flowctl.runner.callbacks import task_of
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.remote_ports import RemotePorts
from flowctl.runner.rendered import Final, final
from flowctl.runner.spool import Exit, Key, Spool

SPARE_IDLE_S = 5.0  # how long a spare is kept for an order that may not come


class Spare(NamedTuple):
    """A child that waits for its order."""

    pid: int
    pidfd: int
    sock: socket.socket

    def take(self, start: messages.Start) -> bool:
        """Give it its order; False when it is gone."""
        try:
            Channel(self.sock, messages.TO_ZYGOTE).send(start)
        except Closed:
            self.dismiss()
            return False
        self.sock.close()
        return True

    def dismiss(self) -> None:
        """Let it go, at once: it has nothing to lose."""
        self.sock.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.pidfd)


class Child(NamedTuple):
    """An attempt that was forked here."""

    pid: int
    key: Key


class Zygote:
    """The parent of the attempts of one DAG file version."""

    def __init__(
        self, hatch: messages.Hatch, sock: socket.socket, home: Path, import_timeout_s: float
    ) -> None:
        self._channel: Channel[messages.Start] | None = Channel(sock, messages.TO_ZYGOTE)
        self._hatch = hatch
        self._import_timeout_s = import_timeout_s
        self._spool = Spool(home / "run" / "attempts")
        self._ports = RemotePorts(home / "run" / "runner.sock")
        self._poll = select.poll()
        self._children: dict[int, Child] = {}  # by pidfd
        self._spare: Spare | None = None
        self._is_in_use = False
        self._dags: dict[str, Any] = {}
        self._fields: dict[tuple[str, str], Final | None] = {}
        self._error: BaseException | None = None

    def serve(self) -> None:
        """Import the file, then fork attempts until the runner goes and the last one ended."""
        ports.use(self._ports)
        self._warm_up()
        if self._channel is not None:
            self._poll.register(self._channel, select.POLLIN)
        while self._channel is not None or self._children:
            ready = self._poll.poll(self._patience_ms())
            if not ready:
                self._use_the_pause()
            ended = [fd for fd, _ in ready if fd in self._children]
            for pidfd in ended:
                self._bury(pidfd)
            self._flush()
            if len(ready) > len(ended) and self._channel is not None:
                self._obey()
                self._flush()

    def _patience_ms(self) -> float | None:
        if self._channel is None or self._children:
            return None
        if self._spare is not None:
            return SPARE_IDLE_S * 1000
        return 0 if self._is_in_use else None

    def _use_the_pause(self) -> None:
        """Prepare for the next order, or stop being prepared."""
        if self._spare is None:
            self._fork_spare()
        else:
            self._spare.dismiss()
            self._spare = None
        self._is_in_use = False

    def _warm_up(self) -> None:
        """Import the file, once for all attempts, if that is good for all of them.

        If it is not, the runner hatches a cold zygote in place of this one.
        """
        if not self._hatch.is_cold:
            self._load()
        has_threads = len(os.listdir("/proc/self/task")) > 1
        is_cold = has_threads or self._ports.was_asked
        attempt.flush()
        gc.collect()
        gc.freeze()
        error = None if self._error is None else repr(self._error)
        self._say(messages.Ready(error, is_cold, os.getpid()))
        self._flush()
        if is_cold:
            self._hang_up()

    def _load(self) -> None:
        hatch = self._hatch
        path, root = dag_files.locate(hatch.file, Path(hatch.dags_folder))
        try:
            plugins.load(load().path("core", "plugins_folder"))
            source = None if hatch.source_path is None else Path(hatch.source_path).read_bytes()
            loaded = loading.load_file(
                path, source=source, root=root, timeout_s=self._import_timeout_s
            )
            self._dags = dict(loaded.dags)
            for dag in self._dags.values():
                if any(rendering.needs_engine(task) for task in dag.tasks):
                    rendering.engine().compile_all(dag)
                length_max = site.here().templated_field_length_max
                for task in dag.tasks:
                    self._fields[dag.dag_id, task.task_id] = final(task, length_max)
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
        self._start(orders)

    def _start(self, starts: list[messages.Start]) -> None:
        """Give each order a process; all are prepared before the first is forked.

        A fork takes the right to write from all pages of the parent, and each that it writes next
        costs a fault. Fork after fork it hardly writes any.
        """
        self._is_in_use = True
        spare, self._spare = self._spare, None
        if spare is not None and spare.take(starts[0]):
            self._forked(starts[0], spare.pid, spare.pidfd)
            starts = starts[1:]
        ready = [(start, self._prepare(start.order)) for start in starts]
        for start in starts:
            with contextlib.suppress(OSError):  # else the attempt tries, and says why not
                os.mkdir(os.path.dirname(start.log_path), 0o750)
        pids = [self._fork(start, prepared) for start, prepared in ready]
        for start, pid in zip(starts, pids, strict=True):
            if pid:
                self._forked(start, pid, os.pidfd_open(pid))
            else:
                self._say(messages.Reaped(start.order.key, verdicts.EXIT_NO_FORK << 8, 0, 0.0))

    def _fork(self, start: messages.Start, prepared: execute.Prepared | None) -> int:
        """Return the pid of an attempt; 0 when there is no memory, or there are too many."""
        try:
            pid = os.fork()
        except OSError as error:
            sys.stderr.write(f"fork: {error}\n")
            return 0
        if pid == 0:
            self._be_attempt(start, prepared)
        return pid

    def _fork_spare(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError:  # an attempt will say so
            ours.close()
            theirs.close()
            return
        if pid == 0:
            ours.close()
            self._be_spare(theirs)
        theirs.close()
        self._spare = Spare(pid, os.pidfd_open(pid), ours)

    def _be_spare(self, sock: socket.socket) -> NoReturn:
        self._leave_the_runner()
        with contextlib.suppress(Exception):  # the file may have changed what it goes through
            rehearsal.go_through()
        try:
            (start,) = Channel(sock, messages.TO_ZYGOTE).receive()
        except Closed:  # its parent is gone
            os._exit(verdicts.EXIT_DONE)
        sock.close()
        self._be_attempt(start, self._prepare(start.order))

    def _be_attempt(self, start: messages.Start, prepared: execute.Prepared | None) -> NoReturn:
        self._leave_the_runner()
        attempt.run(start, self._find_dag, self._spool, prepared)

    def _leave_the_runner(self) -> None:
        """Close a child's copy of the channel, or the runner would not see its zygote die."""
        if self._channel is not None:
            self._channel.close()

    def _forked(self, start: messages.Start, pid: int, pidfd: int) -> None:
        self._children[pidfd] = Child(pid, start.order.key)
        self._poll.register(pidfd, select.POLLIN)
        self._say(messages.Forked(start.order.key, pid, clock.utcnow()))

    def _prepare(self, order: Order) -> execute.Prepared | None:
        """Do what can be done before the fork; None: the attempt does it, and shows the error.

        A task with nothing to render is not copied, as the attempt is the only one that changes
        its process: a copy touches the memory of all its fields, 60 pages of each attempt's 900
        (measured on 2026-11-21).
        """
        if self._hatch.is_cold or order.callback_id:
            return None
        try:
            dag = self._find_dag(order.run.dag_id)
            fields = self._fields[order.run.dag_id, order.task_id]
            task = task_of(dag, order.task_id)
            if fields is None:
                task = copy.copy(task)  # templates are rendered in place, and the DAG keeps them
            return execute.prepare(order, dag, task, fields, ports=self._ports, site=site.here())
        except BaseException:  # an operator may have its own ideas of a copy
            return None

    def _bury(self, pidfd: int) -> None:
        """Take what the attempt started down with it, while its pid is still its own.

        Operators give commands a group of their own, to signal them. An attempt that could not end
        them itself leaves them in its session, where they are found.
        """
        pid, key = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        seen = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _kill_group(pid)
        if seen is None or seen.si_code != os.CLD_EXITED or seen.si_status != 0:
            identity.kill_session(pid)
        _, status, usage = os.wait4(pid, 0)
        cpu_s = usage.ru_utime + usage.ru_stime
        self._say(messages.Reaped(key, status, usage.ru_maxrss * 1024, cpu_s))
        if self._channel is None:
            with contextlib.suppress(OSError):  # no room: the runner takes it for unseen
                self._spool.write_exit(key, Exit(status, usage.ru_maxrss * 1024, cpu_s))

    def _say(self, message: Any) -> None:
        """Have the runner told with the next `_flush`."""
        if self._channel is not None:
            self._channel.put(message)

    def _flush(self) -> None:
        if self._channel is None:
            return
        try:
            self._channel.flush()
        except Closed:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._spare is not None:
            self._spare.dismiss()
            self._spare = None
        if self._channel is not None:
            with contextlib.suppress(KeyError):  # the file was of no use
                self._poll.unregister(self._channel)
            self._channel.close()
            self._channel = None


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def serve_base(control: socket.socket, home: Path) -> None:
    """Be the base zygote: fork a zygote for every file that the runner names."""
    install()
    conf = load()
    tasklog.configure(conf.text("logging", "logging_level"))
    tasklog.hide_secrets_in_prints()
    site.here()
    loading.extend_sys_path(conf.home / "config", conf.path("core", "plugins_folder"))
    rehearsal.rehearse()
    gc.disable()
    gc.collect()
    gc.freeze()
    identity.prefer_as_victim()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    limits.listen()
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
