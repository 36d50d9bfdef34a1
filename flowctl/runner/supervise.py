"""The runner: it has attempts started, sees them end, and sees to it that this is recorded.

One loop, one thread. It outlives the scheduler; attempts outlive it. What ended is handed to the
scheduler, if there is one, or committed here in groups: everything that happened while the last
commit ran goes into the next. Until it is in the metastore it stays on disk (`runner.spool`) and in
memory, and is tried again.
"""

import contextlib
import logging
import os
import selectors
import time
from collections import deque
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock
from flowctl.authoring.masking import mask_conf
from flowctl.core.attempt import Order, Outcome
from flowctl.runner import (
    bonds,
    cgroups,
    identity,
    logfiles,
    messages,
    sockets,
    verdicts,
)
from flowctl.runner.blanks import Blanks
from flowctl.runner.data import Desk
from flowctl.runner.held import Held, superseded
from flowctl.runner.lines import Lines
from flowctl.runner.living import Attempt
from flowctl.runner.log_guard import LogGuard
from flowctl.runner.memory_guard import MemoryGuard
from flowctl.runner.nursery import Nursery
from flowctl.runner.recorder import Recorder
from flowctl.runner.settings import Settings
from flowctl.runner.spool import NO_ROOM, Claim, Exit, Key, Spool
from flowctl.runner.unblanked import UnblankedLogs
from flowctl.store.crypto import CipherError
from flowctl.store.engine import in_words, is_transient
from flowctl.store.presence import Presence, Pulse
from flowctl.store.wake import Waker
from flowctl.version import VERSION

LOG = logging.getLogger("flowctl.runner")

RETRY_DATABASE_S = 0.5
RETRY_DISK_S = 0.5
LOOK_AGAIN_S = 5.0  # nothing depends on it; a bound for what nobody thought of
LONELY_S = 60.0  # with no scheduler and nothing to do for this long, the runner ends


