"""How many runs are under way, and until when they may take?"""

from collections import defaultdict
from datetime import datetime

from flowctl.core.ordered import Ordered
from flowctl.core.run import Run
from flowctl.core.states import RunState


class Census:
    """Counts of runs, by DAG and by backfill."""

    def __init__(self) -> None:
        self.active: dict[str, int] = defaultdict(int)  # running, by DAG; not those of backfills
        self.queued: dict[str, set[int]] = defaultdict(set)  # by DAG; not those of backfills
        self.filling: dict[int, int] = defaultdict(int)  # unfinished, by backfill
        self.queued_fills: set[int] = set()  # queued, of backfills
        self.deadlines: Ordered[tuple[datetime, int]] = Ordered()  # dagrun_timeout, run

    def count(self, run: Run, by: int) -> None:
        """Count a run in its state; with -1 no more."""
        if run.backfill is not None and not run.is_finished:
            self.filling[run.backfill] += by
        if run.state is RunState.RUNNING:
            self._count_running(run, by)
        elif run.state is RunState.QUEUED:
            own = self.queued[run.dag_id]
            queued = own if run.backfill is None else self.queued_fills
            (queued.add if by > 0 else queued.discard)(run.pk)
            if not own:
                del self.queued[run.dag_id]  # ticks look at every DAG that is named here

    def _count_running(self, run: Run, by: int) -> None:
        if run.backfill is None:
            self.active[run.dag_id] += by
        if run.deadline is None:
            return
        change = self.deadlines.add if by > 0 else self.deadlines.drop
        change((run.deadline, run.pk))
