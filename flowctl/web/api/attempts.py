"""Every start of a task instance: when, where, and what became of it."""

import msgspec

from flowctl.core.states import TaskState
from flowctl.store.queries import tasks as queries
from flowctl.store.roles import READ
from flowctl.web.api import task_choice
from flowctl.web.api.runs import require_run
from flowctl.web.api.task_instances import ONE, TASKS, require_task
from flowctl.web.call import Call
from flowctl.web.paging import Number
from flowctl.web.reading import When, seconds, shown
from flowctl.web.routes import on_dag, route


class Attempt(msgspec.Struct):
    """One start; a try that was deferred has several, which share its number."""

    try_number: int
    start_number: int  # 1 for the first start of the task instance
    state: TaskState
    queued_at: When
    start_date: When | None
    end_date: When | None
    queued_s: float | None
    run_s: float | None
    host: str | None
    pid: int | None
    exit_code: int | None
    signal: int | None
    reason: str | None
    peak_memory_bytes: int | None
    cpu_s: float | None
    has_log: bool


class Attempts(msgspec.Struct):
    attempts: list[Attempt]  # the first one first
    memory_limit_bytes: int | None  # that the processes of each may take together


class AttemptsQuery(msgspec.Struct):
    map_index: Number = -1


@route("GET", ONE + "/attempts", may=on_dag(READ, TASKS), tag="View")
def get_attempts(
    call: Call[AttemptsQuery, None], dag_id: str, dag_run_id: str, task_id: str
) -> Attempts:
    """List the starts of a task instance with process, exit, memory and CPU time of each."""
    with call.reading() as conn:
        run = require_run(conn, dag_id, dag_run_id)
        row = require_task(conn, dag_id, dag_run_id, task_id, call.query.map_index)
        rows = queries.tries(conn, row.id)
        spec = task_choice.specs(conn, {run.version_id})[run.version_id].get(task_id)
    return Attempts(
        [
            Attempt(
                one.try_number - one.resumed,
                one.try_number,
                one.state,
                shown(one.queued_at),
                shown(one.start_date),
                shown(one.end_date),
                seconds(one.queued_at, one.start_date),
                seconds(one.start_date, one.end_date),
                one.host and one.host.partition(":")[0],
                one.pid,
                one.exit_code,
                one.signal,
                one.reason,
                one.peak_rss_bytes,
                one.cpu_s,
                bool(one.log_path),
            )
            for one in rows
        ],
        spec.memory_bytes if spec else None,
    )
