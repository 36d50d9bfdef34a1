"""Timetables in DAG files give the runs that Airflow gives, and answer what users ask them."""

import importlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from dateutil.relativedelta import relativedelta

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException, AirflowTimetableInvalid
from flowctl.authoring.schedules import schedule_spec
from flowctl.authoring.settings import Defaults, defaults
from flowctl.authoring.timetables import cron, delta, kinds, simple
from flowctl.authoring.timetables.contract import (
    DagRunInfo,
    DataInterval,
    TimeRestriction,
    Timetable,
)
from flowctl.authoring.timetables.cron import CronDataIntervalTimetable, CronTriggerTimetable
from flowctl.authoring.timetables.simple import ContinuousTimetable, EventsTimetable, NullTimetable
from flowctl.compat import install
from flowctl.core.timetables import Asked, timetable_of
from flowctl.operators.empty import EmptyOperator
from tests.authoring.data import ask_timetables as recorder

FACTS = {
    (generation, made): facts
    for generation in (2, 3)
    for made, facts in json.loads(
        (Path(recorder.__file__).parent / f"timetables_{generation}.json").read_text()
    ).items()
}
NAMES = {
    "timedelta": timedelta,
    "relativedelta": relativedelta,
    "EVENTS": recorder.EVENTS,
    **vars(cron),
    **vars(delta),
    **vars(simple),
}
START = datetime(2024, 1, 1, tzinfo=UTC)


def asker(timetable: Any, generation: int = 2) -> Callable[..., Any]:
    """Return what the recorder's functions ask: the next run as interval and moment."""
    spec = schedule_spec("d", timetable, "UTC", generation)

    def next_run(last: Any, earliest: Any, latest: Any, catchup: bool, now: datetime) -> Any:
        due = timetable_of(spec).next_due(Asked(last, earliest, latest, catchup, now))
        return due and (due.interval_start, due.interval_end, due.run_after)

    return next_run


OWN = {(gen, made) for gen, made in FACTS if made.partition("Timetable")[0] in recorder.OWN}


@pytest.mark.parametrize(("generation", "made"), sorted(FACTS.keys() - OWN), ids=str)
def test_runs_are_those_of_airflow(generation: int, made: str) -> None:
    """All runs of two years, with and without catch-up, and what follows in many situations."""
    timetable = eval(made, NAMES)
    facts = FACTS[generation, made]
    found = recorder.answers(timetable, asker(timetable, generation))

    assert {name: found[name] for name in DATES} == {name: facts[name] for name in DATES}
    assert found["summary"] == facts["summary"]
    assert (found["can_be_scheduled"], found["active_runs_limit"]) == (
        facts["can_be_scheduled"],
        facts["active_runs_limit"],
    )


DATES = ("chain", "next", "manual")


@pytest.mark.parametrize(("generation", "made"), sorted(OWN), ids=str)
def test_what_users_write_gives_the_runs_that_it_gives_there(generation: int, made: str) -> None:
    """The same text runs here and there; it is asked as the scheduler has it asked."""
    install()
    timetable = eval(made, vars(importlib.import_module("tests.authoring.data.own_timetables")))
    shown = SimpleNamespace(
        infer_manual_data_interval=lambda run_after: timetable.infer_manual_data_interval(
            run_after=pendulum.instance(run_after)
        ),
        **{name: getattr(timetable, name, None) for name in ("summary", "can_be_scheduled")},
        active_runs_limit=None,
        serialize=dict,
    )

    def next_run(last: Any, earliest: Any, latest: Any, catchup: bool, now: datetime) -> Any:  # noqa: ARG001
        first, final = (one and pendulum.instance(one) for one in (earliest, latest))
        within = TimeRestriction(first, final, catchup)
        interval = last and DataInterval(*map(pendulum.instance, last))
        info = timetable.next_dagrun_info(last_automated_data_interval=interval, restriction=within)
        return info and (*info.data_interval, info.run_after)

    found, facts = recorder.answers(shown, next_run), FACTS[generation, made]
    assert {name: found[name] for name in DATES} == {name: facts[name] for name in DATES}


@pytest.mark.parametrize("made", [made for gen, made in sorted(FACTS.keys() - OWN) if gen == 3])
def test_what_it_serialises_to_makes_it_again(made: str) -> None:
    timetable = eval(made, NAMES)
    again = type(timetable).deserialize(json.loads(json.dumps(timetable.serialize())))

    assert again == timetable
    assert asker(again)(None, START, None, True, START) == asker(timetable)(
        None, START, None, True, START
    )


