"""Which runs a backfill makes, when, and how they see their DAG."""

from datetime import UTC, datetime, timedelta

import pytest

from flowctl.core.backfill import Backfill, BackfillError, Shape, chosen, dates, shaped
from flowctl.core.dag import Dag
from flowctl.core.run import Run
from flowctl.core.slots import Room
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.timetables import Due, Timetable, timetable_of
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, names, run_of, step, task, world

DAILY = ScheduleSpec("cron", expression="0 0 * * *", timezone="UTC", summary="@daily")
DAY = datetime(2024, 3, 1, tzinfo=UTC)


def spec(*tasks: TaskSpec, schedule: ScheduleSpec = DAILY) -> DagSpec:
    return DagSpec("d", "d.py", tasks, schedule=schedule, start_date=DAY + timedelta(days=9))


def test_the_dates_are_those_of_the_schedule_whatever_the_start_date() -> None:
    """Both ends are included; what lies between two dates counts for neither."""
    found = dates(spec(), DAY, DAY + timedelta(days=2, hours=5), NOON)

    assert [due.logical_date.day for due in found] == [1, 2, 3]
    assert found[0].interval_end == DAY + timedelta(days=1)


@pytest.mark.parametrize("kind", ["none", "assets", "continuous"])
def test_a_schedule_without_dates_cannot_be_filled(kind: str) -> None:
    """It is named."""
    schedule = ScheduleSpec(kind, summary=f"@{kind}")  # type: ignore[arg-type]
    with pytest.raises(BackfillError, match=f"'d' has no dates to fill: its schedule is @{kind}"):
        dates(spec(schedule=schedule), DAY, DAY, NOON)


def test_no_more_dates_are_told_than_a_backfill_may_have() -> None:
    """Who asks waits for them, and the sentence names the limit and the cure."""
    hours = (Due.over(hour, hour) for hour in (DAY + timedelta(hours=n) for n in range(90_000)))

    with pytest.raises(BackfillError, match=r"'d': a backfill fills at most 50000 .* a shorter"):
        dates(spec(), DAY, DAY.replace(year=2099), NOON, hours)

    assert len(list(hours)) == 90_000 - 50_001


def test_a_slip_of_millennia_is_refused_before_a_date_is_told() -> None:
    """A rare date, the last Friday of the month, takes a thousand times longer to find."""
    days = (Due.over(DAY, DAY) for _ in range(2))

    with pytest.raises(BackfillError, match="is too long for DAG 'd'"):
        dates(spec(), DAY, DAY.replace(year=9000), NOON, days)

    assert len(list(days)) == 2


def walked(timetable: Timetable, since: datetime, until: datetime) -> list[Due]:
    """Return what is said when each run is asked for by itself."""
    return list(Timetable.between(timetable, since, until, NOON))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("expression", ["*/20 * * * *", "30 2 * * *", "0 0 L * *", "0 0 29 2 *"])
def test_dates_in_a_row_are_those_asked_for_one_by_one(expression: str, zone: str) -> None:
    """Through the hours at which clocks are changed, too."""
    timetable = timetable_of(ScheduleSpec("cron", expression=expression, timezone=zone))
    since, until = DAY + timedelta(minutes=7), DAY + timedelta(days=250)

    found = list(timetable.between(since, until, NOON))

    assert found == walked(timetable, since, until)
    assert all(since <= due.logical_date <= until for due in found)


CHAIN = (task("a", retries=3, depends_on_past=True), task("b", "a"), task("c", "b"))
SHAPES = [
    (Shape(), {"a": (), "b": ("a",), "c": ("b",)}),
    (Shape(task_ids=("b", "c")), {"b": (), "c": ("b",)}),
    (Shape(task_ids=("c",)), {"c": ()}),
    (Shape(ignores_dependencies=True), {"a": (), "b": (), "c": ()}),
]


