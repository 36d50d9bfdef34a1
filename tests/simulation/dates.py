"""Which runs a schedule must make, reckoned naively: what may become of each date, and when.

Each date is made one run, or is passed over for a reason that is true at that moment; never both,
and in the end never neither.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flowctl.core.dag import Dag
from flowctl.core.plan import NewRun, PassedOver, Plan
from flowctl.core.spec import DagSpec
from flowctl.core.states import FINISHED, RunState
from flowctl.core.world import World
from tests.simulation.shapes import PERIOD

if TYPE_CHECKING:
    from tests.simulation.metastore import RunRow

OVER = (RunState.SUCCESS, RunState.FAILED)
TOO_OLD = "it was due longer ago"
BUSY = "an earlier run had not ended"
NEWER = "a newer one had come"


class Broken(Exception):
    """The promise was broken."""


class Dates:
    """What became of each date of each DAG that has a schedule."""

    def __init__(self, dags: Sequence[Dag]) -> None:
        self._specs = {dag.dag_id: dag.graph.spec for dag in dags}
        self.made: dict[str, set[datetime]] = defaultdict(set)
        self.passed: dict[str, set[datetime]] = defaultdict(set)
        self.is_meddled = False  # people clear runs, of which a scheduler hears late

    def wanted(self, dag_id: str) -> list[datetime]:
        """Return all dates of a DAG."""
        spec, found = self._specs[dag_id], list[datetime]()
        if spec.start_date is None or spec.end_date is None:
            return found
        while spec.start_date + len(found) * PERIOD <= spec.end_date:
            found.append(spec.start_date + len(found) * PERIOD)
        return found

    def check(self, plan: Plan, world: World, runs: "Iterable[RunRow]", now: datetime) -> None:
        """Check what a leader is about to write.

        Raises:
            Broken: it must not.
        """
        going = [run for run in runs if run.state not in OVER]
        for passed in plan.passed:
            self._check_passed(passed, [r for r in going if r.of.dag_id == passed.dag_id], now)
        counts = Counter(run.of.dag_id for run in going)
        for new in plan.new_runs:
            if new.due.logical_date not in self.made[new.dag_id]:
                self._check_new(new, [r for r in going if r.of.dag_id == new.dag_id], now)
                counts[new.dag_id] += 1
                limit = self._specs[new.dag_id].max_active_runs
                if counts[new.dag_id] > limit and not self.is_meddled:
                    raise Broken(f"{counts[new.dag_id]} runs of {new.dag_id} are made")
        self._check_cancelled(plan, world, now)
        _check_stops(plan, world)

    def _check_cancelled(self, plan: Plan, world: World, now: datetime) -> None:
        """Check that a run which is cancelled has a later one that is due, and not made yet."""
        moved = [world.runs[one.run_pk] for one in plan.run_moves if is_cancelling(one.reason)]
        for run in [run for run in moved if not run.ending]:  # else it had been cancelled before
            wanted, made = self.wanted(run.dag_id), self.made[run.dag_id]
            later = [date for date in wanted if date > run.logical_date and date + PERIOD <= now]
            if not set(later) - made:
                raise Broken(f"run {run.pk} of {run.logical_date} is cancelled, and by none")

    def _check_new(self, new: NewRun, going: "list[RunRow]", now: datetime) -> None:
        spec, date = self._specs[new.dag_id], new.due.logical_date
        if date not in self.wanted(new.dag_id) or date + PERIOD > now:
            raise Broken(f"the run of {date} is made at {now}")
        if date in self.passed[new.dag_id]:
            raise Broken(f"the run of {date} is made, and had been passed over")
        window = spec.catchup_window
        if spec.catchup and window is not None and date + PERIOD <= now - window:
            raise Broken(f"the run of {date} is made at {now}, after the {window} of catch-up")
        if spec.overlap != "queue_all" and not self.is_meddled:
            beside = [run for run in going if run.due and not _is_done(run)]
            if beside:
                raise Broken(f"the run of {date} is made beside {beside}, {spec.overlap}")
        self.made[new.dag_id].add(date)

    def _check_passed(self, one: PassedOver, going: "list[RunRow]", now: datetime) -> None:
        spec = self._specs[one.dag_id]
        dates = _between(one.first.logical_date, one.last.logical_date)
        both = self.made[one.dag_id].intersection(dates)
        if both:
            raise Broken(f"{sorted(both)} are passed over, and had been made: {one.why}")
        if not _is_true(one, spec, going, now):
            raise Broken(f"{one.said} of {one.dag_id} is passed over at {now}: {one.why}")
        self.passed[one.dag_id].update(dates)

    def missing(self, dag_id: str) -> list[datetime]:
        """Return the dates of which nothing became; without catch-up those may be left out."""
        if not self._specs[dag_id].catchup:
            return []
        settled = self.made[dag_id] | self.passed[dag_id]
        return [date for date in self.wanted(dag_id) if date not in settled]


def _is_true(one: PassedOver, spec: DagSpec, going: "list[RunRow]", now: datetime) -> bool:
    """Say whether runs may be passed over for the reason that is given."""
    due = one.last.logical_date + PERIOD
    if one.why.startswith(TOO_OLD):
        window = spec.catchup_window
        return spec.catchup and window is not None and due <= now - window
    if one.why.startswith(BUSY):
        return spec.overlap == "skip" and due <= now and any(run.due for run in going)
    return one.why.startswith(NEWER) and spec.overlap != "queue_all" and due + PERIOD <= now


def is_cancelling(reason: str) -> bool:
    """Say whether a run ends for this reason as the next one is due."""
    return reason.startswith("cancelled")


def _is_done(run: "RunRow") -> bool:
    """Say whether a run is only to be written down as ended."""
    return run.made is None and all(row.state in FINISHED for row in run.rows.values())


def _between(first: datetime, last: datetime) -> list[datetime]:
    return [first + n * PERIOD for n in range((last - first) // PERIOD + 1)]


def _check_stops(plan: Plan, world: World) -> None:
    """Check that nothing starts of what people have stopped, as the leader knows."""
    starts = [move.run_pk for move in plan.starts]
    if world.drain is not None and starts:
        raise Broken(f"tasks of runs {starts} start while all is drained")
    for pk in starts:
        dag = world.dags[world.runs[pk].dag_id]
        if dag.is_paused and not dag.drains:
            raise Broken(f"a task of run {pk} starts, and its DAG is paused")
    for new in plan.new_runs:
        if world.dags[new.dag_id].is_paused:
            raise Broken(f"a run of {new.dag_id} is made, which is paused")
    for move in plan.run_moves:
        if (move.old, move.new) == (RunState.QUEUED, RunState.RUNNING):
            is_paused = world.dags[world.runs[move.run_pk].dag_id].is_paused
            if is_paused or world.drain is not None:
                raise Broken(f"run {move.run_pk} starts, and is not to")
