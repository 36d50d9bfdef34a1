"""The loop: look, decide, commit, start; then wait for a wake-up or until time changes something.

Committed before started, always. A crash in between leaves QUEUED rows without a process, which
`rescue` finds when the executor is connected.
"""

import contextlib
import logging
import os
import select
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from flowctl import clock, garbage
from flowctl.core import sizes
from flowctl.core.attempt import Ended
from flowctl.core.fulfilment import absorb
from flowctl.core.parsed import ParsedFile
from flowctl.core.plan import Plan
from flowctl.core.retention import Limits
from flowctl.core.run import Task
from flowctl.core.states import UNFINISHED_RUN, TaskState
from flowctl.core.tick import decide
from flowctl.core.world import Rules, World
from flowctl.executors.contract import Executor, ExecutorLost
from flowctl.parsing.parser import Parser
from flowctl.scheduler import rescue
from flowctl.scheduler.callbacks import Callbacks
from flowctl.scheduler.complaint import Complaint
from flowctl.scheduler.foresight import Foresight
from flowctl.scheduler.intake import Intake
from flowctl.scheduler.lateness import Lateness
from flowctl.scheduler.machine import Machine
from flowctl.scheduler.memory import TASKS_AT_ONCE, Memory
from flowctl.scheduler.needs import Needs
from flowctl.scheduler.orders import order
from flowctl.scheduler.upkeep import Upkeep
from flowctl.store import lease, plans, runs
from flowctl.store.applied import Applied
from flowctl.store.crypto import Cipher
from flowctl.store.dags import Recorded
from flowctl.store.engine import is_transient, reading, writing
from flowctl.store.outcomes import Superseded
from flowctl.store.presence import Presence
from flowctl.store.wake import Listener

LOG = logging.getLogger("flowctl.scheduler")

DATABASE_PAUSE_S = 0.5  # between two tries while the metastore is away
LISTENERS_END_S = 2.0  # for listeners of plugins that hear that the scheduler stops
LINE_FULL_S = 0.012
"""For how long news may gather while the executor and its line are full: nothing could start then,
and a tick for several tasks costs little more than for one. Fewer end meanwhile than stand in line,
with what the runner gathers (`runner.recorder`)."""


@dataclass(frozen=True)
class Settings:
    """What the configuration and the command say of the loop."""

    look_every_s: float  # without being woken
    rules: Rules
    limits: Limits  # of what is kept
    log_folder: Path
    checks_slas: bool
    place: str  # where attempts are kept; see `store.places`
    ticks_max: int | None  # None: until told to stop


