"""Who deletes old history, and when? The leader, a little now and then while nothing happens.

A pass goes over the metastore and the log folder, in steps of some milliseconds. While there is
always something else to do, there are still a few steps each second. What was deleted is said in
the log after each pass, and in the audit trail once a day.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl import clock
from flowctl.core import sizes
from flowctl.core.retention import Limits, Policy
from flowctl.core.world import World
from flowctl.runner import logfiles
from flowctl.runner.log_sweep import LogSweep
from flowctl.store import cleaning, events, lease, space
from flowctl.store.engine import in_words, reading, writing

LOG = logging.getLogger("flowctl.scheduler")

ACTOR, EVENT = "scheduler", "retention"
FIRST_AFTER_S = 10.0  # a scheduler that has just begun has other things to do
PASS_EVERY_S = 3600.0
QUIET_S = 0.05  # without news for so long, nothing happens
PAUSE_S = 0.05  # between two steps while nothing happens
PATIENCE_S = 0.2
"""Between two steps while something always does: a twenty-fifth of the time. With a hundredth, a
scheduler that ran 60 tasks a second all day long made history faster than it deleted it."""
STEP_S = 0.008  # after that no more work is begun
UNIT_S = 0.004
"""What one unit of work in the metastore may take of the processor: it is made smaller or bigger.
By the clock it would get ever smaller where others keep the processor busy, and never be done."""
PAGES_SHARE = 5  # a page given back takes as long as so many rows
ROWS_FIRST, ROWS_MIN, ROWS_MAX = 50, 20, 500
TOLD_EVERY = timedelta(days=1)


class Upkeep:
    """See the module."""

    def __init__(
        self, engine: Engine, world: World, term: int, limits: Limits, log_folder: Path
    ) -> None:
        self._engine = engine
        self._world = world
        self._term = term
        self._limits = limits
        self._logs = LogSweep(log_folder)
        self._rows = ROWS_FIRST
        self._due = time.monotonic() + FIRST_AFTER_S if limits.is_on else float("inf")
        self._pass: Iterator[None] | None = None
        self._gone: Counter[str] = Counter()  # by part, in this pass
        self._untold: Counter[str] = Counter()  # in the audit trail
        self._told_at: datetime | None = None
        self._open: frozenset[str] | None = None

    def next_look(self) -> float:
        """Return in how many seconds a step is due, if nothing happens until then."""
        return max(QUIET_S, self._due - time.monotonic())

    def step(self, now: datetime, *, is_idle: bool) -> None:
        """Do a little, if it is time for it.

        Raises:
            lease.Deposed: another scheduler leads.
        """
        begun = time.monotonic()
        if begun < self._due + (0.0 if is_idle else PATIENCE_S):
            return
        self._open = None
        if self._pass is None:
            self._pass = self._work(now)
        try:
            while time.monotonic() < begun + STEP_S:
                next(self._pass)
            self._due = time.monotonic() + PAUSE_S
        except StopIteration:
            self._end_pass()
        except SQLAlchemyError as error:
            LOG.warning("old history is not deleted now: %s", in_words(error))
            self._end_pass()

    def _end_pass(self) -> None:
        self._pass = None
        self._due = time.monotonic() + PASS_EVERY_S

    # ------------------------------------------------------------------ a pass

    def _work(self, now: datetime) -> Iterator[None]:
        """Go over everything once; yields after each unit of work."""
        self._gone.clear()
        with reading(self._engine) as conn:
            policy = Policy(self._limits, cleaning.policies_of_dags(conn), now)
        yield
        sweep = cleaning.Sweep(policy)
        while not sweep.is_over:
            yield from self._clean(sweep)
        yield from self._logs.walk(policy, self._is_open)
        self._count_logs()
        self._tell(now)
        while self._give_back():
            yield

    def _clean(self, sweep: cleaning.Sweep) -> Iterator[None]:
        begun = time.thread_time()
        with reading(self._engine) as conn:
            has_found = sweep.look(conn, self._rows)
        self._pace(begun)
        yield
        is_all = not has_found
        while not is_all:
            begun = time.thread_time()
            with writing(self._engine) as conn:
                self._hold(conn)
                gone = sweep.delete(conn, self._rows)
            is_all = gone.is_all
            self._pace(begun)
            self._gone[gone.part] += gone.rows
            yield
            for dag_id, run_id in gone.runs:
                yield from self._logs.remove_run(dag_id, run_id)

    def _hold(self, conn: Connection) -> None:
        lease.hold(conn, self._term, clock.utcnow())

    def _pace(self, begun: float) -> None:
        """Make the next unit of work smaller or bigger, by what this one took."""
        took_s = time.thread_time() - begun
        if took_s > UNIT_S:
            self._rows = max(ROWS_MIN, self._rows // 2)
        elif took_s < UNIT_S / 2:
            self._rows = min(ROWS_MAX, self._rows * 5 // 4)

    def _is_open(self, folder: str) -> bool:
        """Say whether the log folder of a run is that of one that may still write."""
        if self._open is None:
            self._open = frozenset(
                logfiles.of_run(run.dag_id, run.run_id) for run in self._world.runs.values()
            )
        return folder in self._open

    def _give_back(self) -> bool:
        begun = time.thread_time()
        with reading(self._engine) as conn:
            if not space.has_surplus(conn):
                return False
        with writing(self._engine) as conn:
            space.give_back(conn, max(1, self._rows // PAGES_SHARE))
        self._pace(begun)
        return True

    # ------------------------------------------------------------------ saying what was done

    def _count_logs(self) -> None:
        files, size_bytes = self._logs.take_count()
        self._gone["log files"] += files
        self._gone["log bytes"] += size_bytes

    def _tell(self, now: datetime) -> None:
        gone = {part: count for part, count in self._gone.items() if count}
        if gone:
            LOG.info("deleted old history: %s", in_numbers(gone))
        self._untold.update(gone)
        if not self._untold or (self._told_at and now - self._told_at < TOLD_EVERY):
            return
        with writing(self._engine) as conn:
            self._hold(conn)
            events.record(conn, EVENT, ACTOR, at=now, detail=dict(self._untold))
        self._untold.clear()
        self._told_at = now


def in_numbers(gone: dict[str, int]) -> str:
    """Return how much was deleted, for people."""
    return ", ".join(
        f"{name} {sizes.shown(count) if name == 'log bytes' else count}"
        for name, count in gone.items()
    )
