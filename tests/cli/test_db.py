"""`flowctl db`."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from flowctl.store.engine import writing
from flowctl.store.schema import dag_run
from tests.cli.conftest import Call


@pytest.mark.parametrize("words", [("db", "init"), ("db", "upgrade"), ("initdb",), ("upgradedb",)])
def test_the_metastore_is_made_and_made_twice(call: Call, words: tuple[str, ...]) -> None:
    assert call("db", "check").exit_code == 1
    assert call(*words).exit_code == 0
    assert call(*words).exit_code == 0
    assert call("db", "check").exit_code == 0
    assert call("db", "check-migrations", "-t", "0").exit_code == 0


def test_statements_are_shown_and_not_run(call: Call, flowctl_home: Path) -> None:
    result = call("db", "migrate", "--show-sql-only")

    assert "CREATE TABLE" in result.stdout
    assert not list(flowctl_home.glob("*.db"))


def test_a_reset_asks_first(call: Call) -> None:
    call("db", "init")
    call("pools", "set", "p", "1", "mine")

    assert call("db", "reset", stdin="n\n").exit_code == 1
    assert '"p"' in call("pools", "list", "-o", "json").stdout
    assert call("db", "reset", "-y").exit_code == 0
    assert '"p"' not in call("pools", "list", "-o", "json").stdout


def test_going_back_to_nothing_and_forth(call: Call) -> None:
    call("db", "init")

    assert call("db", "downgrade").exit_code == 2
    assert call("db", "downgrade", "-r", "base", "-y").exit_code == 0
    assert call("db", "check-migrations", "-t", "0").exit_code == 1
    assert call("db", "migrate").exit_code == 0


def test_old_runs_are_cleaned(call: Call, home: Engine) -> None:
    for day in ("2024-01-01", "2024-01-02", "2024-01-03"):
        call("dags", "trigger", "etl", "-r", day, "-e", day)
    with writing(home) as conn:
        conn.execute(
            update(dag_run)
            .where(dag_run.c.run_id < "2024-01-03")
            .values(state="success", end_date=dag_run.c.logical_date)
        )
    words = ("db", "clean", "-t", "dag_run", "--clean-before-timestamp", "2024-02-01")

    dry = call(*words, "--dry-run")
    assert dry.stdout.startswith("dag_run: 1 rows before 2024-02-01T00:00:00+00:00")
    assert "keeps no archive" in call(*words, "-y").stderr
    assert call(*words, "--skip-archive", stdin="n\n").exit_code == 1
    done = call(*words, "--skip-archive", "-y")
    assert done.stdout.splitlines()[-1] == "dag_run: 1 rows are deleted."
    kept = json.loads(call("dags", "list-runs", "-d", "etl", "-o", "json").stdout)
    assert [row["run_id"] for row in kept] == ["2024-01-03", "2024-01-02"]


def test_only_what_can_be_cleaned_is_cleaned(call: Call) -> None:
    words = ("db", "clean", "--clean-before-timestamp", "2024-02-01", "--dry-run", "-t")

    assert "'task_instance' cannot be cleaned by itself" in call(*words, "log,task_instance").stderr


def test_without_a_date_the_limits_count(call: Call, home: Engine, flowctl_home: Path) -> None:
    """What the scheduler would delete by itself is foretold to the row, and deleted so, too."""
    for number in range(1, 13):
        call("dags", "trigger", "etl", "-r", f"r{number}", "-e", f"2024-01-{number:02}")
    with writing(home) as conn:
        conn.execute(update(dag_run).values(state="success", end_date=dag_run.c.logical_date))
    log = flowctl_home / "logs" / "dag_id=etl" / "run_id=r1" / "task_id=a" / "attempt=1.log"
    log.parent.mkdir(parents=True)
    log.write_text("12345")

    foretold = call("db", "clean", "--dry-run").stdout.splitlines()
    assert foretold[0].startswith("dag_run: 2 rows over the limits")
    assert foretold[-1] == "log files: 0 files, 0 B, over the limits"
    done = call("db", "clean", "--skip-archive", "-y").stdout.splitlines()
    assert "dag_run: 2 rows are deleted." in done
    assert done[-1] == "log files: 1 files, 5 B, are deleted."
    assert not log.exists()
    assert call("db", "clean", "--dry-run").stdout.startswith("dag_run: 0 rows")
