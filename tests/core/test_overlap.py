"""A scheduled run is due while an earlier one has not ended: what becomes of it?"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from flowctl.core import explain
from flowctl.core.dag import Dag
from flowctl.core.drain import Drain
from flowctl.core.fulfilment import absorb
from flowctl.core.overlap import OVERLAPS
from flowctl.core.run import Run
from flowctl.core.spec import ScheduleSpec
from flowctl.core.states import OCCUPYING, RunState, RunType, TaskState
from flowctl.core.tick import decide
from flowctl.core.timetables import Due
from flowctl.core.world import World
from tests.core.worlds import NOON, run_of, scheduled, task, world

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HOURLY = ScheduleSpec("cron", expression="0 * * * *", timezone="UTC", summary="@hourly")
EVERY_HOUR = ScheduleSpec("delta", delta=HOUR, summary="1:00:00")


@dataclass
class Story:
    """A DAG under a clock, whose tasks take as long as they are told."""

    options: dict[str, Any]
    tasks: tuple[Any, ...] = (task("a"),)
    takes: Any = None  # from the number of a run to how long each of its tasks takes
    now: datetime = NOON
    made: list[datetime] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    ends: dict[int, datetime] = field(default_factory=dict)
    kills: int = 0

    def __post_init__(self) -> None:
        self.settled: tuple[datetime, datetime] | None = None
        self.world = self._read()
        self._numbers = count()
        self._number: dict[int, int] = {}

    def _dag(self) -> Dag:
        options = {"schedule": HOURLY, "start_date": NOON, "catchup": True} | self.options
        made = scheduled(*self.tasks, **options)
        made.last_interval = self.settled
        return made

    def _read(self) -> World:
        fresh = world(self._dag())
        for run in self.runs:
            if not run.is_finished:
                self.world.drop_run(run.pk)
                fresh.put_run(run)
        return fresh

    def restart(self) -> None:
        """Forget all that the metastore does not know."""
        self.world = self._read()

    def tick(self) -> None:
        """Decide until nothing more is to be done now."""
        for ti_id, end in list(self.ends.items()):
            found = self.world.by_id.get(ti_id)
            if end <= self.now:
                del self.ends[ti_id]
                if found is not None and found.state in OCCUPYING:
                    self.world.change(found, TaskState.SUCCESS)
        while True:
            plan = decide(self.world, self.now)
            absorb(self.world, plan, self.now)
            self.passed += [f"{one.said}: {one.why}" for one in plan.passed]
            self.kills += len(plan.kills)
            for new in plan.new_runs:
                self._make(new.due)
            for move in plan.starts:
                number = self._number[move.run_pk]
                self.ends[move.ti_id] = self.now + self.takes(number)
            self.settled = self.world.dags["d"].last_interval
            if plan.is_empty and (plan.next_look is None or plan.next_look > self.now):
                return

    def _make(self, due: Due) -> None:
        self.made.append(due.run_after)
        run = run_of(self.world.dags["d"], RunState.QUEUED, logical_date=due.logical_date)
        run.run_type = RunType.SCHEDULED
        run.run_id = f"scheduled__{due.logical_date:%H:%M}"
        self._number[run.pk] = next(self._numbers)
        self.runs.append(run)
        self.world.put_run(run)

    def until(self, moment: datetime) -> None:
        """Let time pass, minute by minute."""
        while self.now < moment:
            self.now += MINUTE
            self.tick()

    @property
    def hours(self) -> list[str]:
        """Return when the runs were due that were made."""
        return [f"{due:%H:%M}" for due in self.made]


def told(overlap: str, minutes: int, **options: Any) -> Story:
    """Return a story of hourly runs that take so long, from noon to six."""
    story = Story({"overlap": overlap, **options}, takes=lambda _: minutes * MINUTE)
    story.until(NOON + 6 * HOUR)
    return story


def test_all_wait_for_their_turn_unless_the_dag_says_otherwise() -> None:
    story = told("queue_all", 90, max_active_runs=1)

    assert story.hours == ["13:00", "14:00", "15:00", "16:00"]
    assert [f"{run.logical_date:%H}" for run in story.runs] == ["12", "13", "14", "15"]
    assert story.passed == []


def test_skip_passes_over_what_is_due_while_a_run_is_not_over() -> None:
    story = told("skip", 90)

    assert story.hours == ["13:00", "15:00", "17:00"]
    assert story.passed[0] == (
        "the run of 2024-01-01 13:00:00 UTC: an earlier run had not ended, overlap='skip'"
    )
    assert len(story.passed) == 3


def test_queue_one_lets_the_newest_wait_and_passes_over_the_others() -> None:
    story = told("queue_one", 150)

    assert story.hours == ["13:00", "15:00", "18:00"]
    assert [run.start_date for run in story.runs] == [
        NOON + HOUR,
        NOON + 3 * HOUR + 30 * MINUTE,
        NOON + 6 * HOUR,
    ]
    assert story.passed == [
        "the run of 2024-01-01 13:00:00 UTC: a newer one had come, overlap='queue_one'",
        "the runs of 2024-01-01 15:00:00 UTC to 2024-01-01 16:00:00 UTC: a newer one had come,"
        " overlap='queue_one'",
    ]


def test_cancel_running_ends_the_run_and_starts_the_next_at_once() -> None:
    story = told("cancel_running", 90)

    assert story.hours == ["13:00", "14:00", "15:00", "16:00", "17:00", "18:00"]
    assert [run.state.value for run in story.runs] == ["failed"] * 5 + ["running"]
    assert [run.start_date for run in story.runs] == story.made
    assert story.kills == 5
    assert story.passed == []


def test_a_run_that_is_cancelled_fails_with_the_reason() -> None:
    story = Story({"overlap": "cancel_running"}, takes=lambda _: 90 * MINUTE)
    story.until(NOON + HOUR)
    story.now = NOON + 2 * HOUR

    plan = decide(story.world, story.now)

    assert [move.reason for move in plan.run_moves if move.new is RunState.FAILED] == [
        "cancelled: the next run, of 2024-01-01 13:00:00 UTC, was due (overlap='cancel_running')"
    ]
    assert {move.reason for move in plan.moves} == {plan.run_moves[-1].reason}


def test_the_teardowns_of_a_cancelled_run_still_run_before_the_next_begins() -> None:
    teardown = task("z", "a", "b", is_teardown=True, trigger_rule="all_done_setup_success")
    story = Story(
        {"overlap": "cancel_running"},
        tasks=(task("a", is_setup=True), task("b", "a"), teardown),
        takes=lambda _: 45 * MINUTE,
    )

    story.until(NOON + 2 * HOUR)
    first = story.runs[0]
    assert {one.name: one.state.value for one in first.instances} == {
        "a": "success",
        "b": "skipped",
        "z": "queued",
    }
    story.restart()
    story.until(NOON + 2 * HOUR + 44 * MINUTE)
    assert story.made == [NOON + HOUR]
    story.until(NOON + 2 * HOUR + 45 * MINUTE)

    assert first.state is RunState.FAILED
    assert story.runs[1].start_date == story.now
    assert story.hours == ["13:00", "14:00"]


def test_a_run_that_ends_when_the_next_is_due_is_not_cancelled() -> None:
    story = told("cancel_running", 60)

    assert [run.state.value for run in story.runs] == ["success"] * 5 + ["running"]
    assert story.kills == 0


@pytest.mark.parametrize("overlap", sorted(OVERLAPS))
def test_runs_of_people_neither_wait_nor_keep_the_schedule_from_its_runs(overlap: str) -> None:
    story = Story({"overlap": overlap}, takes=lambda _: 5 * MINUTE)
    manual = run_of(story.world.dags["d"], RunState.RUNNING, a=TaskState.RUNNING)
    story.world.put_run(manual)

    story.until(NOON + 3 * HOUR)

    assert story.hours == ["13:00", "14:00", "15:00"]
    assert manual.state is RunState.RUNNING
    assert story.passed == []


def test_nothing_is_cancelled_while_flowctl_drains() -> None:
    story = Story({"overlap": "cancel_running"}, takes=lambda _: 90 * MINUTE)
    story.until(NOON + HOUR)
    story.world.drain = Drain("ann", NOON)

    story.until(NOON + 2 * HOUR)

    assert story.runs[0].state is RunState.RUNNING


@pytest.mark.parametrize("overlap", ["queue_one", "skip", "cancel_running"])
@pytest.mark.parametrize("schedule", [HOURLY, EVERY_HOUR], ids=["cron", "timedelta"])
@pytest.mark.parametrize("catchup", [True, False], ids=["catchup", "latest"])
def test_after_a_downtime_only_the_newest_run_is_made(
    overlap: str, schedule: ScheduleSpec, catchup: bool
) -> None:
    """And what was passed over stays so when the scheduler begins anew."""
    options = {"overlap": overlap, "schedule": schedule, "catchup": catchup}
    story = Story(options, takes=lambda _: 5 * MINUTE, now=NOON + 9 * HOUR)

    story.until(NOON + 9 * HOUR + 30 * MINUTE)
    story.restart()
    story.until(NOON + 10 * HOUR)

    assert story.hours == ["21:00", "22:00"]


def test_a_run_that_waits_says_for_what() -> None:
    story = Story({"overlap": "queue_one"}, takes=lambda _: 90 * MINUTE)
    story.until(NOON + 2 * HOUR)

    assert explain.of_dag(story.world, "d", story.now) == (
        "the run of 2024-01-01 13:00:00 UTC is due and waits for scheduled__12:00"
        " (overlap='queue_one')"
    )


def test_only_runs_within_the_catchup_window_are_made() -> None:
    story = Story({"catchup_window": 3 * HOUR}, takes=lambda _: MINUTE, now=NOON + 24 * HOUR)

    story.until(NOON + 25 * HOUR)

    assert story.hours == ["10:00", "11:00", "12:00", "13:00"]
    assert story.passed == [
        "the runs of 2024-01-01 12:00:00 UTC to 2024-01-02 08:00:00 UTC: it was due longer ago"
        " than the catchup_window, 3:00:00"
    ]


def test_a_run_at_once_and_the_only_one_of_a_dag_is_made_however_late() -> None:
    once = ScheduleSpec("once", summary="@once")
    options = {"schedule": once, "catchup_window": HOUR, "overlap": "skip"}
    story = Story(options, takes=lambda _: MINUTE, now=NOON + 24 * HOUR)

    story.until(NOON + 25 * HOUR)

    assert story.hours == ["12:00"]


def test_nothing_after_the_end_date_is_made() -> None:
    options = {"overlap": "queue_one", "end_date": NOON + 3 * HOUR}
    story = Story(options, takes=lambda _: MINUTE, now=NOON + 24 * HOUR)

    story.until(NOON + 25 * HOUR)

    assert story.hours == ["16:00"]


# ------------------------------------------------------------------ the naive evaluator


def expected(overlap: str, takes: list[int], down: set[int], hours: int) -> list[int]:
    """Return the hours whose run is made: worked out minute by minute, without a scheduler."""
    made: list[int] = []
    waiting: list[int] = []
    busy_until: list[int] = []
    for minute in range(5, hours * 60 + 1, 5):
        if minute % 60 == 0:
            waiting.append(minute // 60)
        if minute // 60 in down:
            continue
        busy_until = [end for end in busy_until if end > minute]
        if overlap == "cancel_running" and waiting:
            busy_until = []
        if overlap == "skip" and busy_until:
            waiting = []
        if overlap == "queue_all":
            begin, waiting = waiting, []
        else:
            begin, waiting = (waiting[-1:], []) if not busy_until else ([], waiting)
        for hour in begin:
            busy_until.append(minute + takes[len(made)])
            made.append(hour)
    return made


@pytest.mark.parametrize("overlap", sorted(OVERLAPS))
def test_the_runs_are_those_that_a_naive_reckoning_makes(overlap: str) -> None:
    """Whatever runs take, wherever the scheduler was away, and however often it began anew."""
    for seed in range(8):
        chance = random.Random(f"{overlap} {seed}")
        takes = [chance.choice((5, 30, 55, 60, 65, 90, 120, 200)) for _ in range(40)]
        down = {hour for hour in range(24) if chance.random() < 0.2}
        long = [minutes * MINUTE for minutes in takes]
        story = Story({"overlap": overlap, "max_active_runs": 99}, takes=long.__getitem__)
        while story.now < NOON + 24 * HOUR:
            story.now += 5 * MINUTE
            if int((story.now - NOON) / HOUR) in down:
                continue
            if chance.random() < 0.1:
                story.restart()
            story.tick()

        hours = [int((due - NOON) / HOUR) for due in story.made]
        assert hours == expected(overlap, takes, down, 24), f"seed {seed}"
