"""When each try of a run waited and ran."""

import msgspec

from flowctl.core.states import TaskState
from flowctl.store.queries import grid
from flowctl.store.queries import tasks as task_queries
from flowctl.store.roles import READ
from flowctl.web.api.runs import require_run
from flowctl.web.api.task_instances import TASKS
from flowctl.web.call import Call
from flowctl.web.reading import When, shown
from flowctl.web.routes import NoQuery, on_dag, route


class Bar(msgspec.Struct, omit_defaults=True):
    """One try of a task: queued, then running."""

    task_id: str
    map_index: int
    try_number: int
    state: TaskState
    queued_at: When | None
    start_date: When | None
    end_date: When | None


class Gantt(msgspec.Struct):
    dag_id: str
    run_id: str
    start_date: When | None
    end_date: When | None
    bars: list[Bar]
    expected_s: float | None  # how long the last successful runs took, their median


RECENT = 11


@route("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/gantt", may=on_dag(READ, TASKS), tag="View")
def get_gantt(call: Call[NoQuery, None], dag_id: str, dag_run_id: str) -> Gantt:
    """Return when each try of a run waited and ran."""
    with call.reading() as conn:
        run = require_run(conn, dag_id, dag_run_id)
        rows = task_queries.tries_of_run(conn, run.id)
        took = [
            (row.end_date - row.start_date).total_seconds()
            for row in grid.durations(conn, dag_id, RECENT)
            if row.start_date and row.end_date
        ]
    bars = [
        Bar(
            row.task_id,
            row.map_index,
            row.try_number - row.resumed,
            row.state,
            shown(row.queued_at),
            shown(row.start_date),
            shown(row.end_date),
        )
        for row in rows
    ]
    expected = sorted(took)[len(took) // 2] if took else None
    return Gantt(dag_id, dag_run_id, shown(run.start_date), shown(run.end_date), bars, expected)
