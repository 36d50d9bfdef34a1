"""What each kind of sensor waits for."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowctl import clock
from flowctl.authoring import ports
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowRescheduleException,
    AirflowSkipException,
    TaskDeferred,
)
from flowctl.authoring.ports import (
    ConnectionRecord,
    DagOutline,
    InMemoryPorts,
    StateQuery,
    StateRow,
)
from flowctl.authoring.settings import defaults
from flowctl.authoring.weekday import WeekDay
from flowctl.hooks.base import BaseHook
from flowctl.operators.decorators import task
from flowctl.sensors.base import PokeReturnValue
from flowctl.sensors.bash import BashSensor
from flowctl.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from flowctl.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from flowctl.sensors.filesystem import FileSensor
from flowctl.sensors.python import PythonSensor
from flowctl.sensors.sql import SqlSensor
from flowctl.sensors.time_delta import TimeDeltaSensor, TimeDeltaSensorAsync, WaitSensor
from flowctl.sensors.time_sensor import TimeSensor, TimeSensorAsync
from flowctl.sensors.weekday import DayOfWeekSensor
from tests.sensors.waiting import NOON, context_of, in_dag

YEAR = timedelta(days=365)


def look(sensor: Any) -> Any:
    """Return what one look of a sensor finds."""
    return sensor.poke(context_of(sensor))


@pytest.fixture
def asked() -> Iterator[InMemoryPorts]:
    """Give what the sensors of a test ask."""
    found = InMemoryPorts()
    before = ports.current()
    ports.use(found)
    yield found
    ports.use(before)


# functions and commands


def test_a_function_says_whether_it_is_so() -> None:
    def found(number: int, ti: Any, limit: int = 0) -> bool:
        return bool(ti) and number > limit

    assert look(PythonSensor(task_id="t", python_callable=found, op_args=[3]))
    late = PythonSensor(task_id="u", python_callable=found, op_args=[3], op_kwargs={"limit": 4})
    assert look(late) is False


def test_a_decorated_function_is_a_sensor() -> None:
    def make() -> Any:
        @task.sensor(poke_interval=0, timeout=5, mode="poke")
        def ready(name: str) -> PokeReturnValue:
            return PokeReturnValue(is_done=name == "x", xcom_value=name)

        return ready("x").operator

    sensor = in_dag(make)

    assert (sensor.task_id, sensor.operator_name) == ("ready", "@task.sensor")
    assert sensor.execute(context_of(sensor)) == "x"


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="python_callable of task 't' is a function"):
        PythonSensor(task_id="t", python_callable="x")  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize(
    ("command", "options", "found"),
    [
        ("exit 0", {}, True),
        ("exit 3", {}, False),
        ("exit 3", {"retry_exit_code": 3}, False),
        ('test "$A" = b', {"env": {"A": "b", "PATH": "/usr/bin:/bin"}}, True),
    ],
)
def test_a_command_says_it_by_its_exit_code(
    command: str, options: dict[str, Any], found: bool
) -> None:
    assert look(BashSensor(task_id="t", bash_command=command, **options)) is found


def test_another_exit_code_than_the_expected_one_is_a_failure() -> None:
    with pytest.raises(AirflowFailException, match="failed with exit code 4"):
        look(BashSensor(task_id="t", bash_command="exit 4", retry_exit_code=3))


# files


def test_a_file_or_a_folder_with_a_file_is_found(tmp_path: Path, asked: InMemoryPorts) -> None:
    extra = f'{{"path": "{tmp_path}"}}'
    asked.connections["here"] = ConnectionRecord("here", "fs", extra=extra)

    def finds(path: str, **options: Any) -> Any:
        return look(FileSensor(task_id="t", filepath=path, fs_conn_id="here", **options))

    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert not finds("*")
    (tmp_path / "deep" / "er" / "one.csv").touch()
    assert finds("deep/er/one.csv")
    assert finds("deep")
    assert finds("deep/*/*.csv")
    assert not finds("**/*.txt", recursive=True)
    assert finds("**/*.csv", recursive=True)


@pytest.mark.usefixtures("asked")
def test_an_absolute_path_needs_no_connection(tmp_path: Path) -> None:
    assert look(FileSensor(task_id="t", filepath=str(tmp_path / ".." / "*")))
    with pytest.raises(AirflowNotFoundException):
        look(FileSensor(task_id="t", filepath="x", fs_conn_id="nowhere"))


@pytest.mark.usefixtures("asked")
def test_the_triggerer_looks_for_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "f"
    sensor = FileSensor(task_id="t", filepath=str(path), deferrable=True, timeout=9)

    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context_of(sensor))
    classpath, given = deferred.value.trigger.serialize()
    assert (classpath, given["filepath"]) == ("airflow.triggers.file.FileTrigger", str(path))
    assert deferred.value.timeout == timedelta(seconds=9)
    path.touch()
    assert sensor.execute(context_of(sensor)) is None
    with pytest.raises(AirflowException, match="without finding"):
        sensor.execute_complete({}, False)


# moments


def test_a_moment_has_come_or_not() -> None:
    assert look(DateTimeSensor(task_id="t", target_time=NOON))
    assert look(DateTimeSensor(task_id="u", target_time="2024-01-01T12:00:00+02:00"))
    assert not look(DateTimeSensor(task_id="v", target_time=clock.utcnow() + YEAR))
    with pytest.raises(TypeError, match="target_time of task 'w'"):
        DateTimeSensor(task_id="w", target_time=3)  # type: ignore[arg-type]  # the mistake


def test_a_while_after_the_interval_is_over_or_not() -> None:
    assert look(TimeDeltaSensor(task_id="t", delta=timedelta(minutes=1)))
    assert look(TimeDeltaSensor(task_id="u", delta="3"))
    assert not look(TimeDeltaSensor(task_id="v", delta=clock.utcnow() - NOON + YEAR))


def test_a_time_of_day_is_meant_on_the_day_of_the_start_in_the_zone_of_the_dag() -> None:
    def make() -> Any:
        return TimeSensor(task_id="t", target_time=time(23, 30))

    start = datetime(2024, 7, 1, 12, tzinfo=UTC)
    sensor = in_dag(make, start_date=start)

    assert sensor.poke(context_of(sensor, began=start))
    assert not sensor.poke(context_of(sensor, began=clock.utcnow() + YEAR))
    assert sensor._on_day_of(start) == datetime(2024, 7, 1, 23, 30, tzinfo=UTC)
    with pytest.raises(TypeError, match=r"datetime\.time"):
        TimeSensor(task_id="x", target_time="12:00")  # type: ignore[arg-type]  # the mistake


def _deferred(make: Callable[[], Any]) -> tuple[Any, datetime]:
    sensor = in_dag(make, start_date=NOON)
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context_of(sensor))
    classpath, given = deferred.value.trigger.serialize()
    assert classpath == "airflow.triggers.temporal.DateTimeTrigger"
    return deferred.value, given["moment"]


def test_those_for_the_triggerer_hand_their_moment_over() -> None:
    later = clock.utcnow() + YEAR
    _, moment = _deferred(lambda: DateTimeSensorAsync(task_id="t", target_time=later))
    assert moment == later
    _, moment = _deferred(lambda: TimeDeltaSensorAsync(task_id="t", delta=later - NOON))
    assert moment == later
    _, moment = _deferred(lambda: TimeSensorAsync(task_id="t", target_time=time(1, 2)))
    assert moment.timetz() == time(1, 2, tzinfo=UTC)
    _, moment = _deferred(lambda: WaitSensor(task_id="t", time_to_wait=5, deferrable=True))
    assert timedelta(minutes=4) < moment - clock.utcnow() <= timedelta(minutes=5)


def test_a_while_that_is_over_needs_no_triggerer() -> None:
    sensor = TimeDeltaSensorAsync(task_id="t", delta=timedelta())

    assert sensor.execute(context_of(sensor)) is True


def test_the_configuration_may_have_all_wait_in_the_triggerer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(defaults, "deferrable", True)

    assert WaitSensor(task_id="t", time_to_wait=1).deferrable
    assert not WaitSensor(task_id="u", time_to_wait=1, deferrable=False).deferrable


def test_a_while_from_the_start_may_be_waited_for_without_a_process() -> None:
    began = clock.utcnow() - timedelta(minutes=2)
    sensor = WaitSensor(task_id="t", time_to_wait=3, mode="reschedule")

    with pytest.raises(AirflowRescheduleException) as raised:
        sensor.execute(context_of(sensor, began=began))
    assert raised.value.reschedule_date == began + timedelta(minutes=3)
    done = WaitSensor(task_id="u", time_to_wait=1, mode="reschedule")
    done.execute(context_of(done, began=began))


def test_a_day_of_the_week_is_today_or_that_of_the_run() -> None:
    today = WeekDay(clock.utcnow().isoweekday())
    assert look(DayOfWeekSensor(task_id="t", week_day={today, "Monday"}))
    monday = DayOfWeekSensor(task_id="u", week_day="monday", use_task_logical_date=True)
    assert look(monday)
    tuesday = DayOfWeekSensor(task_id="v", week_day={"TUESDAY"}, use_task_logical_date=True)
    assert not look(tuesday)


# databases


class Database(BaseHook):
    """A hook that answers with rows."""

    def __init__(self, rows: list[Any]) -> None:
        super().__init__()
        self.rows = rows

    def get_records(self, sql: str, parameters: Any) -> list[Any]:
        """Return the rows."""
        assert (sql, parameters) == ("SELECT 1", None)
        return self.rows


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        ([[1]], {}, True),
        ([[0]], {}, False),
        ([[None]], {}, False),
        ([], {}, False),
        ([], {"fail_on_empty": True}, AirflowException),
        ([[5, 7]], {"selector": lambda row: row[1], "success": lambda cell: cell == 7}, True),
        ([[5]], {"success": lambda cell: cell == 7}, False),
        ([[5]], {"failure": lambda cell: cell == 5}, AirflowException),
    ],
)
def test_a_query_finds_it_or_not(
    monkeypatch: pytest.MonkeyPatch, rows: list[Any], options: dict[str, Any], expected: Any
) -> None:
    sensor = SqlSensor(task_id="t", conn_id="db", sql="SELECT 1", **options)
    monkeypatch.setattr(sensor, "_get_hook", lambda: Database(rows))

    if expected is AirflowException:
        with pytest.raises(AirflowException, match="the query found"):
            look(sensor)
    else:
        assert look(sensor) is expected


# other DAGs


class OtherDag(InMemoryPorts):
    """Ports that know the states of one other DAG."""

    def __init__(self, **states: str) -> None:
        super().__init__()
        self.tasks = states
        self.run_state = "running"
        self.asked: list[StateQuery] = []

    def state_rows(self, query: StateQuery) -> list[StateRow]:
        """Return the state of the run, or of tasks; a group has them all."""
        self.asked.append(query)
        if query.task_ids is None and query.group_id is None:
            return [StateRow("r", NOON, self.run_state)]
        names = query.task_ids or list(self.tasks)
        return [StateRow("r", NOON, self.tasks[name], name) for name in names if name in self.tasks]


@pytest.fixture
def other() -> Iterator[OtherDag]:
    """Give another DAG, of which `a` is done and `b` failed."""
    found = OtherDag(a="success", b="failed", c="skipped")
    before = ports.current()
    ports.use(found)
    yield found
    ports.use(before)


def external(**options: Any) -> ExternalTaskSensor:
    """Return a sensor of the other DAG."""
    return ExternalTaskSensor(task_id="t", external_dag_id="other", **options)


@pytest.mark.parametrize(
    ("states", "options", "expected"),
    [
        (["success", "success", "success"], {}, True),
        (["success", "running", "success"], {}, False),
        (["success", "failed", None], {"failed_states": ["failed"]}, AirflowException),
    ],
)
def test_a_mapped_task_is_waited_for_until_all_its_instances_are_done(
    asked: InMemoryPorts, states: list[str], options: dict[str, Any], expected: Any
) -> None:
    """Airflow would wait for ever, or with as many dates as instances end too early."""
    rows = [StateRow("r", NOON, str(state), "m", index) for index, state in enumerate(states)]
    asked.state_rows = lambda query: rows  # type: ignore[method-assign]  # noqa: ARG005
    sensor = external(external_task_ids=["m"], **options)

    if expected is AirflowException:
        with pytest.raises(AirflowException):
            look(sensor)
    else:
        assert look(sensor) is expected


def test_many_instances_of_one_run_do_not_stand_for_another_run(asked: InMemoryPorts) -> None:
    asked.state_rows = lambda query: [  # type: ignore[method-assign]  # noqa: ARG005
        StateRow("r", NOON, "success", "m", n) for n in (0, 1)
    ]
    sensor = external(external_task_ids=["m"], execution_date_fn=lambda date: [date, date - YEAR])

    assert look(sensor) is False


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"external_task_id": "a"}, True),
        ({"external_task_id": "b"}, False),
        ({"external_task_id": "nobody"}, False),
        ({"external_task_ids": ["a", "b"]}, False),
        ({"external_task_ids": ["a", "b"], "allowed_states": ["success", "failed"]}, True),
        ({"external_task_ids": ["a", "b"], "failed_states": ["failed"]}, AirflowException),
        (
            {"external_task_id": "b", "failed_states": ["failed"], "soft_fail": True},
            AirflowSkipException,
        ),
        ({"external_task_id": "c", "skipped_states": ["skipped"]}, AirflowSkipException),
        ({"external_task_group_id": "g"}, False),
        ({"external_task_group_id": "g", "allowed_states": ["success", "failed", "skipped"]}, True),
        ({}, False),
        ({"allowed_states": ["running"]}, True),
    ],
)
def test_what_the_other_dag_does_decides(
    other: OtherDag, options: dict[str, Any], expected: Any
) -> None:
    sensor = external(**options)

    if isinstance(expected, bool):
        assert look(sensor) is expected
    else:
        with pytest.raises(expected) as raised:
            look(sensor)
        assert type(raised.value) is expected
    assert other.asked[-1].logical_dates == [NOON]


def test_the_date_of_the_other_run_may_be_another(other: OtherDag) -> None:
    def two(date: datetime, ti: Any) -> list[datetime]:
        assert ti
        return [date - YEAR, date]

    look(external(execution_delta=timedelta(hours=1)))
    look(external(execution_date_fn=two, external_task_id="a"))
    look(external(execution_date_fn=lambda date: date + YEAR))

    dates = [query.logical_dates for query in other.asked]
    assert dates == [[NOON - timedelta(hours=1)], [NOON - YEAR, NOON], [NOON + YEAR]]


def test_it_can_be_checked_that_the_other_is_there(other: OtherDag) -> None:
    with pytest.raises(AirflowException, match="there is no DAG 'other'"):
        look(external(check_existence=True))
    other.outlines["other"] = DagOutline(["a"], ["g"])
    assert look(external(check_existence=True, external_task_id="a"))
    with pytest.raises(AirflowException, match="DAG 'other' has no 'z'"):
        look(external(check_existence=True, external_task_id="z"))
    with pytest.raises(AirflowException, match="DAG 'other' has no 'h'"):
        look(external(check_existence=True, external_task_group_id="h"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"external_task_id": "a", "external_task_ids": ["b"]},
            ValueError,
            "only one of external_task_id, external_task_ids",
        ),
        (
            {"external_task_ids": ["a"], "external_task_group_id": "g"},
            ValueError,
            "only one of external_task_ids, external_task_group_id",
        ),
        (
            {"execution_delta": YEAR, "execution_date_fn": str},
            ValueError,
            "only one of execution_delta, execution_date_fn",
        ),
        ({"failed_states": ["success"]}, AirflowException, "names a state twice"),
        ({"allowed_states": ["skipped"]}, ValueError, "waits for skipped; the states of runs are"),
        (
            {"external_task_id": "a", "allowed_states": ["done"]},
            ValueError,
            "waits for done; the states of tasks are",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        external(**options)


def test_the_triggerer_may_look_for_the_other_dag() -> None:
    sensor = external(external_task_id="a", deferrable=True, failed_states=["failed"])

    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context_of(sensor))
    _, given = deferred.value.trigger.serialize()
    assert (given["external_task_ids"], given["failed_states"]) == (["a"], ["failed"])
    assert given["execution_dates"] == [NOON]
    sensor.execute_complete({}, {"status": "success"})
    with pytest.raises(AirflowSkipException):
        sensor.execute_complete({}, {"status": "skipped"})
    with pytest.raises(AirflowException, match="failed"):
        sensor.execute_complete({}, {"status": "failed"})


def test_a_mark_names_the_task_that_waits() -> None:
    mark = ExternalTaskMarker(task_id="m", external_dag_id="d", external_task_id="t")

    assert mark.execution_date == "{{ logical_date.isoformat() }}"
    (link,) = mark.operator_extra_links
    assert link.get_link(mark, ti_key=None).split("?")[0].endswith("/dags/d/grid")
    with pytest.raises(ValueError, match="recursion_depth of task 'n' is at least 1"):
        ExternalTaskMarker(
            task_id="n", external_dag_id="d", external_task_id="t", recursion_depth=0
        )
