"""A timetable that a user wrote is asked before its DAG gets a run, and never by the scheduler."""

from datetime import timedelta

from flowctl.core.explain import of_dag
from flowctl.core.fulfilment import absorb
from flowctl.core.new_runs import RUNS_PER_DAG_AND_TICK
from flowctl.core.plan import Plan
from flowctl.core.spec import ScheduleSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from flowctl.core.timetables import Due
from flowctl.core.world import World
from tests.core.worlds import NOON, run_of, scheduled, task, world

OWN = ScheduleSpec("own", timetable="mine.AfterWork", summary="AfterWork")
HOUR = timedelta(hours=1)


def due(hours: int, run_id: str = "") -> Due:
    """Return the run that is due so many hours after noon."""
    moment = NOON + hours * HOUR
    return Due(moment - HOUR, moment - HOUR, moment, moment, run_id)


def own_world(*dues: Due, is_all: bool = False, **options: object) -> World:
    """Return a world with one DAG; where there are `dues`, its timetable has answered."""
    made = world(scheduled(task("a"), schedule=OWN, **options))
    if dues or is_all:
        made.foresee("d", None, dues, is_all)
    return made


def step(of: World, hours: float = 0) -> Plan:
    """Decide, and have it come true."""
    now = NOON + hours * HOUR
    plan = decide(of, now)
    absorb(of, plan, now)
    return plan


def test_it_is_asked_for_before_there_is_a_run() -> None:
    plan = decide(own_world(), NOON)

    assert plan.unforeseen == {"d"}
    assert plan.is_empty


def test_runs_are_made_of_its_answers_until_it_must_be_asked_again() -> None:
    """The catch-up of many runs needs one question."""
    of = own_world(due(-2), due(-1, "night-1"), due(0), max_active_runs=50)
    plan = step(of)

    assert [new.run_id for new in plan.new_runs] == [
        "scheduled__2024-01-01T09:00:00+00:00",
        "night-1",
        "scheduled__2024-01-01T11:00:00+00:00",
    ]
    assert plan.unforeseen == {"d"}
    assert of.dags["d"].last_interval == (NOON - HOUR, NOON)
    assert step(of).unforeseen == {"d"}


def test_a_run_that_lies_ahead_is_waited_for() -> None:
    of = own_world(due(1))
    first, early, on_time = step(of), step(of, 0.5), step(of, 1)

    assert first.next_due == {"d": due(1)}
    assert first.next_look == NOON + HOUR
    assert early.new_runs == []
    assert len(on_time.new_runs) == 1


def test_after_the_last_run_it_is_not_asked_again() -> None:
    of = own_world(due(0), is_all=True)

    assert (len(step(of).new_runs), step(of).unforeseen) == (1, set())


def test_a_bounded_number_of_runs_is_made_at_once() -> None:
    of = own_world(*(due(n - 30) for n in range(30)), max_active_runs=50)

    assert len(step(of).new_runs) == RUNS_PER_DAG_AND_TICK
    assert len(step(of).new_runs) == RUNS_PER_DAG_AND_TICK


def test_without_catch_up_a_late_run_is_asked_for_again() -> None:
    """What the timetable said is old by then; a run on time is made as it was announced."""
    patient, late = own_world(due(1), catchup=False), own_world(due(1), catchup=False)
    step(patient)
    step(late)

    assert len(step(patient, 1.001).new_runs) == 1
    plan = step(late, 3)
    assert (plan.new_runs, plan.unforeseen) == ([], {"d"})


def test_an_event_is_not_missed_by_the_moment_that_passed_since() -> None:
    """Without catch-up a listed date that has gone by is named no more."""
    events = ScheduleSpec("events", dates=(NOON + HOUR, NOON + 2 * HOUR), summary="2 events")
    of = world(scheduled(task("a"), schedule=events, catchup=False))
    step(of)

    assert [new.due.logical_date for new in step(of, 1.001).new_runs] == [NOON + HOUR]


def test_a_manual_run_waits_for_its_data_interval() -> None:
    of = own_world(due(1))
    run = run_of(of.dags["d"], RunState.QUEUED)
    of.put_run(run)
    waiting = step(of)
    run.data_interval_start = run.data_interval_end = NOON
    started = step(of)

    assert (waiting.no_interval, waiting.run_moves) == ({run.pk}, [])
    assert [move.new for move in started.run_moves] == [RunState.RUNNING]


def test_a_manual_run_without_an_answer_fails_and_says_why() -> None:
    of = own_world(due(1))
    run = run_of(of.dags["d"], RunState.QUEUED)
    run.refused = "its timetable has no data interval: KeyError: 'x'"
    of.put_run(run)
    plan = step(of)

    assert [(move.new, move.reason) for move in plan.run_moves] == [(RunState.FAILED, run.refused)]
    assert [move.new for move in plan.moves] == [TaskState.SKIPPED]


def test_why_says_that_it_is_being_asked() -> None:
    assert of_dag(own_world(), "d", NOON) == (
        "the scheduler is asking the timetable mine.AfterWork of DAG 'd' for dates"
    )
