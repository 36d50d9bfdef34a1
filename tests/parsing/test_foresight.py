"""A timetable that a user wrote is asked in a parser child, and does what it does there alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowctl.errors import FlowctlError
from flowctl.parsing.messages import Answers, Asked
from flowctl.parsing.now import ask_now
from tests.parsing.conftest import Folder

HEAD = """
import os, time
from datetime import datetime, timedelta
from airflow import DAG
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

class Mine(Timetable):
    def infer_manual_data_interval(self, *, run_after):
        return DataInterval(run_after - timedelta(hours=1), run_after)
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        start = restriction.earliest if last is None else last.end
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(start, start + timedelta(days=1))
"""
START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(folder: Folder, more: str = "", last: object = None, **other_arguments: object) -> Answers:
    """Ask the timetable of a DAG that ends after three days, or has other arguments."""
    given = {"end_date": "datetime(2024, 1, 3)"} | other_arguments
    arguments = ", ".join(f"{name}={value}" for name, value in given.items())
    schedule = "Mine()" if not more else "Other()"
    made = f"dag = DAG('d', schedule={schedule}, start_date=datetime(2024, 1, 1), {arguments})\n"
    folder.write("d.py", f"{HEAD}\n{more}\n{made}")
    asked = Asked("d", last, manual=(START,))  # type: ignore[arg-type]
    options = replace(folder.options, timeout_s=5.0) if "sleep" in more else folder.options
    return ask_now(options, "d.py", asked)


def other(body: str, method: str = "next_dagrun_info") -> str:
    return f"class Other(Mine):\n    def {method}(self, **what):\n        {body}\n"


def test_all_runs_that_are_due_come_in_one_answer(folder: Folder) -> None:
    found = ask(folder)

    assert [due.interval_start for due in found.dues] == [START + n * DAY for n in range(3)]
    assert found.is_all
    assert found.intervals == ((START - timedelta(hours=1), START),)
    assert [due.run_id for due in found.dues] == ["", "", ""]


def test_it_goes_on_after_the_latest_run(folder: Folder) -> None:
    found = ask(folder, last=(START, START + DAY))

    assert [due.interval_start for due in found.dues] == [START + DAY, START + 2 * DAY]


def test_one_run_that_lies_ahead_ends_the_answer(folder: Folder) -> None:
    found = ask(
        folder, end_date="datetime(2999, 1, 1)", last=(START, datetime(2300, 1, 1, tzinfo=UTC))
    )

    assert (len(found.dues), found.is_all) == (1, False)


def test_an_answer_is_bounded(folder: Folder) -> None:
    body = (
        "last = what['last_automated_data_interval']\n"
        "        at = what['restriction'].earliest if last is None else last.end\n"
        "        return DagRunInfo.interval(at, at + timedelta(minutes=1))"
    )

    assert len(ask(folder, other(body)).dues) == Asked("d").runs_max


def test_a_timetable_may_choose_the_ids_of_its_runs(folder: Folder) -> None:
    ids = other(
        "return f\"{what['run_type']}-{what['data_interval'].start:%d}\"", "generate_run_id"
    )

    assert [due.run_id for due in ask(folder, ids).dues] == [
        "scheduled-01",
        "scheduled-02",
        "scheduled-03",
    ]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("raise KeyError('holiday')", "KeyError: 'holiday'"),
        ("return 3", "timetable Other returned 3; return a DagRunInfo"),
        ("return DagRunInfo.exact(datetime(2024, 1, 1))", "where a datetime with a time zone"),
        (
            "return DagRunInfo.exact(what['restriction'].earliest)",
            "the timetable Other answered the data interval 2024-01-01",
        ),
        ("os._exit(3)", "exited with status 3"),
        ("time.sleep(60)", "was killed"),
    ],
)
def test_what_goes_wrong_is_said(folder: Folder, body: str, sentence: str) -> None:
    with pytest.raises(FlowctlError, match="the timetable of DAG 'd': ") as caught:
        ask(folder, other(body))

    assert sentence in str(caught.value)


def test_a_dag_that_is_gone_is_named(folder: Folder) -> None:
    folder.good("d.py", "another")

    with pytest.raises(FlowctlError, match="does not define the DAG 'd' any more"):
        ask_now(folder.options, "d.py", Asked("d"))
    with pytest.raises(FlowctlError, match="there is no file gone"):
        ask_now(folder.options, "gone.py", Asked("d"))


def test_a_backfill_has_its_own_span(folder: Folder) -> None:
    """Whatever the dates of the DAG say, and of runs that lie ahead, too."""
    ask(folder)
    since = START + 1000 * DAY
    between = (since, since + 2 * DAY)
    found = ask_now(folder.options, "d.py", Asked("d", between=between))
    assert ([due.logical_date for due in found.dues], found.is_all) == (
        [since, since + DAY, since + 2 * DAY],
        True,
    )

    far = (since, since + 14 * DAY)
    first = ask_now(folder.options, "d.py", Asked("d", between=far, runs_max=4))
    assert (len(first.dues), first.is_all) == (4, False)
    last = (first.dues[-1].interval_start, first.dues[-1].interval_end)
    rest = ask_now(folder.options, "d.py", Asked("d", last, between=far))
    assert (len(rest.dues), rest.is_all) == (11, True)
