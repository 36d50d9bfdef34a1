"""`flowctl dags`, with Airflow's columns."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from flowctl import clock
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import lease
from flowctl.store.engine import writing
from flowctl.store.schema import dag_run
from tests.cli.conftest import Call, record

pytestmark = pytest.mark.usefixtures("home")


def rows(call: Call, *words: str) -> list[dict[str, Any]]:
    """Return what a command says as JSON."""
    result = call(*words, "-o", "json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_dags_are_listed(call: Call, flowctl_home: Path) -> None:
    assert rows(call, "dags", "list")[0] == {
        "dag_id": "etl",
        "fileloc": str(flowctl_home / "dags" / "etl.py"),
        "owners": ["airflow", "ann"],
        "is_paused": "False",
    }
    assert rows(call, "dags", "list", "--columns", "dag_id,tags")[0]["tags"] == ["a", "b"]
    assert call("dags", "list", "--columns", "nope").exit_code == 2


def test_a_dag_tells_its_details(call: Call) -> None:
    found = rows(call, "dags", "details", "etl")[0]
    assert (found["schedule_interval"], found["task_count"]) == ("@daily", "2")
    assert (found["overlap"], found["catchup_window"]) == ("queue_all", None)
    assert "property_name" in call("dags", "details", "etl").stdout


def test_a_wrong_name_gets_the_nearest(call: Call) -> None:
    for words in (("details", "elt"), ("pause", "elt"), ("show", "elt"), ("delete", "elt", "-y")):
        result = call("dags", *words)
        assert result.exit_code == 1
        assert result.stderr == "flowctl: there is no DAG 'elt'; did you mean 'etl'?\n"


def test_a_graph_is_drawn_for_dot(call: Call) -> None:
    assert '\t"extract" -> "load"' in call("dags", "show", "etl").stdout
    refused = call("dags", "show", "etl", "--save", "g.png")
    assert "dot -Tpng > g.png" in refused.stderr


def test_a_run_is_triggered_and_listed(call: Call) -> None:
    made = rows(call, "dags", "trigger", "etl", "-r", "one", "-e", "2024-03-01", "-c", '{"x": 2}')
    assert list(made[0]) == [
        "conf",
        "dag_id",
        "dag_run_id",
        "data_interval_start",
        "data_interval_end",
        "end_date",
        "external_trigger",
        "last_scheduling_decision",
        "logical_date",
        "run_type",
        "start_date",
        "state",
    ]
    assert made[0]["logical_date"] == "2024-03-01 00:00:00+00:00"
    assert made[0]["data_interval_start"] == "2024-02-29 00:00:00+00:00"
    assert rows(call, "dags", "list-runs", "-d", "etl") == [
        {
            "dag_id": "etl",
            "run_id": "one",
            "state": "queued",
            "execution_date": "2024-03-01T00:00:00+00:00",
            "start_date": "",
            "end_date": "",
        }
    ]
    assert rows(call, "dags", "list-runs", "-d", "etl", "--state", "failed") == []
    assert call("dags", "state", "etl", "2024-03-01").stdout == 'queued, {"x": 2}\n'
    assert call("dags", "state", "etl", "2020-01-01").stdout == "None\n"


def test_a_trigger_says_that_no_scheduler_runs(call: Call, home: Engine) -> None:
    alone = call("dags", "trigger", "etl", "-r", "one", "-e", "2024-03-01")
    assert alone.exit_code == 0
    assert "the run waits for a scheduler" in alone.stderr
    assert "flowctl standalone" in alone.stderr

    with writing(home) as conn:
        lease.take(conn, "somebody", clock.utcnow())
    assert call("dags", "trigger", "etl", "-r", "two", "-e", "2024-03-02").stderr == ""


def test_a_bad_trigger_is_one_sentence(call: Call) -> None:
    assert call("dags", "trigger", "etl", "-c", "{").stderr.startswith("flowctl: the conf")
    assert call("dags", "trigger", "etl", "-e", "someday").exit_code == 2


def test_triggering_a_wrong_name_says_what_may_be_meant(call: Call, home: Engine) -> None:
    assert "did you mean 'etl'" in call("dags", "trigger", "elt").stderr
    record(home, DagSpec("broken", "broken.py", (TaskSpec("a"),)), error="SyntaxError")
    assert "flowctl dags list-import-errors" in call("dags", "trigger", "elt").stderr


def test_dags_are_paused_and_unpaused(call: Call) -> None:
    assert rows(call, "dags", "pause", "etl") == [{"dag_id": "etl", "is_paused": "True"}]
    assert rows(call, "dags", "pause", "etl") == []
    assert call("dags", "unpause", ".", "--treat-dag-id-as-regex", stdin="n\n").exit_code == 1
    unpaused = rows(call, "dags", "unpause", ".", "--treat-dag-id-as-regex", "-y")
    assert [row["dag_id"] for row in unpaused] == ["etl", "manual"]


def test_a_dag_is_drained(call: Call, home: Engine) -> None:
    """Its runs go on to their end; who waits is told when there are fewer."""
    call("dags", "trigger", "etl", "-r", "one")
    with writing(home) as conn:
        conn.execute(update(dag_run).values(state="running", start_date=dag_run.c.queued_at))

    first = call("dags", "pause", "etl", "--drain")
    with writing(home) as conn:
        conn.execute(update(dag_run).values(state="success", end_date=dag_run.c.queued_at))
    second = call("dags", "pause", "etl", "--drain", "--wait")

    assert (first.exit_code, first.stderr) == (0, "1 runs go on to their end.\n")
    assert (second.exit_code, second.stderr) == (0, "No run goes on.\n")
    assert call("dags", "pause", "etl", "--wait").exit_code == 2


def test_next_dates_are_told(call: Call) -> None:
    dates = call("dags", "next-execution", "etl", "-n", "2").stdout.split()

    assert len(dates) == 2
    assert dates[0] < dates[1]
    assert call("dags", "next-execution", "manual").stdout == "None\n"


def test_import_errors_are_listed_with_exit_code_1(call: Call, home: Engine) -> None:
    assert call("dags", "list-import-errors").exit_code == 0
    record(home, DagSpec(dag_id="etl", file="etl.py"), error="SyntaxError: no")

    result = call("dags", "list-import-errors", "-o", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["error"] == "SyntaxError: no"
    assert "list-import-errors" in call("dags", "list").stderr


def test_files_are_reported(call: Call) -> None:
    assert rows(call, "dags", "report")[0] == {
        "file": "/etl.py",
        "duration": "0:00:00.250000",
        "dag_num": "1",
        "task_num": "2",
        "dags": ["etl"],
    }


def test_a_dag_is_deleted_with_its_runs(call: Call) -> None:
    call("dags", "trigger", "etl")

    assert call("dags", "delete", "etl", stdin="n\n").exit_code == 1
    assert call("dags", "delete", "etl", "-y").stdout == "DAG etl is deleted, with 1 runs.\n"
    assert [row["dag_id"] for row in rows(call, "dags", "list")] == ["manual"]
