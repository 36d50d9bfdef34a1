"""Warm processes that attempts are forked from.

The *base zygote* (`python -m flowctl.runner.zygote`) has the authoring names imported and nothing
else: one thread, no database. It forks a *zygote* for each version of a DAG file, which imports the
file and then forks attempts. Forking costs by the memory of the parent, hence two steps, an eagerly
frozen garbage collector and lazy imports.

What an attempt needs is prepared before the fork, in the warm process; user code runs after it.

A zygote whose last attempt has just ended forks a spare, which goes through an attempt that does
nothing while it waits for its order. While attempts run side by side there is none: it would only
take their CPU. Who waits for orders besides, and how, is in `runner.brood`.

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
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from flowctl.authoring import dag_files, loading, plugins, ports, rendering
from flowctl.authoring.environment import environment_kept
from flowctl.compat import install
from flowctl.config import load
from flowctl.core.attempt import Order
from flowctl.core.states import TaskState
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
    traces,
    verdicts,
)
from flowctl.runner.brood import Brood, Line
from flowctl.runner.callbacks import task_of
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.remote_ports import RemotePorts
from flowctl.runner.rendered import Final, final
from flowctl.runner.spool import Spool

SOON_S = 0.01
"""Within a chain a spare has its order sooner; rehearsing first would only keep it and a processor
that others need (half a millisecond of the gap, measured on 2026-11-22)."""


class Known(NamedTuple):
    """What is known of a task before its attempts."""

    fields: Final | None
    leaves_no_trace: bool


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
        self._brood = Brood(self._poll, self._spool, self._say)
        self._output = os.dup(1)
        self._is_in_use = False
        self._dags: dict[str, Any] = {}
        self._known: dict[tuple[str, str], Known] = {}  # by DAG and task
        self._error: BaseException | None = None

    def serve(self) -> None:
        """Import the file, then fork attempts until the runner goes and the last one ended."""
        ports.use(self._ports)
        self._warm_up()
        if self._channel is not None:
            self._poll.register(self._channel, select.POLLIN)
        while self._channel is not None or self._brood:
            ready = self._poll.poll(self._patience_ms())
            for fd, _ in ready:
                self._brood.hear(fd)
            if self._channel is not None:
                self._start(self._brood.take_back())
            self._flush()
            if self._channel is not None and any(fd == self._channel.fileno() for fd, _ in ready):
                self._obey()
                self._flush()
            if not ready:
                self._use_the_pause()

    def _patience_ms(self) -> float | None:
        if self._is_due_a_spare():
            return 0.0
        patience_s = self._brood.patience_s()
        return None if patience_s is None else patience_s * 1000

    def _is_due_a_spare(self) -> bool:
        if self._channel is None or self._brood.waits:
            return False
        return self._is_in_use and not self._brood.is_busy

    def _use_the_pause(self) -> None:
        """Prepare for the next order, or stop being prepared."""
        if self._is_due_a_spare():
            self._is_in_use = False
            pid, line = self._brood.fork(self._be_spare, has_line=True)
            if pid:
                self._brood.add(pid, line, None)
        else:
            self._is_in_use = False
            self._brood.dismiss()

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
                    self._known[dag.dag_id, task.task_id] = Known(
                        final(task, length_max), traces.leaves_none(dag, task)
                    )
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
        if not starts:
            return
        self._is_in_use = True
        starts = [start for start in starts if not self._brood.give(start)]
        ready = [(start, self._prepare(start.order)) for start in starts]
        for start in starts:
            with contextlib.suppress(OSError):  # else the attempt tries, and says why not
                os.mkdir(os.path.dirname(start.log_path), 0o750)
        forked = [self._fork(start, prepared) for start, prepared in ready]
        for start, (pid, line) in zip(starts, forked, strict=True):
            if pid:
                self._brood.add(pid, line, start)
            else:
                self._say(messages.Reaped(start.order.key, verdicts.EXIT_NO_FORK << 8, 0, 0.0))

    def _fork(
        self, start: messages.Start, prepared: execute.Prepared | None
    ) -> tuple[int, socket.socket | None]:
        has_line = prepared is not None and self._leaves_no_trace(start.order)
        return self._brood.fork(partial(self._live, start, prepared), has_line=has_line)

    def _leaves_no_trace(self, order: Order) -> bool:
        known = self._known.get((order.run.dag_id, order.task_id))
        return known is not None and known.leaves_no_trace and not order.callback_id

    # ------------------------------------------------------------------ in a child

    def _be_spare(self, line: Line | None) -> NoReturn:
        if line is None:  # there was no descriptor for it
            os._exit(verdicts.EXIT_DONE)
        self._leave_the_runner()
        if not line.hears_within(SOON_S):
            with contextlib.suppress(Exception):  # the file may have changed what it goes through
                rehearsal.go_through()
        start = line.next_order()
        self._live_on(start, self._prepare(start.order), line)

    def _live(
        self, start: messages.Start, prepared: execute.Prepared | None, line: Line | None
    ) -> NoReturn:
        self._leave_the_runner()
        self._live_on(start, prepared, line)

    def _leave_the_runner(self) -> None:
        """Close a child's copy of the channel, or the runner would not see its zygote die."""
        if self._channel is not None:
            self._channel.close()

    def _leave_the_log(self) -> None:
        """Say what goes wrong where the zygote says it, until the next attempt has a log."""
        for fd in (1, 2):
            os.dup2(self._output, fd)

    def _live_on(
        self, start: messages.Start, prepared: execute.Prepared | None, line: Line | None
    ) -> NoReturn:
        """Run an attempt, and others while each leaves the process as it was; end it."""
        os.setsid()
        owner, code = os.getpid(), verdicts.EXIT_BROKEN
        try:
            while True:
                spent_cpu_s = line.told_cpu_s if line else 0.0
                with environment_kept(prepared.environment if prepared and line else {}):
                    code, state = attempt.run(
                        start, self._find_dag, self._spool, prepared, spent_cpu_s
                    )
                is_forked = os.getpid() != owner  # by a callback of the user; it has no say
                if line is None or code != verdicts.EXIT_DONE or is_forked:
                    break
                is_unchanged = (
                    state is TaskState.SUCCESS
                    and prepared is not None
                    and self._leaves_no_trace(start.order)
                    and not start.group
                )
                if not line.tell_over(may_stay=is_unchanged):
                    break
                self._leave_the_log()
                start = line.next_order()
                prepared = self._prepare(start.order)
        finally:
            os._exit(code)

    # ------------------------------------------------------------------ before and after

    def _prepare(self, order: Order) -> execute.Prepared | None:
        """Do what can be done before the fork; None: the attempt does it, and shows the error.

        A task with nothing to render is not copied where no other attempt follows in the process:
        a copy touches the memory of all its fields, 60 pages of each attempt's 900 (measured on
        2026-11-21).
        """
        if self._hatch.is_cold or order.callback_id:
            return None
        try:
            dag = self._find_dag(order.run.dag_id)
            fields, leaves_no_trace = self._known[order.run.dag_id, order.task_id]
            task = task_of(dag, order.task_id)
            if fields is None or leaves_no_trace:
                task = copy.copy(task)  # templates are rendered in place, and the DAG keeps them
            return execute.prepare(order, dag, task, fields, ports=self._ports, site=site.here())
        except BaseException:  # an operator may have its own ideas of a copy
            return None

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
        self._brood.orphan()
        if self._channel is not None:
            with contextlib.suppress(KeyError):  # the file was of no use
                self._poll.unregister(self._channel)
            self._channel.close()
            self._channel = None


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
