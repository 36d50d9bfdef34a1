"""What a home still has to finish while a scheduler of another home leads.

A leader that died, or was deposed, may have left tries that are queued for its runner, or whose
runner is gone. Only its own home can tell what became of them, so the standby there does: as a
leader after a restart, but for nothing that is new.
"""

import contextlib

from sqlalchemy import Engine

from flowctl.core.world import World
from flowctl.executors.contract import Executor, ExecutorLost
from flowctl.scheduler import rescue
from flowctl.store import lease, places, run_reader
from flowctl.store.engine import reading
from flowctl.store.versions import Versions


class Remainder:
    """The open tries of this home."""

    def __init__(self, engine: Engine, executor: Executor, place: str) -> None:
        self._engine = engine
        self._executor = executor
        self._place = place
        self._is_connected = False

    def tend(self, term: int) -> None:
        """See to it that this home's open tries come to their end under the leader of `term`."""
        with reading(self._engine) as conn:
            is_over = not places.open_runs(conn, self._place)
        if is_over:
            self.leave()
            return
        with contextlib.suppress(ExecutorLost, lease.Deposed):  # the next look tries again
            self._tend(term)

    def _tend(self, term: int) -> None:
        try:
            if self._is_connected:
                for facts in self._executor.facts():
                    if facts.handed:
                        self._executor.give_back([entry.key for entry in facts.handed])
                return
        except ExecutorLost:
            self._is_connected = False
        known = self._executor.connect(term)
        world = World(parallelism=self._executor.parallelism)
        with reading(self._engine) as conn:
            open_runs = places.open_runs(conn, self._place)
            for run in run_reader.read_runs(conn, Versions(), open_runs):
                world.put_run(run)
        rescue.requeue_lost(self._engine, world, self._executor, known, term, self._place)
        self._is_connected = True

    def leave(self) -> None:
        """Let the runner end once its attempts have."""
        if self._is_connected:
            self._executor.leave()
            self._is_connected = False