def test_what_it_serialises_to_is_what_airflow_writes() -> None:
    made = 'CronTriggerTimetable("@monthly", timezone="Asia/Tokyo", interval=timedelta(days=1))'

    assert eval(made, NAMES).serialize() == FACTS[2, made]["serialized"]


class AfterWork(Timetable):
    """Each weekday, once the day is over: what the documentation of Airflow has users write."""

    description = "after each workday"

    def __init__(self, hour: int = 0) -> None:
        self.hour = hour

    def serialize(self) -> dict[str, Any]:
        return {"hour": self.hour}

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        day = self._workday(run_after.subtract(days=1), -1)
        return DataInterval(day, day.add(days=1))

    def next_dagrun_info(
        self, *, last_automated_data_interval: Any, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        last = last_automated_data_interval
        earliest: Any = restriction.earliest if last is None else last.end
        if earliest is None:
            return None
        day = self._workday(earliest, 1)
        if restriction.latest is not None and day > restriction.latest:
            return None
        return DagRunInfo.interval(day, day.add(days=1))

    def _workday(self, moment: Any, step: int) -> Any:
        day = moment.start_of("day").add(hours=self.hour)
        while day.weekday() > 4:
            day = day.add(days=step)
        return day


def dag_with(timetable: Any, **options: Any) -> DAG:
    with DAG("d", schedule=timetable, start_date=START, **options) as dag:
        EmptyOperator(task_id="a")
    return dag


def test_a_timetable_of_the_user_is_asked_by_its_dag() -> None:
    timetable = AfterWork()
    dag = dag_with(timetable)
    dates = dag.get_run_dates(datetime(2024, 5, 3, tzinfo=UTC), datetime(2024, 5, 8, tzinfo=UTC))

    assert dag.timetable is timetable
    assert [date.strftime("%a %d") for date in dates] == ["Fri 03", "Mon 06", "Tue 07", "Wed 08"]
    assert dag.next_dagrun_info(None).logical_date == pendulum.datetime(2024, 1, 1)
    assert dag.schedule_spec.kind == "own"
    assert dag.schedule_spec.data == {"hour": 0}
    assert dag.schedule_spec.description == "after each workday"


def test_a_subclass_of_a_known_timetable_is_the_users_own() -> None:
    """It may answer anything; the steps of the known one are there for it."""

    class Shifted(CronDataIntervalTimetable):
        def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
            start = self._get_prev(self._align_to_prev(run_after))
            return DataInterval(start, self._get_next(self._get_next(start)))

    dag = dag_with(Shifted("0 6 * * *", timezone="UTC"))
    start, end = dag.timetable.infer_manual_data_interval(run_after=pendulum.datetime(2024, 5, 8))

    assert dag.schedule_spec.kind == "own"
    assert (end - start).days == 2
    assert dag.next_dagrun_info(None).run_after == pendulum.datetime(2024, 1, 2, 6)


@pytest.mark.parametrize("word", ["schedule", "timetable", "schedule_interval"])
def test_a_timetable_may_be_given_by_any_of_three_names(word: str) -> None:
    chosen: Any = {word: CronTriggerTimetable("0 3 * * *", timezone="UTC")}
    dag = DAG("d", start_date=START, **chosen)

    assert (dag.schedule_spec.trigger, dag.timetable.summary) == (True, "0 3 * * *")
    assert dag.schedule_interval == "0 3 * * *"


def test_runs_between_two_dates_may_begin_off_the_schedule() -> None:
    dag = dag_with("0 0 * * *")
    noon, end = datetime(2024, 5, 3, 12, tzinfo=UTC), datetime(2024, 5, 5, tzinfo=UTC)
    aligned = [info.logical_date for info in dag.iter_dagrun_infos_between(noon, end)]
    free = [info.logical_date for info in dag.iter_dagrun_infos_between(noon, end, align=False)]

    assert aligned == [pendulum.datetime(2024, 5, 4), pendulum.datetime(2024, 5, 5)]
    assert free == [pendulum.instance(noon), *aligned]


def test_the_end_dates_of_tasks_end_the_dag_where_each_task_has_one() -> None:
    with DAG("d", schedule="@daily", start_date=START) as dag:
        EmptyOperator(task_id="a", end_date=datetime(2024, 1, 5, tzinfo=UTC))
        EmptyOperator(task_id="b", end_date=datetime(2024, 1, 7, tzinfo=UTC))
    limited = dag._time_restriction
    dag.get_task("b").end_date = None

    assert limited.latest == pendulum.datetime(2024, 1, 7)
    assert dag._time_restriction.latest is None


def test_a_timetable_that_limits_runs_limits_those_of_its_dag() -> None:
    class One(AfterWork):
        active_runs_limit = 1

    assert dag_with(One()).max_active_runs == 1
    assert dag_with(ContinuousTimetable()).max_active_runs == 1
    with pytest.raises(AirflowException, match="that needs max_active_runs=1, not 3"):
        dag_with(One(), max_active_runs=3)


def test_a_timetable_that_cannot_be_written_down_is_said() -> None:
    class Odd(AfterWork):
        def serialize(self) -> dict[str, Any]:
            return {"what": object()}

    with pytest.raises(AirflowTimetableInvalid, match="serialize of the timetable Odd raised Type"):
        dag_with(Odd())


def test_events_without_a_zone_are_in_the_configured_one() -> None:
    timetable = EventsTimetable([datetime(2024, 5, 8, 12)])  # noqa: DTZ001 - what users write

    assert timetable.event_dates == [pendulum.datetime(2024, 5, 8, 12)]
    assert timetable.summary == "1 events"
    assert NullTimetable().can_be_scheduled is False


# ------------------------------------------------------------------ whose defaults


@pytest.fixture
def _as_before() -> Iterator[None]:
    yield
    fresh = Defaults()
    for name in ("generation", "catchup", "has_intervals"):
        setattr(defaults, name, getattr(fresh, name))


OLD = "from airflow import DAG\n"
NEW = "from airflow.sdk import DAG\n"
REMARK = "# from airflow.sdk import DAG\n"


def made_in(folder: Path, head: str, arguments: str) -> DAG:
    """Return the DAG that a file of this head makes."""
    file = folder / f"dag_{len(list(folder.iterdir()))}.py"
    file.write_text(f"{head}dag = DAG('d', {arguments})\n")
    names: dict[str, Any] = {"DAG": DAG, "timedelta": timedelta}
    code = compile(file.read_text().replace(head, "\n"), str(file), "exec")
    exec(code, names)
    made: DAG = names["dag"]
    return made


@pytest.mark.parametrize(
    ("arguments", "old", "new"),
    [
        ("schedule='@daily'", ("CronDataInterval", True), ("CronTrigger", False)),
        ("schedule=timedelta(1)", ("DeltaDataInterval", True), ("DeltaTrigger", False)),
        ("", ("DeltaDataInterval", True), ("Null", False)),
        ("schedule='@once', catchup=True", ("Once", True), ("Once", True)),
    ],
)
def test_a_file_that_imports_the_sdk_takes_the_defaults_of_airflow_3(
    tmp_path: Path, arguments: str, old: tuple[str, bool], new: tuple[str, bool]
) -> None:
    for head, expected in ((OLD, old), (NEW, new), (REMARK, old), (f"if True:\n    {NEW}", new)):
        dag = made_in(tmp_path, head, arguments)
        assert (type(dag.timetable).__name__.removesuffix("Timetable"), dag.catchup) == expected


def test_a_dag_of_airflow_3_runs_without_a_start_date(tmp_path: Path) -> None:
    now = datetime(2024, 5, 8, 12, tzinfo=UTC)

    def first(head: str, schedule: str) -> Any:
        spec = made_in(tmp_path, head, f"schedule={schedule!r}").schedule_spec
        return timetable_of(spec).next_due(Asked(None, None, None, True, now))

    assert first(OLD, "@once") is None
    assert first(NEW, "@once").run_after == now
    assert first(NEW, "@continuous").run_after == now
    assert first(NEW, "0 0 * * *").run_after == datetime(2024, 5, 9, tzinfo=UTC)


@pytest.mark.usefixtures("_as_before")
def test_the_configuration_may_say_whose_defaults_count(tmp_path: Path) -> None:
    defaults.generation = 3
    assert made_in(tmp_path, OLD, "").catchup is False
    defaults.generation = 2
    assert made_in(tmp_path, NEW, "").catchup is True
    defaults.generation, defaults.catchup, defaults.has_intervals = None, True, True
    new = made_in(tmp_path, NEW, "schedule='@daily'")

    assert (new.catchup, type(new.timetable)) == (True, CronDataIntervalTimetable)


def test_every_kind_of_schedule_has_its_class() -> None:
    for made in {made for _generation, made in FACTS.keys() - OWN}:
        timetable = eval(made, NAMES)
        assert type(kinds.timetable_for(timetable.schedule_spec)) is type(timetable)