class Loop:
    """The leader's loop, for one term."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        parser: Parser,
        listener: Listener,
        *,
        term: int,
        settings: Settings,
        record: Callable[[Connection, ParsedFile], Recorded],
        cipher: Cipher,
        needs: Needs,
        machine: Machine,
    ) -> None:
        self._engine = engine
        self._executor = executor
        self._parser = parser
        self._listener = listener
        self._term = term
        self._cipher = cipher
        self._needs = needs
        self._machine = machine
        self._place = settings.place
        self._look_every_s = settings.look_every_s
        self._ticks_left = settings.ticks_max
        self._presence = Presence("scheduler")
        self.world = World(parallelism=executor.parallelism, rules=settings.rules)
        self.memory = Memory(self.world)
        self._callbacks = Callbacks(engine, executor, term)
        self._lateness = Lateness(engine, term, checks_slas=settings.checks_slas)
        self._intake = Intake(engine, parser, record, term)
        self._foresight = Foresight(engine, parser, self.world, term)
        self._upkeep = Upkeep(engine, self.world, term, settings.limits, settings.log_folder)
        self._selector = selectors.DefaultSelector()
        self._executor_fd: int | None = None
        self._is_connected = False
        self._complaint = Complaint()
        self._is_stale = True
        self._callbacks_due = True
        self._looked_at = 0.0
        self._renewed_at = 0.0
        self._is_stopping = False
        self._stop_reader, self._stop_writer = os.pipe()

    def stop(self) -> None:
        """End after the current tick; safe to call from a signal handler."""
        self._is_stopping = True
        os.write(self._stop_writer, b"x")

    # ------------------------------------------------------------------ the loop

    def run(self) -> None:
        """Schedule until told to stop.

        Raises:
            lease.Deposed: another scheduler leads.
        """
        self._selector.register(self._listener, selectors.EVENT_READ, _nothing)
        self._selector.register(self._parser, selectors.EVENT_READ, _nothing)
        self._selector.register(self._stop_reader, selectors.EVENT_READ, _nothing)
        self._parser.announce("on_starting")
        garbage.settle()
        while not self._is_stopping:
            try:
                if not self._is_connected:
                    self._connect()
                next_look = self.tick(clock.utcnow())
                if self._was_last():
                    break
            except ExecutorLost as error:
                LOG.warning("the executor is gone (%s); connecting again", error)
                self._is_connected = False
                continue
            except SQLAlchemyError as error:
                self._complaint.about(error)
                self._is_connected = False  # a commit may have happened unheard: compare anew
                self._pause()
                continue
            self._complaint.is_over()
            self._wait(next_look)
        self._selector.close()
        self._parser.announce("before_stopping", LISTENERS_END_S)
        self._say_goodbye()

    def _was_last(self) -> bool:
        if self._ticks_left is not None:
            self._ticks_left -= 1
        return self._ticks_left == 0

    def tick(self, now: datetime) -> datetime | None:
        """Bring the world one step forward; return when to look again without being woken."""
        if self._look(now):
            return now
        self.world.parallelism = self._executor.parallelism
        if self.world.has_hungry:
            self.world.memory = self._machine.budget(self._executor.taken)
        self._look_at_disks()
        ended, left = self.memory.take_handed()
        if left:
            self._executor.give_back(left)
        plan = decide(self.world, now)
        if not ended and plan.is_empty:
            absorb(self.world, plan, now)
        elif not self._carry_out(plan, ended, now):
            return now
        self._foresight.ask(plan)
        self._kill(plan)
        self._needs.tell(self.world.usage.deferred + len(self.world.watching))
        self._renew(now)
        if self._is_stale or self.memory.is_stale or self.memory.unmade:
            return now
        return _earlier(plan.next_look, self._look_for_late(now))

    def _look_at_disks(self) -> None:
        full = self._machine.full_disks()
        if full != self.world.full_disks:
            self.world.full_disks = full
            LOG.warning("%s", self.world.stop or "there is room on the disks again")

    def _look_for_late(self, now: datetime) -> datetime | None:
        """Note what is late; its callbacks are started in the next tick."""
        noted = self._lateness.noted
        next_look = self._lateness.look(self.world, now)
        if self._lateness.noted > noted:
            self._callbacks_due = True
            return now
        return next_look

    def _carry_out(self, plan: Plan, ended: list[Ended], now: datetime) -> bool:
        """Commit a plan with the outcomes that it follows from, then have its starts done.

        Returns:
            Whether it counts; else nothing of it was written, and what it was made of is no more.
        """
        try:
            with writing(self._engine) as conn:
                applied = plans.apply(
                    conn,
                    plan,
                    self.world,
                    self._term,
                    now,
                    place=self._place,
                    cipher=self._cipher,
                    ended=ended,
                )
        except (Superseded, DBAPIError) as error:
            if not ended or is_transient(error):
                raise
            self._executor.give_back([entry.key for entry in ended])  # also what is refused
            self._disbelieve({entry.run_pk for entry in ended})
            return False
        self._absorb(plan, applied, now)
        for passed in plan.passed:
            LOG.warning("DAG %s: %s is never made: %s", passed.dag_id, passed.said, passed.why)
        started = [
            self.world.by_id[move.ti_id]
            for move in plan.starts
            if move.ti_id in applied.moved and move.ti_id in self.world.by_id
        ]
        if any(move.new is TaskState.DEFERRED for move in plan.moves):
            self._needs.wake()
        if started:
            self._warn_of_size(started)
        if started or ended:
            orders = [order(task, self._term) for task in started]
            self._executor.start(orders, [entry.key for entry in ended])
        return True

    def _warn_of_size(self, started: list[Task]) -> None:
        budget = self.world.memory
        for task in started:
            if budget is not None and task.expected_bytes > budget.total:
                LOG.warning(
                    "%s.%s needs %s of memory and runs alone: all tasks together may take %s",
                    task.run.dag_id,
                    task.name,
                    sizes.shown(task.expected_bytes),
                    sizes.shown(budget.total),
                )

    def _absorb(self, plan: Plan, applied: Applied, now: datetime) -> None:
        absorb(self.world, plan, now)
        for expansion, ids in applied.expanded:
            self.world.expand(self.world.runs[expansion.run_pk], expansion.task_id, ids)
        for pk, revision in applied.revisions.items():
            self.memory.raise_revision(self.world.runs[pk], revision)
        self.memory.stale |= set(applied.new_runs)
        self._disbelieve(applied.surprises)
        self.memory.has_news |= bool(plan.backfill_runs)
        for dag_id in applied.paused:
            LOG.warning("DAG %s failed too often in a row and is paused", dag_id)
            self._is_stale = True
        ended = [move.run_pk for move in plan.run_moves if move.new not in UNFINISHED_RUN]
        self._callbacks_due = self._callbacks_due or bool(ended)
        self.memory.forget(ended)

    def _disbelieve(self, run_pks: set[int]) -> None:
        """Learn what is so in runs of which something was believed that was not written."""
        if run_pks:
            with reading(self._engine) as conn:
                self.memory.disbelieve(conn, run_pks)

    def _kill(self, plan: Plan) -> None:
        keys = self.memory.kills + plan.kills
        if keys:
            self._executor.kill(keys, "its task instance was ended or cleared by somebody else")
            self.memory.kills = []

    # ------------------------------------------------------------------ looking

    def _look(self, now: datetime) -> bool:
        """Learn what happened since the last tick; say whether that is enough for this one."""
        for facts in self._executor.facts():
            self.memory.hear(facts)
            self._callbacks.ended(facts.callbacks_ended)
            if facts.callbacks or facts.callbacks_ended:  # new ones, or room for those that wait
                self._callbacks_due = True
        is_enough = self._take_parsed(now)
        self.memory.stale |= self._foresight.take(now)
        if time.monotonic() - self._looked_at > self._look_every_s:
            self._is_stale = self._callbacks_due = True
        if is_enough:
            self._is_stale = True
        elif self._is_stale:
            with reading(self._engine) as conn:
                is_enough = self.memory.refresh(conn)
            self._is_stale = False
            self._looked_at = time.monotonic()
        elif self.memory.is_stale:
            with reading(self._engine) as conn:
                is_enough = self.memory.reread(conn)
        elif self.memory.unmade:
            self._make_more(now)
        if self._callbacks_due:
            self._callbacks.start(now)
            self._callbacks_due = False
        return is_enough

    def _make_more(self, now: datetime) -> None:
        """Bring a large run one step nearer to having all its task instances."""
        run = self.world.runs[min(self.memory.unmade)]
        with writing(self._engine) as conn:
            lease.hold(conn, self._term, now)
            is_mine = runs.go_on(conn, run, now)
        if not is_mine or run.made is None:
            self.memory.stale.add(run.pk)

    def _take_parsed(self, now: datetime) -> bool:
        """Take in what was parsed; say whether that is enough for one tick."""
        taken = self._intake.take(now)
        if not taken:
            return False
        self._foresight.parsed(taken)
        specs = [spec for parsed in taken for spec in parsed.specs]
        if any(asset.watchers for spec in specs for asset in spec.assets):
            self._needs.wake()
        self._is_stale = True
        return sum(len(spec.tasks) for spec in specs) > TASKS_AT_ONCE

    def _connect(self) -> None:
        """Speak to the executor, and find out what became of the attempts it was given."""
        known = self._executor.connect(self._term, lambda: self._renew(clock.utcnow()))
        self._callbacks.forget()
        with reading(self._engine) as conn:
            self.memory.renew(conn)
        rescue.requeue_lost(
            self._engine, self.world, self._executor, known, self._term, self._place
        )
        self._watch_executor()
        self._is_connected = True

    def _watch_executor(self) -> None:
        """Wait for the executor's new descriptor in place of the old one, which is closed."""
        if self._executor_fd is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(self._executor_fd)
        self._executor_fd = self._executor.fileno()
        self._selector.register(self._executor_fd, selectors.EVENT_READ, _nothing)

    def _wait(self, next_look: datetime | None) -> None:
        """Wait for news, or until time alone changes the plan."""
        wait_s = min(self._look_every_s, lease.RENEW_AFTER.total_seconds())
        if next_look is not None:
            wait_s = min(wait_s, (next_look - clock.utcnow()).total_seconds())
        sides = (self._intake, self._foresight, self._upkeep)
        wait_s = min(wait_s, *(side.next_look() for side in sides))
        gather_s = min(LINE_FULL_S, wait_s) if self._is_line_full else 0.0
        if gather_s <= 0 or not select.select([self._stop_reader], [], [], gather_s)[0]:
            has_news = bool(self._selector.select(max(0.0, wait_s - gather_s)))
            self._upkeep.step(clock.utcnow(), is_idle=not has_news)
        if self._listener.drain():
            self._is_stale = True

    def _pause(self) -> None:
        """Wait a moment, or for the end: news that a tick could not take would be there at once."""
        select.select([self._stop_reader], [], [], DATABASE_PAUSE_S)

    @property
    def _is_line_full(self) -> bool:
        return self._executor.ahead > 0 and self.world.usage.total >= self.world.parallelism

    # ------------------------------------------------------------------ the lease

    def _renew(self, now: datetime) -> None:
        if time.monotonic() - self._renewed_at < lease.RENEW_AFTER.total_seconds():
            return
        with writing(self._engine) as conn:
            lease.hold(conn, self._term, lease.moment(conn, now), renew=True)
            self._presence.seen(conn, now, tick_at=now, facts=self._facts())
        self._renewed_at = time.monotonic()

    def _facts(self) -> dict[str, Any]:
        memory = self.world.memory
        return {
            "memory_way": self._executor.memory_way,
            "memory": memory and msgspec.to_builtins(memory, str_keys=True),
        }

    def _say_goodbye(self) -> None:
        try:
            with writing(self._engine) as conn:
                self._presence.ended(conn, clock.utcnow())
        except SQLAlchemyError as error:  # then its last sign of life grows old by itself
            self._complaint.about(error)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _nothing() -> None:
    """The next tick looks anyway."""
