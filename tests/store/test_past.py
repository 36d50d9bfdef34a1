"""A task looks at the run before it as under Airflow 2.10.5, from the rows to the decision.

`data/ask_past.py` asked Airflow; `data/past.json` holds its answers.
"""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from flowctl.core import past
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec, encode
from flowctl.core.states import FINISHED, RunType, TaskState
from flowctl.core.world import World
from flowctl.store import run_reader, schema
from flowctl.store.engine import writing
from flowctl.store.upsert import insert_missing
from flowctl.store.versions import Versions

ANSWER = json.loads((Path(__file__).parent / "data" / "past.json").read_text())
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
DAILY = ScheduleSpec("cron", expression="0 0 * * *", timezone="UTC", summary="@daily")
CASES: dict[str, list[dict[str, Any]]] = defaultdict(list)
for row in ANSWER["cases"]:
    case = dict(zip(ANSWER["fields"], row, strict=True))
    CASES[case["one"]].append(case)


def put_version(conn: Connection, dag_id: str, case: dict[str, Any]) -> int:
    """Store the DAG of a case; return the key of its version."""
    one = TaskSpec(
        "one",
        depends_on_past=True,
        wait_for_downstream=case["wait"],
        ignore_first_depends_on_past=case["ignore_first"],
        start_date=FIRST + timedelta(days=2) if case["starts_later"] else FIRST,
    )
    tasks = (one, TaskSpec("two", upstream=("one",), start_date=FIRST))
    spec = DagSpec(dag_id, "f.py", tasks, schedule=DAILY, catchup=case["catchup"])
    insert_missing(conn, schema.dag_source, [{"hash": "h", "content": b""}])
    version: int = conn.execute(
        insert(schema.dag_version)
        .values(
            dag_id=dag_id,
            number=1,
            digest=dag_id,
            spec=encode(spec).decode(),
            file="f.py",
            source_hash="h",
            created_at=FIRST,
        )
        .returning(schema.dag_version.c.id)
    ).scalar_one()
    return version


def put_run(
    conn: Connection, dag_id: str, version: int, day: int, run_type: str, states: dict[str, str]
) -> int:
    """Store a run with its task instances, but for those that are absent."""
    run: int = conn.execute(
        insert(schema.dag_run)
        .values(
            dag_id=dag_id,
            run_id=f"run_{day}",
            run_type=run_type,
            state="running",
            version_id=version,
            logical_date=FIRST + timedelta(days=day),
            queued_at=FIRST,
            updated_at=FIRST,
        )
        .returning(schema.dag_run.c.id)
    ).scalar_one()
    for task_id, state in states.items():
        if state != "absent":
            ended = FIRST if TaskState(state) in FINISHED else None
            values = {"task_id": task_id, "state": state, "end_date": ended}
            conn.execute(insert(schema.task_instance).values(dag_run_id=run, **values))
    return run


def may_start(conn: Connection, dag_id: str, case: dict[str, Any]) -> bool:
    """Say what flowctl thinks about `one` in the last of three runs."""
    version = put_version(conn, dag_id, case)
    oldest = "success" if case["has_prior"] else "absent"
    first = put_run(conn, dag_id, version, 0, "scheduled", {"one": oldest, "two": "success"})
    before = {"one": case["one"], "two": case["two"]}
    second = put_run(conn, dag_id, version, 1, case["previous_type"], before)
    last = put_run(conn, dag_id, version, 2, RunType.SCHEDULED, {"one": "none", "two": "none"})
    world = World(parallelism=32)
    for run in run_reader.read_runs(conn, Versions(), [first, second, last]):
        world.put_run(run)
    return past.blocker(world.runs[last].task("one"), world) is None


@pytest.mark.parametrize("state", CASES)
def test_a_task_waits_for_the_run_before_where_airflow_waits(state: str, engine: Engine) -> None:
    """All kinds of earlier run, states of the tasks in it, and settings of the task."""
    with writing(engine) as conn:
        wrong = [
            case
            for number, case in enumerate(CASES[state])
            if may_start(conn, f"{state}_{number}", case) != case["may_start"]
        ]
    assert wrong == []
