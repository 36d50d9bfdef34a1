"""Coming runs, played: when they run, who waits for room, and how full the pools are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowctl.core.assets import AssetSpec, Condition
from flowctl.core.collisions import collisions
from flowctl.core.dag import Dag
from flowctl.core.simulate import Guess, Simulation
from flowctl.core.slots import EXECUTOR
from flowctl.core.spec import Length, ScheduleSpec, TaskSpec
from flowctl.core.states import RunState
from tests.core.worlds import dag, scheduled, task, world

MORNING = datetime(2024, 3, 1, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def cron(expression: str) -> ScheduleSpec:
    """Return a schedule."""
    return ScheduleSpec("cron", expression=expression, timezone="UTC", summary=expression)


def daily(dag_id: str, *tasks: TaskSpec, at: str = "0 8 * * *", **options: Any) -> Dag:
    """Return a DAG that runs at eight."""
    return scheduled(*tasks, dag_id=dag_id, schedule=cron(at), **options)


def played(
    *dags: Dag,
    took: dict[tuple[str, str], timedelta] | None = None,
    left: dict[tuple[str, str], int] | None = None,
    until: timedelta = timedelta(days=1),
    parallelism: int = 32,
    **pools: int,
) -> Simulation:
    """Play a day of these DAGs; a task takes ten minutes unless `took` says otherwise."""
    found = Simulation(
        world(*dags, parallelism=parallelism, **pools),
        Guess(10 * MINUTE, took or {}, left or {}),
        MORNING,
        MORNING + until,
    )
    found.play()
    return found


def times(found: Simulation) -> list[tuple[str, str, str]]:
    """Return when each run begins and ends, by the clock."""
    return [
        (
            run.dag_id,
            f"{run.start:%H:%M}" if run.start else "",
            f"{run.end:%H:%M}" if run.end else "",
        )
        for run in found.runs
    ]


def test_a_run_takes_as_long_as_its_longest_way() -> None:
    chain = daily("d", task("a"), task("b", "a"), task("c", "a"), task("e", "b", "c"))

    found = played(chain, took={("d", "b"): HOUR})

    assert times(found) == [("d", "08:00", "09:20")]
    assert found.runs[0].state is RunState.SUCCESS
    assert found.unknown == {("d", "a"), ("d", "c"), ("d", "e")}


def test_only_dates_in_the_stretch_make_runs_whatever_is_to_be_caught_up() -> None:
    old = daily("old", task("a"), catchup=True, start_date=MORNING - timedelta(days=400))
    new = daily("new", task("a"), catchup=False, start_date=MORNING - timedelta(days=400))

    found = played(old, new, until=timedelta(days=2))

    assert sorted((run.dag_id, f"{run.due:%d %H}") for run in found.runs) == [
        ("new", "01 08"),
        ("new", "02 08"),
        ("old", "01 08"),
        ("old", "02 08"),
    ]


def test_a_dag_that_begins_later_has_no_earlier_run() -> None:
    later = daily("d", task("a"), start_date=MORNING + timedelta(days=1))

    found = played(later, until=timedelta(days=3))

    assert [f"{run.logical_date:%d %H}" for run in found.runs] == ["02 08"]


def test_who_finds_a_pool_full_waits_until_a_slot_is_free() -> None:
    dags = [daily(name, task("load", pool="small")) for name in ("x", "y", "z")]

    found = played(*dags, small=1)

    assert [(w.dag_id, w.task, w.limit, f"{w.until:%H:%M}") for w in found.waits] == [
        ("y", "load", "pool small", "08:10"),
        ("z", "load", "pool small", "08:20"),
    ]
    (one,) = collisions(found.waits, found.end)
    assert (one.begin, one.end) == (MORNING + 2 * HOUR, MORNING + 2 * HOUR + 20 * MINUTE)
    assert (one.waits, one.waited, one.longest.dag_id) == (2, 30 * MINUTE, "z")


def test_stretches_in_which_nobody_waits_part_collisions() -> None:
    twice = [daily(name, task("a", pool="small"), at="0 8,20 * * *") for name in ("x", "y")]

    found = played(*twice, small=1)

    assert [f"{one.begin:%H}" for one in collisions(found.waits, found.end)] == ["08", "20"]


@pytest.mark.parametrize(
    ("options", "more", "limit"),
    [
        ({"max_active_tasks": 1}, {}, "max_active_tasks of DAG d"),
        ({}, {"max_active_tis_per_dag": 1}, "max_active_tis_per_dag of task d.m"),
        ({}, {"max_active_tis_per_dagrun": 1}, "max_active_tis_per_dagrun of task d.m"),
        ({}, {"pool": "nowhere"}, "pool nowhere"),
    ],
)
def test_each_limit_is_named(options: dict[str, Any], more: dict[str, Any], limit: str) -> None:
    mapped = task("m", length=Length(count=2), **more)

    found = played(daily("d", mapped, **options))

    assert {wait.limit for wait in found.waits} == {limit}


def test_parallelism_is_a_limit_like_a_pool() -> None:
    found = played(daily("x", task("a")), daily("y", task("a")), parallelism=1)

    assert [wait.limit for wait in found.waits] == [EXECUTOR]


def test_what_still_waits_at_the_end_has_no_end() -> None:
    found = played(daily("x", task("a", pool="nowhere")))

    (one,) = collisions(found.waits, found.end)
    assert one.is_open
    assert one.end == found.end
    assert times(found) == [("x", "08:00", "")]


def test_a_run_that_is_due_waits_for_the_one_before() -> None:
    slow = daily("d", task("a"), at="0 * * * *", max_active_runs=1, catchup=True)

    found = played(slow, took={("d", "a"): 90 * MINUTE}, until=4 * HOUR)

    assert times(found)[:2] == [("d", "06:00", "07:30"), ("d", "07:30", "09:00")]
    assert found.waits[0].limit == "max_active_runs of DAG d"
    assert found.waits[0].until == MORNING + 90 * MINUTE


def test_tasks_that_depend_on_the_past_run_in_turn() -> None:
    past = daily("d", task("a", depends_on_past=True), at="0 * * * *")

    found = played(past, took={("d", "a"): 90 * MINUTE}, until=4 * HOUR)

    assert [end for _, _, end in times(found)] == ["07:30", "09:00", "", ""]
    assert len(found.world.runs) < 4


def test_a_task_is_mapped_over_as_much_as_its_source_usually_leaves() -> None:
    mapped = daily("d", task("s"), task("m", "s", length=Length("result", task_id="s")))

    found = played(mapped, left={("d", "s"): 5})

    steps = found.load.steps("default_pool", MORNING, found.end, HOUR)
    assert max(step.peak for step in steps) == 5


def test_an_asset_that_a_task_updates_makes_the_next_dag_run() -> None:
    made = Condition("asset", "s3://b")
    producer = daily("p", task("a", outlets=(made,)), assets=(AssetSpec("s3://b", "b"),))
    for waits_for in (made, Condition("name", "b")):
        consumer = dag(task("c"), dag_id="c", schedule=ScheduleSpec("assets", condition=waits_for))

        assert times(played(producer, consumer)) == [
            ("p", "08:00", "08:10"),
            ("c", "08:10", "08:20"),
        ]
        producer = daily("p", task("a", outlets=(made,)), assets=(AssetSpec("s3://b", "b"),))


def test_a_timetable_of_the_user_is_left_out_and_said_so() -> None:
    own = dag(task("a"), dag_id="own", schedule=ScheduleSpec("own", timetable="mine.Odd"))

    found = played(own)

    assert not found.runs
    assert "code" in found.left_out["own"]


def test_empty_and_deferred_tasks_and_finished_runs_leave_nothing_behind() -> None:
    hourly = daily("d", task("e", is_empty=True), task("a", "e"), at="0 * * * *")

    found = played(hourly)

    assert len(found.runs) == 24
    assert not found.world.by_id


def test_load_is_the_mean_and_the_peak_of_each_step() -> None:
    both = daily("d", task("a", pool="p", pool_slots=3), task("b", "a", pool="p"))

    steps = played(both, p=4).load.steps("p", MORNING, MORNING + 4 * HOUR, HOUR)

    assert [(step.peak, round(step.mean, 3)) for step in steps] == [
        (0, 0),
        (0, 0),
        (3, round(40 / 60, 3)),
        (0, 0),
    ]


def test_the_last_step_of_a_load_may_be_shorter() -> None:
    half = played(
        daily("d", task("a", pool="p")), took={("d", "a"): 5 * HOUR}, until=150 * MINUTE, p=1
    )

    steps = half.load.steps("p", MORNING, half.end, 2 * HOUR)

    assert [(step.peak, step.mean) for step in steps] == [(0, 0), (1, 1)]


def test_runs_that_are_passed_over_and_cancelled_are_foreseen() -> None:
    hourly: dict[str, Any] = {"at": "0 * * * *", "start_date": MORNING}
    skips = daily("skips", task("a"), overlap="skip", **hourly)
    cancels = daily("cancels", task("a"), task("b", "a"), overlap="cancel_running", **hourly)
    took = {("skips", "a"): 90 * MINUTE, ("cancels", "b"): 2 * HOUR}

    found = played(skips, cancels, took=took, until=5 * HOUR)

    assert [f"{one.first.logical_date:%H}" for one in found.passed] == ["07", "09"]
    assert [run.state.value for run in found.runs if run.dag_id == "cancels"] == [
        "failed",
        "failed",
        "failed",
        "running",
    ]
    assert [f"{run.due:%H}" for run in found.runs if run.dag_id == "skips"] == ["07", "09"]


def test_a_run_that_takes_too_long_is_ended_and_its_attempt_with_it() -> None:
    late = daily("late", task("a"), dagrun_timeout=HOUR)

    found = played(late, took={("late", "a"): 3 * HOUR})

    assert times(found) == [("late", "08:00", "09:00")]
    assert found.runs[0].state is RunState.FAILED
