"""Assets in DAG files: names, URIs, conditions, and what a DAG and its tasks make of them."""

import json
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring.asset_events import InletEventsByInlet, OutletEvents
from flowctl.authoring.asset_schedules import AssetOrTimeSchedule
from flowctl.authoring.assets import (
    Asset,
    AssetAlias,
    AssetWatcher,
    Dataset,
    DatasetAlias,
    Metadata,
)
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.lineage import inlets_of
from flowctl.authoring.state_names import DagRunType
from flowctl.authoring.triggers import BaseEventTrigger
from flowctl.core.assets import Condition, WatcherSpec
from flowctl.operators.asset_functions import asset
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.python import PythonOperator
from flowctl.parsing.convert import dag_spec
from flowctl.triggers.file import FileTrigger

ORACLE = json.loads((Path(__file__).parent / "asset_oracle.json").read_text())
A, B, C = Dataset("s3://a/k"), Asset("b"), DatasetAlias("c")


@pytest.mark.parametrize("case", ORACLE["uris"], ids=lambda case: case["uri"][:40] or "empty")
@pytest.mark.parametrize("generation", ["2", "3"])
def test_uris_are_written_as_airflow_writes_them(case: dict[str, Any], generation: str) -> None:
    """Recorded from Dataset of 2.10.5 and Asset of 3.3.2, without providers."""
    expected = case[generation]
    made = Dataset if generation == "2" else Asset
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if expected is None:
            with pytest.raises(ValueError, match=r"Dataset|Asset"):
                made(uri=case["uri"])
        else:
            assert made(uri=case["uri"]).uri == expected


def test_a_name_or_a_uri_is_enough() -> None:
    """The other is the same; 2.x's second argument is the extra."""
    assert (Asset("x").uri, Asset(uri="s3://x/k").name) == ("x", "s3://x/k")
    assert (Asset("x", "s3://x/k").name, Dataset("s3://x/k", {"k": 1}).extra) == ("x", {"k": 1})
    assert (Dataset("n", "s3://x/k").name, Dataset("s3://x/k").group) == ("n", "dataset")
    assert Asset("x", "s3://x/k") == Dataset("s3://x/k")
    with pytest.raises(TypeError, match="needs a name or a uri"):
        Asset()


def test_conditions_are_joined_by_operators() -> None:
    """Nested as written; equal operators are joined flat."""
    condition = (A & B) | C

    assert condition.as_expression() == {"any": [{"all": ["s3://a/k", "b"]}, {"alias": "c"}]}
    assert (A | B | C).as_expression() == {"any": ["s3://a/k", "b", {"alias": "c"}]}
    assert [uri for uri, _ in condition.iter_assets()] == ["s3://a/k", "b"]
    assert condition.evaluate({"s3://a/k": True, "b": True})
    assert not condition.evaluate({"s3://a/k": True})


TIMED = AssetOrTimeSchedule(timetable="@daily", assets=[B])
SCHEDULES = [
    ([A, B], "assets", {"all": ["s3://a/k", "b"]}, "Dataset"),
    ((A, C), "assets", {"all": ["s3://a/k", {"alias": "c"}]}, "Dataset"),
    (A | B, "assets", {"any": ["s3://a/k", "b"]}, "Dataset"),
    (B, "assets", "b", "Asset"),
    (
        AssetOrTimeSchedule(timetable="@daily", assets=[B]),
        "cron",
        {"all": ["b"]},
        "Asset or @daily",
    ),
]


@pytest.mark.parametrize(("schedule", "kind", "expression", "summary"), SCHEDULES)
def test_a_dag_waits_for_assets(schedule: Any, kind: str, expression: Any, summary: str) -> None:
    """With or without a clock."""
    dag = DAG("d", schedule=schedule, start_date=datetime(2024, 1, 1, tzinfo=UTC))
    EmptyOperator(task_id="t", dag=dag)
    spec = dag_spec(dag, "d.py")

    assert (spec.schedule.kind, spec.schedule.summary) == (kind, summary)
    assert dag.asset_condition is not None
    assert dag.asset_condition.as_expression() == expression
    assert {one.uri for one in spec.assets} <= {"s3://a/k", "b"}
    assert dag.timetable is not None


def test_a_list_with_something_else_is_refused() -> None:
    """It names the DAG."""
    with pytest.raises(AirflowException, match="DAG 'd' is a list with something in it"):
        DAG("d", schedule=[A, "b"])


def test_tasks_name_what_they_read_and_make() -> None:
    """An empty task with outlets is run, since it says something."""
    with DAG("d", schedule=None) as dag:
        first = EmptyOperator(task_id="first", outlets=A)
        first >> EmptyOperator(task_id="second", inlets=["auto"], outlets=[B & A, C])
        EmptyOperator(task_id="third", inlets=[Asset.ref(name="b")])
    tasks = {task.task_id: task for task in dag_spec(dag, "d.py").tasks}

    assert inlets_of(dag.get_task("second")) == [A]
    assert tasks["second"].inlets == (Condition("asset", "s3://a/k"),)
    assert [one.key for one in tasks["second"].outlets] == ["b", "s3://a/k", "c"]
    assert tasks["third"].inlets == (Condition("name", "b"),)
    assert not any(task.is_empty for task in tasks.values())


