"""When a sensor looks, how it waits, and what becomes of the task when it gives up."""

from datetime import timedelta
from typing import Any

import pytest

from flowctl import clock
from flowctl.authoring.deferring import RESUME_FAILED, TRIGGER_TIMEOUT
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
)
from flowctl.authoring.ports import InMemoryPorts
from flowctl.authoring.settings import defaults
from flowctl.sensors import pauses
from flowctl.sensors.base import BaseSensorOperator, PokeReturnValue, poke_mode_only
from tests.sensors.waiting import Scripted, context_of

LONG_AGO = clock.utcnow() - timedelta(hours=1)


def run(sensor: BaseSensorOperator, **order: Any) -> Any:
    """Run one attempt of a sensor."""
    return sensor.execute(context_of(sensor, **order))


def end_of(sensor: BaseSensorOperator, **order: Any) -> str:
    """Return the exception with which an attempt ends, or "success"."""
    try:
        run(sensor, **order)
    except BaseException as error:
        return type(error).__name__
    return "success"


def test_it_looks_until_it_is_so() -> None:
    sensor = Scripted(answers=[False, None, 0, True])

    assert run(sensor) is None
    assert sensor.looks == 4


def test_the_last_look_may_have_a_result() -> None:
    answers = [PokeReturnValue(is_done=False, xcom_value=1), PokeReturnValue(True, {"rows": 3})]

    assert run(Scripted(answers=answers)) == {"rows": 3}


def test_a_rescheduled_sensor_gives_its_place_back_until_the_next_look() -> None:
    sensor = Scripted(answers=[False], mode="reschedule", poke_interval=timedelta(minutes=2))
    before = clock.utcnow()

    with pytest.raises(AirflowRescheduleException) as raised:
        run(sensor)

    wait = raised.value.reschedule_date - before
    assert timedelta(minutes=2) <= wait < timedelta(minutes=3)
    assert sensor.looks == 1


MINUTE = {"mode": "reschedule", "timeout": 60}
VALUE, FAIL, SKIP = ValueError("x"), AirflowFailException("x"), AirflowSkipException("x")
TIMEOUT, LIMIT = AirflowSensorTimeout("x"), AirflowTaskTimeout("x")
ENDS = [  # answer of the look, options, how the attempt ends; as in Airflow 2.10.5
    (False, MINUTE, "AirflowSensorTimeout"),
    (False, MINUTE | {"soft_fail": True}, "AirflowSkipException"),
    (False, MINUTE | {"never_fail": True}, "AirflowSensorTimeout"),
    (False, MINUTE | {"silent_fail": True}, "AirflowSensorTimeout"),
    (True, MINUTE, "success"),
    (VALUE, {}, "ValueError"),
    (VALUE, {"soft_fail": True}, "ValueError"),
    (VALUE, {"never_fail": True}, "AirflowSkipException"),
    (VALUE, MINUTE | {"silent_fail": True}, "AirflowSensorTimeout"),
    (VALUE, MINUTE | {"silent_fail": True, "soft_fail": True}, "AirflowSkipException"),
    (FAIL, {}, "AirflowFailException"),
    (FAIL, {"silent_fail": True}, "AirflowFailException"),
    (FAIL, {"soft_fail": True}, "AirflowSkipException"),
    (FAIL, {"never_fail": True}, "AirflowSkipException"),
    (TIMEOUT, {"soft_fail": True}, "AirflowSkipException"),
    (TIMEOUT, {"silent_fail": True}, "AirflowSensorTimeout"),
    (LIMIT, {}, "AirflowTaskTimeout"),
    (LIMIT, {"soft_fail": True}, "AirflowSkipException"),
    (LIMIT, {"never_fail": True}, "AirflowSkipException"),
    (SKIP, {}, "AirflowSkipException"),
    (SKIP, {"silent_fail": True}, "AirflowSkipException"),
]


@pytest.mark.parametrize(("answer", "options", "expected"), ENDS)
def test_how_it_gives_up(answer: Any, options: dict[str, Any], expected: str) -> None:
    """An hour ago the try began, so that a minute's timeout is over."""
    assert end_of(Scripted(answers=[answer], **options), began=LONG_AGO) == expected


def test_in_poke_mode_the_time_is_over_as_well() -> None:
    assert end_of(Scripted(answers=[False], timeout=0)) == "AirflowSensorTimeout"
    assert end_of(Scripted(answers=[False], timeout=0, soft_fail=True)) == "AirflowSkipException"


def test_a_retry_does_not_begin_the_time_anew() -> None:
    """Of the second try, which has just begun, the first began long ago."""
    ports = InMemoryPorts()
    ports.first_starts[1] = LONG_AGO
    sensor = Scripted(answers=[False], retries=2, **MINUTE)
    second = {"try_number": 2, "max_tries": 2}

    assert end_of(sensor, ports=ports, **second) == "AirflowSensorTimeout"
    after_a_clear = {"try_number": 2, "max_tries": 3}
    assert end_of(sensor, ports=ports, **after_a_clear) == "AirflowRescheduleException"


