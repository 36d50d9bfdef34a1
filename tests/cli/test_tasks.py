"""`flowctl tasks`, `why` and `runs`."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from flowctl import clock
from flowctl.store import lease
from flowctl.store.engine import writing
from flowctl.store.schema import dag_run, task_instance, task_try
from tests.cli.conftest import NOW, Call

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def _run(call: Call, home: Engine) -> None:
    assert home is not None
    assert call("dags", "trigger", "etl", "-r", "one", "-e", "2024-03-01").exit_code == 0


def test_tasks_are_listed(call: Call) -> None:
    assert call("tasks", "list", "etl").stdout == "extract\nload\n"
    assert call("tasks", "list", "etl", "--tree").stdout == (
        "<Task(BashOperator): extract>\n    <Task(BashOperator): load>\n"
    )


@pytest.mark.usefixtures("_run")
def test_states_are_told(call: Call) -> None:
    assert call("tasks", "state", "etl", "load", "one").stdout == "None\n"
    assert call("tasks", "state", "etl", "load", "2024-03-01").stdout == "None\n"
    result = call("tasks", "states-for-dag-run", "etl", "one", "-o", "json")
    assert json.loads(result.stdout)[0] == {
        "dag_id": "etl",
        "execution_date": "2024-03-01T00:00:00+00:00",
        "task_id": "extract",
        "state": None,
        "start_date": "",
        "end_date": "",
    }
    assert "has no run 'two'" in call("tasks", "state", "etl", "load", "two").stderr
    assert "did you mean 'load'" in call("tasks", "state", "etl", "laod", "one").stderr


@pytest.mark.usefixtures("_run")
def test_tries_are_shown_with_what_they_used(call: Call, home: Engine) -> None:
    with writing(home) as conn:
        ti_id = conn.scalar(select(task_instance.c.id).where(task_instance.c.task_id == "load"))
        conn.execute(
            insert(task_try).values(
                ti_id=ti_id, try_number=1, state="failed", start_date=NOW, queued_at=NOW,
                end_date=NOW + timedelta(seconds=90), peak_rss_bytes=3 * 2**29, cpu_s=12.5,
                exit_code=137, signal=9, reason="out of memory (limit 1.5 GiB, peak 1.5 GiB)",
            )
        )  # fmt: skip

    result = call("tasks", "show", "etl", "load", "one", "-o", "json")
    assert json.loads(result.stdout) == [
        {
            "try": "1",
            "state": "failed",
            "start_date": NOW.isoformat(),
            "seconds": "90.0",
            "peak_memory": "1.5 GiB",
            "cpu_seconds": "12.5",
            "exit": "signal 9",
            "reason": "out of memory (limit 1.5 GiB, peak 1.5 GiB)",
        }
    ]
    assert call("tasks", "show", "etl", "extract", "one").stdout == "No data found\n"


@pytest.mark.usefixtures("_run")
def test_clearing_asks_first(call: Call, home: Engine) -> None:
    with writing(home) as conn:
        conn.execute(update(task_instance).values(state="failed", end_date=NOW))
        conn.execute(update(dag_run).values(state="failed", end_date=NOW))

    asked = call("tasks", "clear", "etl", "-t", "load", stdin="n\n")
    assert "etl one load [failed]" in asked.stdout
    assert asked.exit_code == 1
    assert call("tasks", "state", "etl", "load", "one").stdout == "failed\n"
    assert call("tasks", "clear", "etl", "-t", "load", "-y").stdout == "1 tasks are cleared.\n"
    assert call("tasks", "state", "etl", "load", "one").stdout == "None\n"
    assert call("dags", "state", "etl", "one").stdout == "queued\n"
    assert "nothing to clear" in call("tasks", "clear", "etl", "-s", "2025-01-01").stdout


@pytest.mark.usefixtures("_run")
def test_runs_to_clear_are_named(call: Call, home: Engine) -> None:
    for run_id, date in (("two", "2024-03-02"), ("three", "2024-03-03")):
        call("dags", "trigger", "etl", "-r", run_id, "-e", date)
    with writing(home) as conn:
        conn.execute(update(task_instance).values(state="failed", end_date=NOW))

    both = ("--run-id", "one", "--run-id", "three")
    assert call("tasks", "clear", "etl", "-y", *both).stdout == "4 tasks are cleared.\n"
    assert call("tasks", "state", "etl", "load", "two").stdout == "failed\n"
    assert call("tasks", "state", "etl", "load", "three").stdout == "None\n"


@pytest.mark.usefixtures("_run")
def test_clearing_goes_back_and_forth_from_a_run(call: Call, home: Engine) -> None:
    """Nothing is changed by looking."""
    for run_id, date in (("two", "2024-03-02"), ("three", "2024-03-03")):
        call("dags", "trigger", "etl", "-r", run_id, "-e", date)
    with writing(home) as conn:
        conn.execute(update(task_instance).values(state="failed", end_date=NOW))
    from_two = ("tasks", "clear", "etl", "-t", "load", "--run-id", "two")

    looked = {
        flag: call(*from_two, "--dry-run", *flag.split()).stdout.splitlines()
        for flag in ("", "--past", "--future", "--past --future")
    }

    one, two, three = (f"etl {run_id} load [failed]" for run_id in ("one", "two", "three"))
    assert looked == {
        "": [two],
        "--past": [one, two],
        "--future": [two, three],
        "--past --future": [one, two, three],
    }
    assert call("tasks", "state", "etl", "load", "two").stdout == "failed\n"
    assert "give its --run-id" in call("tasks", "clear", "etl", "--past").stderr


@pytest.mark.usefixtures("_run")
def test_clearing_says_what_it_did_not_find(call: Call) -> None:
    mistyped = call("tasks", "clear", "etl", "-y", "-t", "laod", "--run-id", "won")

    assert mistyped.stdout == "There is nothing to clear.\n"
    assert mistyped.stderr.splitlines() == [
        "warning: DAG 'etl' has no run 'won'",
        "warning: no task of DAG 'etl' matches 'laod'",
    ]
    assert call("tasks", "clear", "etl", "-y", "-t", "load", "--run-id", "one").stderr == ""


@pytest.mark.usefixtures("_run")
def test_a_task_is_not_run_where_no_scheduler_would_start_it(call: Call, home: Engine) -> None:
    assert "No scheduler has run yet" in call("tasks", "run", "etl", "load", "one").stderr
    _lead(home)
    call("dags", "pause", "etl")
    paused = call("tasks", "run", "etl", "load", "one")

    assert (paused.exit_code, paused.stdout) == (1, "")
    assert "DAG 'etl' is paused" in paused.stderr


@pytest.mark.usefixtures("_run")
def test_a_task_that_has_ended_runs_again_only_by_force(call: Call, home: Engine) -> None:
    _lead(home)
    with writing(home) as conn:
        conn.execute(update(task_instance).values(state="success", end_date=NOW, try_number=1))

    refused = call("tasks", "run", "etl", "load", "one")
    assert "has ended in run 'one': success" in refused.stderr
    assert call("tasks", "state", "etl", "load", "one").stdout == "success\n"
    asked = call("tasks", "run", "etl", "load", "one", "--force", "--timeout", "0")
    assert "has not ended after 0 s: none" in asked.stderr
    assert call("tasks", "state", "etl", "load", "one").stdout == "None\n"
    assert call("tasks", "state", "etl", "extract", "one").stdout == "success\n"


@pytest.mark.usefixtures("_run")
def test_a_try_is_told_as_it_was_recorded(call: Call, home: Engine, flowctl_home: Path) -> None:
    """Another try of the same task is not taken for the one that was asked for."""
    _lead(home)
    log = flowctl_home / "logs" / "one.log"
    log.parent.mkdir()
    log.write_text("all of it\n\x1b[2J")
    with writing(home) as conn:
        running = {"state": "running", "try_number": 2, "start_date": NOW}
        conn.execute(update(task_instance).values(**running))
        ti_id = conn.scalar(select(task_instance.c.id).where(task_instance.c.task_id == "load"))
        tried = {"ti_id": ti_id, "queued_at": NOW, "start_date": NOW, "end_date": NOW}
        conn.execute(insert(task_try).values(try_number=1, state="success", **tried))
        failed = {"state": "failed", "reason": "no room", "log_path": "one.log"}
        conn.execute(insert(task_try).values(try_number=2, **failed, **tried))

    told = call("tasks", "run", "etl", "load", "one")
    assert told.stdout == "all of it\n\N{REPLACEMENT CHARACTER}[2J"
    assert told.stderr == "flowctl: try 2 of task 'load' ended: failed: no room\n"
    assert told.exit_code == 1


@pytest.mark.parametrize("word", ["-A", "-i", "-m", "--local"])
def test_what_would_go_round_the_scheduler_is_refused(call: Call, word: str) -> None:
    assert call("tasks", "run", "etl", "load", "one", word).exit_code == 2


def _lead(home: Engine) -> None:
    """Let it look as if a scheduler led."""
    with writing(home) as conn:
        lease.take(conn, "somebody", clock.utcnow())


@pytest.mark.usefixtures("_run")
def test_why_answers_for_a_run(call: Call) -> None:
    answer = call("why", "etl", "load", "one").stdout.splitlines()
    assert answer[0] == "one: the run is queued; the scheduler starts it next"
    assert answer[1].startswith("No scheduler has run yet")
    call("dags", "pause", "etl")
    assert "DAG 'etl' is paused" in call("why", "etl", "load").stdout
    assert "paused" in call("tasks", "failed-deps", "etl", "load", "one").stdout


@pytest.mark.usefixtures("_run")
def test_why_says_when_a_task_is_expected(call: Call, home: Engine) -> None:
    """By how long the task before it took in the last run that ended well."""
    began = clock.utcnow()
    call("dags", "trigger", "etl", "-r", "two")
    with writing(home) as conn:
        names = dict(conn.execute(select(dag_run.c.run_id, dag_run.c.id)).all())
        of = update(task_instance).where(task_instance.c.task_id == "extract")
        ended = of.where(task_instance.c.dag_run_id == names["one"])
        took = {"start_date": began - timedelta(hours=1), "end_date": began}
        conn.execute(ended.values(state="success", **took))
        ended_run = update(dag_run).where(dag_run.c.id == names["one"])
        conn.execute(ended_run.values(state="success", end_date=began))
        conn.execute(update(dag_run).where(dag_run.c.id == names["two"]).values(state="running"))
        runs = of.where(task_instance.c.dag_run_id == names["two"])
        conn.execute(runs.values(state="running", try_number=1, start_date=began))

    answer = call("why", "etl", "load", "two").stdout.splitlines()[0]

    hour = f"{began + timedelta(hours=1):%Y-%m-%d %H:%M} UTC"
    assert answer.endswith(f"; expected about {hour}, from the last run")


@pytest.mark.usefixtures("_run")
def test_why_stays_true_when_the_upstream_task_is_cleared(call: Call, home: Engine) -> None:
    told = {"end_date": NOW, "reason": "trigger rule all_success"}
    with writing(home) as conn:
        row = task_instance.c.task_id
        ended = update(task_instance).values(state="failed", end_date=NOW, try_number=1)
        conn.execute(ended.where(row == "extract"))
        skipped = update(task_instance).values(state="upstream_failed", **told)
        conn.execute(skipped.where(row == "load"))
    assert "1 failed (extract is failed)" in call("why", "etl", "load", "one").stdout

    call("tasks", "clear", "etl", "-t", "extract", "-y")
    answer = call("why", "etl", "load", "one").stdout
    assert "as its upstream tasks stood then" in answer
    assert "1 not finished (extract has not started)" in answer
    assert "upstream failed as" in call("tasks", "failed-deps", "etl", "load", "one").stdout


@pytest.mark.usefixtures("_run")
def test_why_says_when_a_task_that_waits_for_its_next_start_last_ran(
    call: Call, home: Engine
) -> None:
    ended = {"pid": 7, "host": "here", "state": "scheduled", "end_date": NOW}
    with writing(home) as conn:
        conn.execute(
            update(task_instance).where(task_instance.c.task_id == "extract").values(**ended)
        )

    answer = call("why", "etl", "extract", "one").stdout

    assert "; it last ran until 2024-03-01 00:00:00 UTC" in answer


@pytest.mark.usefixtures("_run")
def test_a_map_index_of_a_task_that_is_not_expanded_is_refused(call: Call) -> None:
    answer = call("why", "etl", "load", "one", "--map-index", "0").stderr

    assert "it is not mapped, or not expanded yet; leave out --map-index" in answer


def test_why_answers_without_a_run(call: Call) -> None:
    assert "DAG 'manual' is paused" in call("why", "manual", "only").stdout
    call("dags", "unpause", "manual")
    assert "flowctl dags trigger manual" in call("why", "manual", "only").stdout
    assert "has no task 'x'" in call("why", "manual", "x").stderr


@pytest.mark.usefixtures("_run")
def test_watching_ends_with_the_run(call: Call, home: Engine) -> None:
    assert call("runs", "watch", "etl", "one", "--timeout", "0").exit_code == 1
    with writing(home) as conn:
        conn.execute(update(task_instance).values(state="success", start_date=NOW, end_date=NOW))
        conn.execute(update(dag_run).values(state="success", start_date=NOW, end_date=NOW))

    result = call("runs", "watch", "etl")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["etl", "one"],
        ["00:00:00", "success", "extract"],
        ["00:00:00", "success", "load"],
        ["success", "in", "0.0", "s"],
    ]


def test_a_home_where_nothing_runs_says_so(call: Call) -> None:
    assert call("jobs", "check").exit_code == 1
    assert "nothing of flowctl runs" in call("stop").stderr
    assert "nothing of flowctl runs" in call("stop", "--kill").stderr


@pytest.mark.usefixtures("_run")
def test_who_holds_a_task_says_why_and_until_when(call: Call, home: Engine) -> None:
    with writing(home) as conn:
        conn.execute(update(dag_run).values(state="running", start_date=NOW))
    hold = ("tasks", "hold", "etl", "extract", "one", "--why", "the source is down")

    assert "is past" in call(*hold, "--until", "2001-01-01").stderr
    assert "is held" in call(*hold, "--until", "2999-01-01T06:30:00+00:00").stdout
    assert "holds it until 2999-01-01 06:30:00 UTC (the source is down); let it go on with:" in (
        call("why", "etl", "extract", "one").stdout
    )


@pytest.mark.usefixtures("_run")
def test_who_holds_a_run_says_why_and_until_when(call: Call, home: Engine) -> None:
    with writing(home) as conn:
        conn.execute(update(dag_run).values(state="running", start_date=NOW))
    call("runs", "hold", "etl", "one", "--why", "a freeze", "--until", "2999-01-01")

    found = call("why", "etl", "extract", "one").stdout
    assert "holds its run until 2999-01-01 00:00:00 UTC (a freeze);" in found
