"""DAG files catch and raise what Airflow 2.10.5 has, and each says what it is about."""

import pickle
from datetime import UTC, datetime

import pytest

from flowctl.authoring import exceptions
from flowctl.errors import FlowctlError

BASES = {  # read from Airflow 2.10.5; every class that is not listed derives from AirflowException
    "AirflowTaskTimeout": "BaseException",
    "AirflowTaskTerminated": "BaseException",
    "AirflowInternalRuntimeError": "BaseException",
    "TaskDeferred": "BaseException",
    "DagNotFound": "AirflowNotFoundException",
    "DagCodeNotFound": "AirflowNotFoundException",
    "DagRunNotFound": "AirflowNotFoundException",
    "TaskNotFound": "AirflowNotFoundException",
    "TaskInstanceNotFound": "AirflowNotFoundException",
    "PoolNotFound": "AirflowNotFoundException",
    "DagRunAlreadyExists": "AirflowBadRequest",
    "DagFileExists": "AirflowBadRequest",
    "FileSyntaxError": "tuple",
    "RemovedInAirflow3Warning": "DeprecationWarning",
    "AirflowProviderDeprecationWarning": "DeprecationWarning",
    "DeserializingResultError": "ValueError",
    "TaskDeferralTimeout": "TaskDeferralError",  # 2.10 raises that for both
    "UnknownExecutorException": "ValueError",
    "AirflowException": "FlowctlError",  # there it is Exception; here it is that as well
}

CLASSES = {
    name: value
    for name, value in vars(exceptions).items()
    if isinstance(value, type) and value.__module__ == exceptions.__name__
}


def test_there_are_as_many_as_in_airflow() -> None:
    """Airflow 2.10.5 has 54 names in `airflow.exceptions`; TaskDeferralTimeout is of 3.x."""
    assert len(CLASSES) == 55


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_derives_from_what_it_derives_from_in_airflow(name: str) -> None:
    """`except` clauses catch the same."""
    assert CLASSES[name].__bases__[0].__name__ == BASES.get(name, "AirflowException")


def test_what_is_raised_on_purpose_is_shown_without_a_traceback() -> None:
    """The command line shows the message of every FlowctlError alone."""
    assert issubclass(exceptions.AirflowException, FlowctlError)


MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (exceptions.AirflowFailException("no file"), "no file"),
        (exceptions.AirflowRescheduleException(MOMENT), "2024-01-01 00:00:00+00:00"),
        (
            exceptions.AirflowDagDuplicatedIdException("d", "b.py", "a.py"),
            "DAG 'd' of b.py is also defined in a.py; give one of them another id",
        ),
        (
            exceptions.TaskAlreadyInTaskGroup("t", None, "g"),
            "task 't' belongs to the DAG itself already; it cannot join 'g'",
        ),
        (exceptions.XComNotFound("d", "t", "k"), "task 't' of DAG 'd' pushed no XCom 'k'"),
        (
            exceptions.UnmappableXComTypePushed(5),
            "a task can be expanded over a list or a dict, not over int",
        ),
        (
            exceptions.UnmappableXComLengthPushed([1, 2], 1),
            "2 values to expand over, 1 are allowed",
        ),
        (exceptions.BackfillUnfinished("half", {"d": 1}), "half"),
        (
            exceptions.AirflowFileParseException(
                "not readable", "v.json", [exceptions.FileSyntaxError(3, "no comma")]
            ),
            "v.json: not readable\n  no comma (line 3)",
        ),
    ],
)
def test_an_error_says_what_it_is_about_also_in_another_process(
    error: BaseException, says: str
) -> None:
    """Its arguments survive the way from process to process."""
    assert str(error) == says
    assert str(pickle.loads(pickle.dumps(error))) == says
