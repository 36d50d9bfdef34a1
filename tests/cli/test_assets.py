"""`flowctl assets` and `flowctl datasets`, and the hints of DAGs that wait for assets."""

import json

import pytest
from sqlalchemy import Engine

from flowctl.core.assets import AssetSpec, Condition
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from tests.cli.conftest import Call, record

A, B = AssetSpec("s3://a", "first", "g", {"k": 1}), AssetSpec("b", "b")


@pytest.fixture(autouse=True)
def waiting(engine: Engine) -> None:
    """Let `maker` make one of two assets that `waiter` waits for."""
    both = Condition("all", parts=(Condition("asset", "s3://a"), Condition("name", "b")))
    outlet = TaskSpec("t", outlets=(Condition("asset", "s3://a"),))
    record(engine, DagSpec("maker", "maker.py", (outlet,), assets=(A,)))
    schedule = ScheduleSpec("assets", condition=both, summary="Asset")
    waiter = DagSpec("waiter", "waiter.py", (TaskSpec("t"),), schedule=schedule, assets=(B,))
    record(engine, waiter)


def test_assets_are_listed_and_told_of(call: Call) -> None:
    """Who makes them, and who waits."""
    listed = json.loads(call("assets", "list", "-o", "json").stdout)
    assert [(row["name"], row["uri"], row["group"]) for row in listed] == [
        ("b", "b", "asset"),
        ("first", "s3://a", "g"),
    ]
    assert [row["uri"] for row in json.loads(call("datasets", "list", "-o", "json").stdout)] == [
        "b",
        "s3://a",
    ]
    found = json.loads(call("assets", "details", "--name", "first", "-o", "json").stdout)[0]
    assert (found["made_by"], found["makes_due"]) == (["maker.t"], ["waiter"])
    assert "did you mean 'first'" in call("assets", "details", "--name", "firs").stderr


def test_an_update_from_outside_counts(call: Call) -> None:
    """A DAG says how far it is; commands for people say it too."""
    call("dags", "unpause", "waiter")
    assert call("assets", "event", "--uri", "s3://a", "--extra", '{"n": 1}').exit_code == 0

    result = call("dags", "next-execution", "waiter")
    assert result.stdout == "None\n"
    assert "waits for its assets: 1 of 2 are updated, not yet: b" in result.stderr
    found = json.loads(call("dags", "details", "waiter", "-o", "json").stdout)[0]
    assert found["dataset_expression"] == {"all": ["s3://a", {"name": "b"}]}
    told = json.loads(call("assets", "details", "--uri", "s3://a", "-o", "json").stdout)[0]
    assert told["latest_events"][0]["extra"] == {"n": "1"}


def test_an_asset_is_made_by_its_dag(call: Call) -> None:
    """Where just one DAG makes it."""
    made = json.loads(call("assets", "materialize", "--name", "first", "-o", "json").stdout)
    assert (made[0]["dag_id"], made[0]["state"]) == ("maker", "queued")
    assert "no DAG makes it" in call("assets", "materialize", "--name", "b").stderr
