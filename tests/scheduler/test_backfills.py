"""Backfills leave the rows that Airflow's leave, also when the scheduler dies again and again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.run import Task
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import TaskState
from flowctl.store import backfills, dag_actions, dags
from flowctl.store.backfills import Wanted
from flowctl.store.engine import reading, writing
from flowctl.store.queries import backfills as queries
from flowctl.store.schema import dag_run, task_instance
from tests.scheduler.dying import tick, until_quiet

FACTS = json.loads((Path(__file__).parent / "data" / "backfills.json").read_text())
FIRST, LAST = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 30, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
BAD = {datetime(2024, 3, day, tzinfo=UTC) for day in (5, 17)}
DAILY = ScheduleSpec("cron", expression="0 0 * * *", timezone="UTC", summary="@daily")


def define(engine: Engine, dag_id: str) -> None:
    """Let a file define the DAG of the recording, paused."""
    tasks = (TaskSpec("a"), TaskSpec("b", upstream=("a",)))
    spec = DagSpec(dag_id, "d.py", tasks, schedule=DAILY, start_date=FIRST, catchup=False)
    with writing(engine) as conn:
        dags.record(conn, ParsedFile("d.py", "1", (spec,), source=b"1"), NOW)
        dag_actions.pause(conn, [dag_id])


def fate(task: Task) -> TaskState:
    """Fail the first task of the bad days."""
    is_bad = task.spec.task_id == "a" and task.run.logical_date in BAD
    return TaskState.FAILED if is_bad else TaskState.SUCCESS


def left(engine: Engine) -> dict[str, Any]:
    """Return what the backfill left, in the form of the recording."""
    found: dict[str, Any] = {}
    columns = [task_instance.c.task_id, task_instance.c.state, task_instance.c.try_number]
    with reading(engine) as conn:
        rows = conn.execute(
            select(dag_run, *(column.label(f"ti_{column.name}") for column in columns)).join(
                task_instance, task_instance.c.dag_run_id == dag_run.c.id
            )
        ).all()
    for row in rows:
        run = found.setdefault(row.run_id, {"tasks": {}})
        run |= {"run_type": row.run_type, "state": row.state}
        run["logical_date"] = plain(row.logical_date)
        run["interval"] = [plain(row.data_interval_start), plain(row.data_interval_end)]
        run["tasks"][row.ti_task_id] = [row.ti_state, row.ti_try_number]
    return found


def plain(moment: datetime) -> str:
    return str(moment.replace(tzinfo=None))


CASES = [("fill", {"max_active_runs": 5}), ("stop", {"max_active_runs": 7})]


@pytest.mark.parametrize(("dag_id", "options"), CASES)
def test_thirty_days_leave_the_rows_of_airflow(
    engine: Engine, dag_id: str, options: dict[str, int]
) -> None:
    """Two days fail; it is paused in between, and the DAG is paused all the time."""
    define(engine, dag_id)
    stops = dag_id == "stop"
    wanted = Wanted(dag_id, FIRST, LAST, "resume", stops_on_failure=stops, **options)  # type: ignore[arg-type]
    with writing(engine) as conn:
        pk = backfills.create(conn, wanted, "me", NOW)
    assert pk is not None
    for number in range(3):
        tick(engine, NOW + timedelta(seconds=number), fate)
    with writing(engine) as conn:
        backfills.pause(conn, pk, "me", NOW)
    until_quiet(engine, NOW + timedelta(minutes=10), fate)
    halfway = left(engine)
    assert 0 < len(halfway) < len(FACTS["runs"][dag_id]) + stops
    with writing(engine) as conn:
        if queries.one(conn, pk).completed_at is None:
            backfills.pause(conn, pk, "me", NOW, paused=False)
    until_quiet(engine, NOW + timedelta(minutes=20), fate)

    assert left(engine) == FACTS["runs"][dag_id]
    with reading(engine) as conn:
        assert queries.one(conn, pk).outcome == "failed"
