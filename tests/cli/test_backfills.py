"""`flowctl backfill` and `flowctl dags backfill`."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flowctl import clock
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import backfills
from flowctl.store.engine import writing
from flowctl.store.queries import backfills as queries
from tests.cli.conftest import Call, record

pytestmark = pytest.mark.usefixtures("home")
MARCH = ("--from-date", "2024-03-01", "--to-date", "2024-03-03")


def test_a_backfill_is_made_shown_paused_and_cancelled(call: Call) -> None:
    """Each by its number; one at a time for a DAG."""
    made = call("backfill", "create", "--dag-id", "etl", *MARCH, "--max-active-runs", "2")
    assert (made.exit_code, made.stdout) == (0, "backfill 1 of DAG etl\n")
    assert "open backfill, 1;" in call("backfill", "create", "--dag-id", "etl", *MARCH).stderr

    assert call("backfill", "pause", "1").stdout == "backfill 1 is paused\n"
    listed = json.loads(call("backfill", "list", "-o", "json").stdout)
    assert [(row["id"], row["state"], row["runs"]) for row in listed] == [("1", "paused", "3")]
    assert call("backfill", "unpause", "1").stdout == "backfill 1 goes on\n"
    assert "3 runs: 3 to come" in call("backfill", "show", "1").stdout
    assert call("backfill", "cancel", "1").exit_code == 0
    assert "has ended: cancelled" in call("backfill", "pause", "1").stderr


def test_a_dry_run_only_prints_the_dates(call: Call) -> None:
    """Of both commands."""
    shown = call("backfill", "create", "--dag-id", "etl", *MARCH, "--run-backwards", "--dry-run")
    assert [line[:10] for line in shown.stdout.split()] == [
        "2024-03-03",
        "2024-03-02",
        "2024-03-01",
    ]

    old = call("dags", "backfill", "etl", "-s", "2024-03-01", "-n", "-t", "load", "-i")
    assert old.stdout.splitlines() == [
        "Dry run of DAG etl: 1 runs",
        "2024-03-01T00:00:00+00:00: load",
    ]
    assert json.loads(call("backfill", "list", "-o", "json").stdout) == []


def test_the_old_command_follows_the_backfill_to_its_end(
    call: Call, home: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has no effect is said once; a cancelled backfill is a failure."""
    create = backfills.create

    def create_and_cancel(*args: object) -> int | None:
        pk = create(*args)  # type: ignore[arg-type]
        with_conn = args[0]
        backfills.cancel(with_conn, pk or 0, "me", clock.utcnow())  # type: ignore[arg-type]
        return pk

    monkeypatch.setattr(backfills, "create", create_and_cancel)
    result = call("dags", "backfill", "etl", "-s", "2024-03-01", "--local", "--delay-on-limit", "3")

    assert result.exit_code == 1
    assert (
        "--local: the executor of the scheduler runs the tasks; it has no effect" in result.stderr
    )
    assert "--delay-on-limit" in result.stderr
    assert "backfill 1 was cancelled" in result.stderr
    with writing(home) as conn:
        assert queries.one(conn, 1).stops_on_failure


MISTAKES = [
    (("dags", "backfill", "etl"), 2, "give --start-date, --end-date, or both"),
    (
        ("dags", "backfill", "etl", "-s", "2024-03-01", "-t", "nope"),
        1,
        "no task of DAG 'etl' matches",
    ),
    (("dags", "backfill", "x", "-s", "2024-03-01"), 1, "'x'"),
    (("dags", "backfill", "x", "-s", "2024-03-01", "--treat-dag-id-as-regex"), 1, "no DAG matches"),
    (("backfill", "create", "--dag-id", "manual", *MARCH), 1, "has no dates to fill"),
    (("backfill", "show", "7"), 1, "there is no backfill 7"),
]


@pytest.mark.parametrize(("words", "code", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence(
    call: Call, words: tuple[str, ...], code: int, sentence: str
) -> None:
    """With what would work."""
    result = call(*words)

    assert result.exit_code == code
    assert sentence in result.stderr


OWN = """
from datetime import timedelta
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.timetables.base import DagRunInfo, Timetable

class Mine(Timetable):
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        start = restriction.earliest if last is None else last.end
        return DagRunInfo.interval(start, start + timedelta(hours=8))

with DAG("own", schedule=Mine(), start_date=None):
    EmptyOperator(task_id="t")
"""


def test_a_timetable_of_the_users_is_asked_for_its_dates(
    call: Call, engine: Engine, flowctl_home: Path
) -> None:
    (flowctl_home / "dags").mkdir(exist_ok=True)
    (flowctl_home / "dags" / "own.py").write_text(OWN)
    record(engine, DagSpec("own", "own.py", (TaskSpec("t"),), schedule=ScheduleSpec("own")))

    made = call("backfill", "create", "--dag-id", "own", *MARCH)
    assert made.exit_code == 0, made.stderr
    number = made.stdout.split()[1]
    rows = json.loads(call("backfill", "show", number, "-o", "json").stdout)
    assert len(rows) == 7
    assert [row["logical_date"][11:13] for row in rows][:4] == ["00", "08", "16", "00"]
    (flowctl_home / "dags" / "own.py").write_text(OWN.replace("timedelta(hours=8)", "None"))
    assert (
        "the timetable of DAG 'own'"
        in call("dags", "backfill", "own", "-s", "2026-03-01", "--dry-run").stderr
    )
