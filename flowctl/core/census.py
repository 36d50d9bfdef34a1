"""How many runs are under way, and until when they may take?"""

from collections import defaultdict
from datetime import datetime

from flowctl.core.ordered import Ordered
from flowctl.core.run import Run
from flowctl.core.states import RunState, RunType


class Census:
    """Counts of runs, by DAG and by backfill."""

    def __init__(self) -> None:
        self.active: dict[str, int] = defaultdict(int)  # running, by DAG; not those of backfills
        self.queued: dict[str, set[int]] = defaultdict(set)  # by DAG; not those of backfills
        self.scheduled: dict[str, set[int]] = defaultdict(set)
        """Unfinished runs that schedules of time made, by DAG; not those of backfills."""
        self.filling: dict[int, int] = defaultdict(int)  # unfinished, by backfill
        self.queued_fills: set[int] = set()  # queued, of backfills
        self.deadlines: Ordered[tuple[datetime, int]] = Ordered()  # dagrun_timeout, run

    def count(self, run: Run, by: int) -> None:
        """Count a run in its state; with -1 no more."""
        if run.backfill is not None and not run.is_finished:
            self.filling[run.backfill] += by
        if run.run_type == RunType.SCHEDULED and run.backfill is None and not run.is_finished:
            _count(self.scheduled, run, by)
        if run.state is RunState.RUNNING:
            self._count_running(run, by)
        elif run.state is RunState.QUEUED:
            if run.backfill is None:
                _count(self.queued, run, by)
            else:
                (self.queued_fills.add if by > 0 else self.queued_fills.discard)(run.pk)

    def _count_running(self, run: Run, by: int) -> None:
        if run.backfill is None:
            self.active[run.dag_id] += by
        if run.deadline is None:
            return
        change = self.deadlines.add if by > 0 else self.deadlines.drop
        change((run.deadline, run.pk))


def _count(runs: dict[str, set[int]], run: Run, by: int) -> None:
    """Note a run under its DAG, or strike it out; ticks look at every DAG that is named."""
    own = runs[run.dag_id]
    (own.add if by > 0 else own.discard)(run.pk)
    if not own:
        del runs[run.dag_id]