@pytest.mark.parametrize(
    ("options", "error", "expected"),
    [
        ({}, TRIGGER_TIMEOUT, AirflowSensorTimeout),
        ({}, "boom", TaskDeferralError),
        ({"soft_fail": True}, TRIGGER_TIMEOUT, AirflowSkipException),
        ({"never_fail": True}, "boom", AirflowSkipException),
    ],
)
def test_what_goes_wrong_in_the_triggerer_ends_it_alike(
    options: dict[str, Any], error: str, expected: type[Exception]
) -> None:
    sensor = Scripted(answers=[True], **options)

    with pytest.raises(expected) as raised:
        sensor.resume_execution(RESUME_FAILED, {"error": error}, context_of(sensor))
    assert type(raised.value) is not TaskDeferralTimeout


def test_the_pauses_double_and_lie_apart() -> None:
    def series(name: str) -> list[float]:
        found = pauses.doubling(60, name)
        return [next(found) for _ in range(8)]

    one, other = series("a"), series("b")
    for number, (first, second) in enumerate(zip(one, other, strict=True)):
        shortest = 30 * 2**number
        assert shortest <= first < 2 * shortest
        assert shortest <= second < 2 * shortest
    assert one != other
    assert series("a") == one


def test_a_series_goes_on_where_it_was() -> None:
    steps = [3.0, 5.0, 9.0]

    assert [pauses.after(iter(steps), waited) for waited in (0, 2.9, 3, 7.9, 8)] == [
        3,
        3,
        5,
        5,
        9,
    ]


def test_pauses_stay_a_duration_however_long_it_takes() -> None:
    found = pauses.doubling(60, "a")

    assert timedelta(seconds=max(next(found) for _ in range(2000)))


@pytest.mark.parametrize(
    ("options", "shortest", "longest"),
    [
        ({"timeout": 7200}, 1800, 3600),  # half an hour and more, after an hour of 30 s, 1 min ...
        ({"timeout": 7200, "max_wait": 90}, 90, 90),
        ({"timeout": 3600 + 100}, 90, 101),  # just until the time is over
    ],
)
def test_a_rescheduled_sensor_looks_more_and_more_rarely(
    options: dict[str, Any], shortest: float, longest: float
) -> None:
    sensor = Scripted(
        answers=[False], mode="reschedule", poke_interval=60, exponential_backoff=True, **options
    )
    before = clock.utcnow()

    with pytest.raises(AirflowRescheduleException) as raised:
        run(sensor, began=before - timedelta(hours=1))

    assert shortest - 1 <= (raised.value.reschedule_date - before).total_seconds() <= longest + 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"poke_interval": -1}, "poke_interval of task 'looks' is a number of seconds or a"),
        ({"poke_interval": "1"}, "poke_interval of task 'looks'"),
        ({"timeout": -1}, "timeout of task 'looks'"),
        ({"max_wait": "x"}, "max_wait of task 'looks'"),
        ({"mode": "Poke"}, "mode of task 'looks' is 'Poke'; it must be one of poke, reschedule"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(AirflowException, match=message):
        Scripted(answers=[True], **options)


def test_it_cannot_both_be_skipped_on_some_and_on_all_failures() -> None:
    with pytest.raises(ValueError, match="both soft_fail and never_fail"):
        Scripted(answers=[True], soft_fail=True, never_fail=True)


def test_what_it_does_not_say_is_as_in_airflow() -> None:
    sensor = BaseSensorOperator(task_id="looks")

    assert (sensor.poke_interval, sensor.timeout, sensor.mode) == (60, 604_800, "poke")
    assert Scripted(answers=[], timeout=timedelta(hours=1)).timeout == 3600


def test_the_configuration_may_say_how_long_sensors_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "sensor_timeout_s", 7.0)

    assert BaseSensorOperator(task_id="looks").timeout == 7


def test_a_sensor_without_a_poke_says_so() -> None:
    with pytest.raises(AirflowException, match="BaseSensorOperator does not define poke"):
        run(BaseSensorOperator(task_id="looks"))


def test_a_class_may_be_for_poke_mode_only() -> None:
    @poke_mode_only
    class Counting(Scripted):
        """Keeps a count from look to look."""

    assert Counting(answers=[True], mode="poke").mode == "poke"
    with pytest.raises(ValueError, match="works in mode 'poke' only"):
        Counting(answers=[True], mode="reschedule")
    with pytest.raises(ValueError, match="subclasses of BaseSensorOperator"):
        poke_mode_only(str)  # type: ignore[type-var]  # that is the mistake