def test_outlet_events_are_found_by_any_spelling() -> None:
    """By asset, URI, reference and alias."""
    events = OutletEvents([Asset("n", "s3://x/k"), C])
    events["s3://x/k/"].extra["by"] = "uri"

    assert events[Asset("n", "s3://x/k")].extra == {"by": "uri"}
    assert events[Asset.ref(name="n")] is events.for_asset(uri="s3://x/k")
    events.take(Metadata(A, {"k": 1}, alias=C))
    assert [(one.uri, extra) for one, extra in events[C].added] == [("s3://a/k", {"k": 1})]
    events[A].add(B)
    assert events[A].added == []


def test_inlet_events_need_an_inlet() -> None:
    """Found by place, too."""
    events = InletEventsByInlet([A, Asset.ref(name="n")])

    assert (len(events), next(iter(events))) == (2, A)
    for key in (0, "s3://a/k", Asset("n", "s3://else/k")):
        events[key]
    with pytest.raises(KeyError, match="not among the inlets"):
        events[B]


def test_a_decorated_function_is_an_asset_a_dag_and_a_task() -> None:
    """Arguments without a default are inlets."""

    @asset(schedule=[A], uri="s3://made/k", group="g", tags=["x"])
    def made(self: Any, b: Any, context: Any, n: int = 3) -> None: ...

    dag = DAG.autoregistered[-1]
    task = dag.get_task("made")
    assert (made.name, made.uri, made.group) == ("made", "s3://made/k", "g")
    assert (dag.dag_id, dag.catchup, dag.tags) == ("made", False, ["x"])
    assert dag.fileloc == __file__
    assert (task.outlets, [one.name for one in task.inlets]) == ([made], ["b"])
    assert isinstance(task, PythonOperator)


def test_a_decorated_function_can_make_several_assets() -> None:
    """It stands for all of them in a schedule."""

    @asset.multi(schedule=None, outlets=[A, B])
    def several() -> None: ...

    assert several.as_expression() == {"all": ["s3://a/k", "b"]}
    assert DAG.autoregistered[-1].get_task("several").outlets == [A, B]


MISTAKES = [
    (lambda: asset.multi(schedule=None), "needs outlets="),
    (lambda: asset(), "needs schedule="),
    (lambda: asset(schedule=None, dag="x"), "does not take 'dag'; it takes schedule"),
    (lambda: Asset("self"), "not a name for an asset"),
    (lambda: AssetAlias(" "), "name is empty"),
    (lambda: A & 3, "unsupported operand"),
    (lambda: Asset("x" * 1501), "more than 1500 bytes"),
]


@pytest.mark.parametrize(("made", "sentence"), MISTAKES)
def test_a_mistake_is_named(made: Any, sentence: str) -> None:
    """In one sentence."""
    with pytest.raises((TypeError, ValueError), match=sentence):
        made()


def test_runs_of_assets_have_the_type_of_both_airflows() -> None:
    """`in` lists of DAG files written for either one hold."""
    found = [str(one) for one in (DagRunType.ASSET_TRIGGERED, DagRunType.BACKFILL_JOB)]

    assert found == ["dataset_triggered", "backfill"]


class Bell(BaseEventTrigger):
    """Rings."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "bells.Bell", {"tone": 1}


class Dumb(BaseEventTrigger):
    """Cannot be made anew."""


def test_a_watcher_is_a_name_and_a_trigger_that_fires_again() -> None:
    """What its trigger is made of must be plain; its asset is an asset as any other."""
    watcher = AssetWatcher("w", trigger=Bell())

    assert watcher.spec("asset 'a'") == WatcherSpec("w", "bells.Bell", '{"tone":1}')
    assert Asset("a", watchers=[watcher]).spec() == Asset("a").spec()
    with pytest.raises(ValueError, match="is no BaseEventTrigger"):
        AssetWatcher("w", trigger=object())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\[compat\] airflow_version is 3.0.0 or newer"):
        AssetWatcher("w", trigger=FileTrigger("x"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="watchers are AssetWatcher objects, not 1"):
        Asset("a", watchers=[1])  # type: ignore[list-item]
    with pytest.raises(AirflowException, match="watcher 'w' of asset 'a': let serialize"):
        AssetWatcher("w", Dumb()).spec("asset 'a'")


def test_all_watchers_of_an_asset_count_wherever_the_dag_names_it() -> None:
    """The same one twice is one."""
    plain, watched = Asset("a"), Asset("a", watchers=[AssetWatcher("w", Bell())])
    with DAG("d", schedule=[plain]) as dag:
        EmptyOperator(task_id="t", outlets=[watched])
        EmptyOperator(task_id="u", outlets=[watched])

    (found,) = dag_spec(dag, "d.py").assets
    assert [one.name for one in found.watchers] == ["w"]