class Runner:
    """See the module."""

    def __init__(self, settings: Settings, engine: Engine, desk: Desk) -> None:
        self._settings = settings
        self._spool = Spool(settings.spool_folder)
        self._blanks = Blanks(settings.spool_folder)
        self._selector = selectors.DefaultSelector()
        self._nursery = Nursery(settings, engine, self._selector, self)
        self._waker = Waker(engine, settings.home)
        self._recorder = Recorder(
            engine, settings.host, desk.cipher, is_claimed=self._spool.is_claimed
        )
        self._pulse = Pulse(engine, Presence("runner"))
        self._guard = MemoryGuard(cgroups.find(settings.home) if settings.may_group else None)
        self._logs = LogGuard(settings.log_bytes_max)
        self._desk = desk
        self._attempts: dict[Key, Attempt] = {}
        self._repeated: set[Key] = set()  # their orders may have been given to another process, too
        self._held = Held(self._selector, self._spool)
        self._waiting: deque[Attempt] = deque()  # for a slot
        self._slots = 1
        self._lines = Lines(self._selector, self._welcome, self._obey)
        self._is_leaving = False
        self._is_yielding = False
        self._database_away_until = 0.0
        self._no_room_until = 0.0  # on the disk of the spool
        self._written: list[Key] = []  # by the leader; their files are not needed any more
        self._synced: set[Key] = set()  # journals that survive the power, during an outage
        self._unblanked = UnblankedLogs()

    # ------------------------------------------------------------------ the loop

    def serve(self) -> None:
        """Work until told to leave, or left alone, with no attempt left."""
        bonds.become_subreaper()
        grace_s = self._settings.killed_task_cleanup_s
        listener = sockets.listen(self._settings.socket)
        self._selector.register(listener, selectors.EVENT_READ, self._lines.accept)
        self._adopt()
        self._nursery.warm_up()
        while not self._is_done():
            for key, events in self._selector.select(self._patience()):
                key.data(key.fileobj, events)
            self._find_out()
            self._end_the_greedy()
            self._logs.look(time.monotonic())
            self._fill_slots()
            self._recorder.has_time = bool(self._waiting)
            for attempt in self._attempts.values():
                attempt.kill_if_due(time.monotonic(), grace_s, self._spool)
            self._write()
            self._pulse.beat(clock.utcnow())
            self._unblanked.go_on()
            self._nursery.retire()
        self._pulse.stop(clock.utcnow())
        self._settings.socket.unlink(missing_ok=True)
        listener.close()
        self._nursery.close()
        self._blanks.close()
        self._guard.close()

    def _is_done(self) -> bool:
        if self._recorder.has_work or (self._attempts and not self._is_yielding):
            return False
        if self._unblanked:
            return False
        if self._is_leaving:
            return True
        return self._lines.lonely_s > LONELY_S

    def _patience(self) -> float:
        """Return how long nothing may happen before time alone makes something due."""
        if self._unblanked:
            return 0.0
        now = time.monotonic()
        due = now + LOOK_AGAIN_S
        if self._lines.questions or self._recorder.has_work:
            wanted = now if self._lines.questions else self._recorder.due_at
            due = min(due, max(wanted, self._database_away_until))
        if self._waiting and max(self._database_away_until, self._no_room_until) > now:
            due = min(due, max(self._database_away_until, self._no_room_until))
        for guard in (self._guard, self._logs):
            if guard.is_busy:
                due = min(due, guard.look_at)
        for attempt in self._attempts.values():
            if attempt.kill_at is not None:
                due = min(due, attempt.kill_at)
        if (held_s := self._held.patience_s()) is not None:
            due = min(due, now + held_s)
        return max(0.0, due - now)

    # ------------------------------------------------------------------ what the scheduler says

    def _welcome(self, hello: messages.Hello) -> messages.Welcome:
        self._is_leaving = self._is_yielding = False
        self._slots = hello.slots
        known = [*self._attempts, *self._recorder.keys]
        return messages.Welcome(VERSION, os.getpid(), known, self._guard.way)

    def _obey(self, message: messages.ToRunner) -> None:
        if isinstance(message, messages.Run):
            for order in message.orders:
                self._start(order)
            self._written += self._recorder.written(message.written)
        elif isinstance(message, messages.Kill):
            for key in message.keys:
                self._kill(key, message.reason)
        elif isinstance(message, messages.Left):
            self._recorder.take_back(message.keys)
        elif isinstance(message, messages.Leave):
            self._is_leaving, self._is_yielding = True, message.at_once

    # ------------------------------------------------------------------ starting

    def _start(self, order: Order) -> None:
        if order.key not in self._attempts and order.key not in self._recorder.keys:
            self._attempts[order.key] = Attempt(order, logfiles.path(order))
            if order.is_repeated:
                self._repeated.add(order.key)
            if order.callback_id:
                self._place(self._attempts[order.key])
            else:
                self._waiting.append(self._attempts[order.key])

    def _fill_slots(self) -> None:
        """Start what waits, as far as there are slots: no round trip lies between two attempts."""
        while (
            self._waiting
            and len(self._attempts) - len(self._waiting) < self._slots
            and time.monotonic() >= max(self._database_away_until, self._no_room_until)
        ):
            self._place(self._waiting.popleft())

    def _place(self, attempt: Attempt) -> None:
        try:
            blank = self._blanks.take(attempt.order.key)
            group = self._guard.group(attempt.order)
            order = self._desk.opened(attempt.order)
            self._nursery.start(order, self._log_file(attempt), blank, group)
        except (OSError, SQLAlchemyError, CipherError) as error:
            if is_transient(error):  # nothing is lost: it waits for the metastore, with its slot
                self._database_away_until = time.monotonic() + RETRY_DATABASE_S
                self._waiting.appendleft(attempt)
                return
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                self._place_later(attempt)
                return
            LOG.error("cannot start %s: %s", attempt.order.key, error)
            reason = f"the process could not be started: {error}"
            now = clock.utcnow()
            self._end(attempt, verdicts.died(attempt.order, now, now, reason))

    def forked(self, message: messages.Forked) -> None:
        """Note that an attempt has a process; a zygote says so."""
        attempt = self._attempts.get(message.key)
        if attempt is not None:
            self._began(attempt, message.pid, message.at)

    def _began(self, attempt: Attempt, pid: int, at: datetime) -> None:
        order = attempt.order
        attempt.pid, attempt.started_at = pid, at
        self._guard.began(order, pid)
        self._logs.began(order.key, self._log_file(attempt))
        if order.timeout_s is not None and attempt.kill_at is None:
            limit = "the time for callbacks" if order.callback_id else "its execution_timeout"
            reason = f"it ran longer than {limit}, {order.timeout_s} s"
            grace_s = self._settings.killed_task_cleanup_s  # it ends itself before
            attempt.must_end(time.monotonic() + order.timeout_s + grace_s, reason)
        if not order.callback_id:
            self._recorder.started(order, pid, at, attempt.log_path)

    def _log_file(self, attempt: Attempt) -> str:
        return f"{self._settings.log_folder}/{attempt.log_path}"

    # ------------------------------------------------------------------ attempts without a zygote

    def _adopt(self) -> None:
        """Take over the attempts of a runner that is gone."""
        self._spool.break_old_seals(clock.utcnow().timestamp())
        claims = self._spool.claims()
        over = superseded(claims)
        for claim in claims:
            attempt = Attempt(claim.order, logfiles.path(claim.order))
            key = claim.order.key
            self._attempts[key] = attempt
            if key in over and self._spool.outcome(key) is not None:
                self._ended(attempt, None)
            else:
                self._hold(attempt, claim)
        if claims:
            LOG.info("adopted %d attempts", len(claims))

    def orphaned(self, keys: list[Key]) -> None:
        """Hold on to the living attempts of a zygote that is gone; place the others anew."""
        for key in keys:
            attempt = self._attempts.get(key)
            if attempt is None:
                continue
            claim = self._spool.find_claim(key)
            if claim is not None:
                self._hold(attempt, claim)
            else:  # not begun, or just about to be: the claim decides which process it is
                self._repeated.add(key)
                self._place(attempt)

    def _hold(self, attempt: Attempt, claim: Claim) -> None:
        if not attempt.pid and identity.is_alive(claim.process):
            self._began(attempt, claim.process.pid, attempt.started_at or clock.utcnow())
        attempt.pid, attempt.process = claim.process.pid, claim.process
        self._held.hold(claim)

    def _find_out(self) -> None:
        """Learn how attempts ended that no zygote tells of."""
        for key, seen in self._held.ended():
            if key in self._attempts:
                self._ended(self._attempts[key], seen)
        self._held.reap()

    # ------------------------------------------------------------------ the end of an attempt

    def reaped(self, message: messages.Reaped) -> bool:
        """Note that an attempt is over; a zygote says so.

        Returns:
            Whether its process may have another: not one that may be about to get a signal that was
            meant for this one.
        """
        attempt = self._attempts.get(message.key)
        if attempt is None:
            return False
        self._ended(attempt, Exit(message.status, message.peak_rss_bytes, message.cpu_s))
        return not attempt.is_termed

    def _ended(self, attempt: Attempt, seen: Exit | None) -> None:
        if seen is not None and os.waitstatus_to_exitcode(seen.status) == verdicts.EXIT_CLAIMED:
            self._follow_claim(attempt)
            return
        if self._has_no_room(attempt, seen):
            self._place_later(attempt)
            return
        journal = self._spool.outcome(attempt.order.key)
        peak_bytes, memory_reason = self._guard.ended(
            attempt.order,
            seen.peak_rss_bytes if seen else 0,
            was_killed=seen is not None and os.WIFSIGNALED(seen.status),
        )
        outcome = verdicts.outcome(
            attempt.order,
            journal,
            seen,
            started_at=attempt.started_at,
            kill_reason=attempt.kill_reason if attempt.is_termed else "",
            memory_reason=memory_reason,
            now=clock.utcnow(),
        )
        outcome.peak_rss_bytes = peak_bytes or None
        if journal is None:
            outcome.pid = attempt.pid
            with contextlib.suppress(CipherError):  # other secrets it learnt by what it answered
                mask_conf(self._desk.opened(attempt.order).run.conf)
            self._unblanked.add(self._log_file(attempt))
        if journal is None or memory_reason:
            logfiles.append(self._log_file(attempt), outcome.reason, outcome.ended_at)
        self._end(attempt, outcome)

    def _has_no_room(self, attempt: Attempt, seen: Exit | None) -> bool:
        """Say whether an attempt never began because the disk was full."""
        if seen is None or os.waitstatus_to_exitcode(seen.status) != verdicts.EXIT_DISK_FULL:
            return False
        return not attempt.is_termed and not self._spool.is_claimed(attempt.order.key)

    def _place_later(self, attempt: Attempt) -> None:
        """Nothing of it happened, so nothing is used up: it waits for room, with its slot."""
        if self._no_room_until < time.monotonic():
            LOG.warning("the disk of %s is full; attempts wait for room", self._spool.folder)
        self._no_room_until = time.monotonic() + RETRY_DISK_S
        attempt.has_no_process()
        self._recorder.unstarted(attempt.order)
        self._waiting.appendleft(attempt)

    def _follow_claim(self, attempt: Attempt) -> None:
        """Another process has this attempt, because the order was given twice."""
        claim = self._spool.find_claim(attempt.order.key)
        is_sealed = self._spool.is_sealed(attempt.order.key)
        if claim is None and not is_sealed and self._spool.is_claimed(attempt.order.key):
            now = clock.utcnow()
            self._end(attempt, verdicts.died(attempt.order, now, now, verdicts.LOST))
        elif claim is None:
            del self._attempts[attempt.order.key]  # it is recorded already
            self._repeated.discard(attempt.order.key)
            self._blanks.drop(attempt.order.key)
        else:
            attempt.pid = 0
            self._hold(attempt, claim)

    def _end(self, attempt: Attempt, outcome: Outcome) -> None:
        self._held.let_go(attempt.order.key)
        self._logs.ended(attempt.order.key)
        del self._attempts[attempt.order.key]
        if attempt.order.memory_bytes:  # it may not have come to a process
            self._guard.forget(attempt.order.key)
        self._recorder.ended(attempt.order, outcome, attempt.log_path)

    # ------------------------------------------------------------------ killing

    def _kill(self, key: Key, reason: str) -> None:
        attempt = self._attempts.get(key)
        if attempt is None:
            return
        if attempt in self._waiting:
            self._waiting.remove(attempt)
            now = clock.utcnow()
            self._end(attempt, verdicts.died(attempt.order, now, now, reason))
        elif not attempt.is_termed:
            attempt.must_end(time.monotonic(), reason)

    def _end_the_greedy(self) -> None:
        """Kill at once what takes more memory than it may: what it does to end takes more."""
        for key, reason in self._guard.look(time.monotonic()):
            self._attempts[key].must_end(0.0, reason, gently=False)
        if self._lines.has_leader and (taken := self._guard.news()) is not None:
            self._lines.tell_leader(messages.Load(taken))

    # ------------------------------------------------------------------ the metastore

    def _write(self) -> None:
        """Commit what happened, answer what was asked; on an outage keep both for later."""
        written, self._written = self._written, []
        self._clear_away(written)
        now = time.monotonic()
        if now < self._database_away_until:
            return
        try:
            if self._recorder.has_work and self._recorder.due_at <= now:
                self._record()
            while self._lines.questions:
                line, question = self._lines.questions[0]
                answer = self._desk.answer(question, clock.utcnow())
                del self._lines.questions[0]
                self._lines.tell(line, answer)
        except SQLAlchemyError as error:
            self._spool.sync(self._recorder.keys - self._synced)
            self._synced = self._recorder.keys
            self._database_away_until = time.monotonic() + RETRY_DATABASE_S
            level = logging.WARNING if is_transient(error) else logging.ERROR
            said = in_words(error)
            LOG.log(level, "the metastore does not take outcomes, they are kept: %s", said)

    def _record(self) -> None:
        """Let the leader write what is plain, and commit the rest."""
        if self._lines.has_leader and (handed := self._recorder.hand_over()):
            self._lines.tell_leader(messages.Facts([], handed=handed))
        facts, recorded = self._recorder.commit(clock.utcnow())
        if facts.runs or recorded:
            self._lines.tell_leader(facts)  # before the files: removing them takes as long again
        if facts.has_deferred:  # after the scheduler was told: else it would read its runs anew
            self._waker.wake()
        self._clear_away(recorded)

    def _clear_away(self, recorded: list[Key]) -> None:
        """Remove the files of attempts that are in the metastore."""
        for key in recorded:
            if key in self._repeated:
                self._spool.seal(key)
                self._blanks.drop(key)
            else:
                self._spool.remove(key, has_exit=key in self._held)
                self._blanks.give_back(key)
        self._repeated.difference_update(recorded)
        self._held.forget(recorded)
