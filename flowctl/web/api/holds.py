"""Holding runs and task instances: they do not start until somebody releases them."""

from collections.abc import Callable
from typing import Any

import msgspec

from flowctl.store import holds
from flowctl.store.queries import tasks as queries
from flowctl.store.roles import EDIT, READ
from flowctl.web.api.runs import NOTE, RUNS, require_run
from flowctl.web.api.task_instances import ONE, TASKS
from flowctl.web.call import Call
from flowctl.web.paging import Number
from flowctl.web.problems import BadRequest, NotFound
from flowctl.web.reading import When, moment, shown
from flowctl.web.routes import NoQuery, on_dag, route

RUN = "/dags/{dag_id}/dagRuns/{dag_run_id}"


class Held(msgspec.Struct):
    """Who holds it now, and how many rows that changed."""

    held_by: str | None
    changed: int


class Holder(msgspec.Struct):
    """Who holds it, since when, why, and until when if it is released by itself."""

    held_by: str | None
    held_at: When | None
    held_why: str | None
    held_until: When | None


class HoldBody(msgspec.Struct, forbid_unknown_fields=True):
    why: NOTE = ""
    until: When | None = None  # by default until somebody releases it


class HoldQuery(msgspec.Struct):
    map_index: Number | None = None  # by default all instances of the task


@route("GET", RUN + "/hold", may=on_dag(READ, RUNS), tag="View")
def get_run_hold(call: Call[NoQuery, None], dag_id: str, dag_run_id: str) -> Holder:
    """Return who holds a run."""
    with call.reading() as conn:
        row = require_run(conn, dag_id, dag_run_id)
    return Holder(row.held_by, shown(row.held_at), row.held_why, shown(row.held_until))


@route("POST", RUN + "/hold", may=on_dag(EDIT, RUNS), tag="View", errors=(400,))
def hold_run(call: Call[NoQuery, HoldBody], dag_id: str, dag_run_id: str) -> Held:
    """Let no further task of a run start until it is released; what runs goes on."""
    return _run(call, dag_id, dag_run_id, _holding(call.body, holds.hold_run))


@route("POST", RUN + "/release", may=on_dag(EDIT, RUNS), tag="View")
def release_run(call: Call[NoQuery, None], dag_id: str, dag_run_id: str) -> Held:
    """Let the tasks of a run start again."""
    return _run(call, dag_id, dag_run_id, holds.release_run)


def _run(call: Call[Any, Any], dag_id: str, run_id: str, deed: Callable[..., int]) -> Held:
    with call.writing() as conn:
        changed = deed(conn, require_run(conn, dag_id, run_id), _who(call))
        return Held(require_run(conn, dag_id, run_id).held_by, int(changed))


@route("POST", ONE + "/hold", may=on_dag(EDIT, TASKS), tag="View", errors=(400,))
def hold_task(call: Call[HoldQuery, HoldBody], dag_id: str, dag_run_id: str, task_id: str) -> Held:
    """Let a task instance not start until it is released."""
    deed = _holding(call.body, holds.hold_tasks)
    return _task(call, dag_id, dag_run_id, task_id, deed)


@route("POST", ONE + "/release", may=on_dag(EDIT, TASKS), tag="View")
def release_task(call: Call[HoldQuery, None], dag_id: str, dag_run_id: str, task_id: str) -> Held:
    """Let a task instance start again."""
    return _task(call, dag_id, dag_run_id, task_id, holds.release_tasks)


def _task(
    call: Call[HoldQuery, Any], dag_id: str, run_id: str, task_id: str, deed: Callable[..., int]
) -> Held:
    index = call.query.map_index
    with call.writing() as conn:
        run = require_run(conn, dag_id, run_id)
        if not queries.instances(conn, run.id, task_id, index):
            raise NotFound(f"run {run_id!r} has no task {task_id!r}")
        changed = deed(conn, run, [task_id], _who(call), map_index=index)
        holder = queries.instances(conn, run.id, task_id, index)[0].held_by
    return Held(holder, changed)


def _holding(body: HoldBody, hold: Callable[..., int]) -> Callable[..., int]:
    until = None if body.until is None else moment("until", body.until)
    terms = holds.Terms(body.why.strip(), until)

    def deed(*args: Any, **options: Any) -> int:
        try:
            return hold(*args, terms=terms, **options)
        except holds.HoldError as error:
            raise BadRequest(f"until: {error}") from None

    return deed


def _who(call: Call[Any, Any]) -> holds.Who:
    return holds.Who(call.caller.name, call.now, call.address)
