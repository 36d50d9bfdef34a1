"""The clock of the machine jumps, forward and back; no interval is lost and none has two runs."""

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from flowctl.core.dag import Dag
from flowctl.core.fulfilment import absorb
from flowctl.core.run import Run
from flowctl.core.spec import ScheduleSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from tests.core.worlds import NOON, run_of, scheduled, task, world

SEEDS = 12
STEPS = 120
STILL_TICKS = 4
START = NOON - timedelta(hours=6)
HOURLY = ScheduleSpec("cron", expression="0 * * * *", timezone="UTC", summary="@hourly")
EVERY = ScheduleSpec("delta", delta=timedelta(hours=1), summary="1:00:00")
JUMPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (-86400, -3600, -1, 0, 1, 60, 600, 1800, 3600, 7200, 86400)
)


class Calendar:
    """A scheduled DAG, its make-believe metastore, and a clock that nobody can rely on."""

    def __init__(self, seed: int, schedule: ScheduleSpec, *, catchup: bool) -> None:
        self.chance = random.Random(seed)
        self.given = {"schedule": schedule, "start_date": START, "catchup": catchup}
        self.now = NOON
        self.latest = NOON
        self.intervals: list[tuple[datetime, datetime]] = []
        self.runs: list[Run] = []
        self.world = self._read()

    def _read(self) -> World:
        """Return what a scheduler that just began would read."""
        dag = self._dag()
        fresh = world(dag)
        for run in self.runs:
            if run.state in (RunState.QUEUED, RunState.RUNNING):
                fresh.put_run(run)
        return fresh

    def _dag(self) -> Dag:
        dag = scheduled(task("a"), max_active_runs=3, **self.given)
        dag.last_interval = self.intervals[-1] if self.intervals else None
        return dag

    def step(self) -> None:
        """Tick once; let what started succeed."""
        self.latest = max(self.latest, self.now)
        plan = decide(self.world, self.now)
        absorb(self.world, plan, self.now)
        for new in plan.new_runs:
            self.intervals.append((new.due.interval_start, new.due.interval_end))
            run = run_of(self.world.dags["d"], RunState.QUEUED, logical_date=new.due.logical_date)
            self.runs.append(run)
            self.world.put_run(run)
        for move in plan.starts:
            self.world.change(self.world.by_id[move.ti_id], TaskState.SUCCESS)
        if self.chance.random() < 0.1:
            self.world = self._read()

    def settle(self) -> None:
        """Tick at the latest moment that was seen until nothing happens any more."""
        self.now = self.latest
        for _ in range(1000):
            before = len(self.intervals)
            for _ in range(STILL_TICKS):
                self.step()
            if len(self.intervals) == before and all(run.is_finished for run in self.runs):
                return
        raise AssertionError("it never comes to rest")


def _story(seed: int, schedule: ScheduleSpec, *, catchup: bool) -> Calendar:
    calendar = Calendar(seed, schedule, catchup=catchup)
    for _ in range(STEPS):
        calendar.step()
        calendar.now += calendar.chance.choice(JUMPS)
    calendar.settle()
    return calendar


@pytest.mark.parametrize("schedule", [HOURLY, EVERY], ids=["cron", "timedelta"])
def test_with_catchup_every_interval_up_to_the_latest_moment_has_one_run(
    schedule: ScheduleSpec,
) -> None:
    """The intervals tile the time from the start date on, whatever the clock did."""
    for seed in range(SEEDS):
        calendar = _story(seed, schedule, catchup=True)
        hours = int((calendar.latest - START) / timedelta(hours=1))
        expected = [
            (START + timedelta(hours=at), START + timedelta(hours=at + 1)) for at in range(hours)
        ]
        assert calendar.intervals == expected, f"seed {seed}"


@pytest.mark.parametrize("schedule", [HOURLY, EVERY], ids=["cron", "timedelta"])
def test_without_catchup_no_interval_is_run_twice_and_the_latest_is_run(
    schedule: ScheduleSpec,
) -> None:
    """A clock that went back makes nothing due again."""
    for seed in range(SEEDS):
        calendar = _story(seed, schedule, catchup=False)
        intervals = calendar.intervals
        assert all(a[1] <= b[0] for a, b in pairwise(intervals)), seed
        assert timedelta(0) <= calendar.latest - intervals[-1][1] < timedelta(hours=1), seed
