"""`flowctl simulate`: coming runs, load and collisions, in words and as data."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select

from flowctl import config
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import schema
from flowctl.store.engine import reading, writing
from tests.cli.conftest import DAILY, Call, record

DAYS = ("--from", "2030-01-01T00:00:00+00:00", "--to", "2030-01-03T00:00:00+00:00")


def data(call: Call, *words: str) -> Any:
    """Return what the command says as JSON."""
    result = call("simulate", *DAYS, "-o", "json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def ran(engine: Engine, dag_id: str, task_id: str, *took_s: float) -> None:
    """Let a DAG have run, a task of it taking so many seconds in each run."""
    with writing(engine) as conn:
        version = conn.execute(
            select(schema.dag.c.version_id).where(schema.dag.c.dag_id == dag_id)
        ).scalar_one()
        for day, seconds in enumerate(took_s, start=1):
            at = datetime(2024, 1, day, tzinfo=UTC)
            columns = {c.name for c in schema.dag_run.c}
            values = {
                "dag_id": dag_id,
                "run_id": f"run_{day}",
                "run_type": "manual",
                "state": "success",
                "logical_date": at,
                "version_id": version,
                "start_date": at,
                "end_date": at,
                "queued_at": at,
                "created_at": at,
                "updated_at": at,
            }
            pk = conn.execute(
                insert(schema.dag_run)
                .values({name: value for name, value in values.items() if name in columns})
                .returning(schema.dag_run.c.id)
            ).scalar_one()
            conn.execute(
                insert(schema.task_instance).values(
                    dag_run_id=pk,
                    task_id=task_id,
                    state="success",
                    start_date=at,
                    end_date=at + timedelta(seconds=seconds),
                )
            )


def test_the_coming_runs_are_shown_in_words(call: Call, home: Engine) -> None:
    assert home
    result = call("simulate", *DAYS)

    assert result.exit_code == 0
    assert "2 runs of 1 DAG\n" in result.output
    assert "2 tasks without a history, taken to last 60 s each" in result.output
    assert "scheduled__2029-12-31T00:00:00+00:00" in result.output
    assert "Collisions: none" in result.output
    assert "pool default_pool" in result.output


def test_tasks_take_as_long_as_they_did(call: Call, home: Engine) -> None:
    """The median counts, so that one bad day does not."""
    ran(home, "etl", "extract", 600, 630, 86_400)

    told = data(call)

    assert told["tasks_without_history"] == ["etl.load"]
    assert [(run["start_date"][11:16], run["end_date"][11:19]) for run in told["runs"]] == [
        ("00:00", "00:11:30")
    ] * 2


def test_what_is_not_known_takes_what_one_says(call: Call, home: Engine) -> None:
    assert home
    told = data(call, "--default-duration", "5")

    assert told["default_duration_s"] == 5
    assert told["runs"][0]["end_date"] == "2030-01-01T00:00:10+00:00"


def test_a_collision_says_who_waits_for_what_and_how_long(
    call: Call, home: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWCTL__CORE__EXECUTOR", "LocalExecutor")
    config.forget()
    with writing(home) as conn:
        conn.execute(insert(schema.pool).values(name="small", slots=1, description=""))
    for name in ("one", "two"):
        record(
            home,
            DagSpec(
                dag_id=name,
                file=f"{name}.py",
                tasks=(TaskSpec("load", pool="small"),),
                schedule=DAILY,
                start_date=datetime(2024, 1, 1, tzinfo=UTC),
                is_paused_upon_creation=False,
            ),
        )

    told = data(call)

    assert [(one["limit"], one["waits"], one["waited_s"]) for one in told["collisions"]] == [
        ("pool small", 1, 60)
    ] * 2
    small = next(one for one in told["load"] if one["name"] == "small")
    assert (small["slots"], max(step["peak"] for step in small["steps"])) == (1, 1)
    words = call("simulate", *DAYS).output
    assert "two.load of scheduled__2029-12-31" in words


def test_a_time_without_runs_says_so(call: Call, home: Engine) -> None:
    assert home
    result = call("simulate", "--from", "2030-01-01T01:00:00", "--to", "2030-01-01T02:00:00")

    assert result.exit_code == 0, result.output
    assert "0 runs of 0 DAGs" in result.output
    assert "pool default_pool" in result.output
    assert "at most 0" in result.output


def test_many_runs_are_a_row_for_each_dag(call: Call, home: Engine) -> None:
    assert home
    result = call("simulate", "--from", "2030-01-01", "--to", "2031-01-01")

    assert "365 success" in result.output
    assert "scheduled__" not in result.output


def test_a_paused_dag_takes_part_when_it_is_named(call: Call, home: Engine) -> None:
    with writing(home) as conn:
        conn.execute(schema.dag.update().values(is_paused=True))

    refused = call("simulate", *DAYS)
    assert refused.exit_code == 1
    assert "no DAG is active" in refused.output
    assert len(data(call, "--dag", "etl")["runs"]) == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--dag", "etk"), 1, "there is no DAG 'etk'; did you mean 'etl'?"),
        (("--from", "2030-01-02", "--to", "2030-01-01"), 2, "is not after --from"),
        (("--from", "tomorrow"), 2, "is not a date"),
        (("--default-duration", "-1"), 2, "default-duration"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(
    call: Call, home: Engine, words: tuple[str, ...], code: int, said: str
) -> None:
    assert home
    result = call("simulate", *words)

    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_nothing_is_written(call: Call, home: Engine) -> None:
    def rows() -> dict[str, int | None]:
        with reading(home) as conn:
            return {
                table.name: conn.execute(select(func.count()).select_from(table)).scalar()
                for table in schema.METADATA.sorted_tables
            }

    before = rows()
    data(call)

    assert rows() == before
