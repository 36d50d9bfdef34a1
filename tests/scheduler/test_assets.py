"""Updates of assets make the runs that they make in Airflow, each event in one run of each DAG."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from flowctl.authoring.assets import BaseAsset, Dataset, DatasetAlias
from flowctl.authoring.ports import AssetQuery
from flowctl.authoring.schedules import schedule_spec
from flowctl.core.assets import AssetSpec, AssetUpdate
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import assets, dags
from flowctl.store.assets import Update
from flowctl.store.engine import reading, writing
from flowctl.store.queries import assets as queries
from flowctl.store.schema import dag_run
from tests.scheduler.dying import until_quiet

FACTS = json.loads((Path(__file__).parent / "data" / "assets.json").read_text())
NOW = datetime(2026, 3, 1, tzinfo=UTC)
A, B = Dataset("s3://bucket/a/"), Dataset("b")
SCHEDULES: dict[str, Any] = {
    "on_a": [A],
    "on_both": [A, B],
    "on_any": A | B,
    "on_alias": [DatasetAlias("al")],
    "on_nest": (A & B) | Dataset("never"),
}


def define(engine: Engine) -> None:
    """Let a file define the DAGs of the recording."""
    specs = tuple(
        DagSpec(dag_id, "d.py", (TaskSpec("t"),), schedule=schedule_spec(dag_id, schedule, "UTC"))
        for dag_id, schedule in SCHEDULES.items()
    )
    assert all(isinstance(one, BaseAsset | list) for one in SCHEDULES.values())
    with writing(engine) as conn:
        parsed = ParsedFile("d.py", "1", specs, source=b"1")
        dags.record(conn, parsed, NOW, paused_at_creation=False)


def test_the_runs_are_those_of_airflow(engine: Engine) -> None:
    """Which DAGs ran, in which order, with which events; and what is left in the queue."""
    define(engine)
    for number, step in enumerate(FACTS["steps"]):
        at = NOW + timedelta(minutes=number)
        for uri, extra, aliases in step:
            said = AssetUpdate(AssetSpec(uri, uri), extra, tuple(aliases))
            with writing(engine) as conn:
                assets.record(conn, [Update(said)], at)
        until_quiet(engine, at)

    found: dict[str, list[Any]] = {}
    with reading(engine) as conn:
        for run in conn.execute(select(dag_run).order_by(dag_run.c.logical_date)):
            events = queries.events(conn, AssetQuery(run_pk=run.id))
            found.setdefault(run.dag_id, []).append(sorted([e.uri, e.extra] for e in events))
        queue = [[dag_id, row.uri] for dag_id in SCHEDULES for row in queries.queued(conn, dag_id)]
    assert found == FACTS["runs"]
    assert sorted(queue) == FACTS["queue"]