@pytest.mark.parametrize(("shape", "upstream"), SHAPES)
def test_a_run_has_the_tasks_that_were_asked_for(
    shape: Shape, upstream: dict[str, tuple[str, ...]]
) -> None:
    """Links to others are left out."""
    found = shaped(spec(*CHAIN), shape)

    assert {one.task_id: one.upstream for one in found.tasks} == upstream


def test_options_change_every_task() -> None:
    """Pool, retries, and that they succeed by themselves."""
    shape = Shape(marks_success=True, disables_retry=True, pool="slow", ignores_dependencies=True)
    first = shaped(spec(*CHAIN), shape).tasks[0]

    assert (first.is_empty, first.retries, first.pool) == (True, 0, "slow")
    assert not first.depends_on_past


def test_chosen_tasks_bring_those_before_them() -> None:
    """Unless that is not wanted."""
    assert chosen(spec(*CHAIN), {"b"}, with_upstream=True) == ("a", "b")
    assert chosen(spec(*CHAIN), {"b"}, with_upstream=False) == ("b",)


# ------------------------------------------------------------------------- the scheduler


def filling(**options: object) -> tuple[World, Dag, Backfill]:
    """Return a world with an open backfill of three dates, two at once."""
    one = dag(task("t"))
    of = world(one)
    open_one = Backfill(7, "d", 2, waiting=(1, 2, 3))
    for name, value in options.items():
        setattr(open_one, name, value)
    of.backfills = {7: open_one}
    return of, one, open_one


def made(of: World, one: Dag, state: RunState = RunState.RUNNING) -> Run:
    """Let a run of the backfill be there."""
    run = run_of(one, state)
    run.backfill = 7
    of.put_run(run)
    return run


def test_as_many_runs_are_made_as_may_be_under_way() -> None:
    """The next comes when one has ended."""
    of, one, open_one = filling()
    assert step(of).backfill_runs == [(7, 1), (7, 2)]

    open_one.waiting = (3,)
    first, _ = made(of, one), made(of, one)
    assert step(of).backfill_runs == []

    of.change_run(first, RunState.SUCCESS, NOON)
    assert step(of).backfill_runs == [(7, 3)]


def test_a_paused_backfill_makes_no_runs_but_those_there_go_on() -> None:
    """Its queued runs start."""
    of, one, _ = filling(is_paused=True)
    run = made(of, one, RunState.QUEUED)

    assert step(of).backfill_runs == []
    assert run.state is RunState.RUNNING


def test_a_paused_dag_is_filled_and_its_own_runs_wait() -> None:
    """The limits of the DAG's own runs do not count the backfill's."""
    of, one, _ = filling(waiting=())
    own, filled = run_of(one), made(of, one)
    of.put_run(own)
    one.is_paused = True
    of.put_dag(one)

    assert [of.by_id[move.ti_id].run for move in step(of).starts] == [filled]
    assert of.census.active["d"] == 1
    assert Room(of).run_stop(filled) is None
    assert "is paused" in str(Room(of).run_stop(own))


def test_it_ends_when_nothing_is_left() -> None:
    """And says whether a run failed."""
    of, one, open_one = filling(waiting=())
    run = made(of, one)
    plan = step(of)
    assert (names(of, plan), plan.backfill_ends) == (["t"], [])

    of.change(of.by_id[plan.starts[0].ti_id], TaskState.FAILED)
    step(of)
    assert run.state is RunState.FAILED
    assert open_one.has_failed
    assert step(of).backfill_ends == [(7, "failed")]
    assert of.backfills == {}


def test_one_that_stops_on_failure_runs_in_batches() -> None:
    """As Airflow 2.10's: the next batch only once all of the one before has ended well."""
    of, one, open_one = filling(stops_on_failure=True, waiting=(3, 4))
    run = made(of, one)
    assert step(of).backfill_runs == []

    of.change_run(run, RunState.SUCCESS, NOON)
    assert step(of).backfill_runs == [(7, 3), (7, 4)]

    open_one.has_failed = True
    assert step(of).backfill_ends == [(7, "failed")]
