"""The list of DAGs as its page shows it: the last runs of each, and what a person likes to see."""

from typing import Annotated, Any

import msgspec

from flowctl.core.states import RunState, RunType
from flowctl.store import favourites
from flowctl.store.queries import dag_list
from flowctl.store.queries import dags as dag_queries
from flowctl.store.queries import tasks as task_queries
from flowctl.store.queries.dag_list import Wanted
from flowctl.store.roles import DAGS, EDIT, READ
from flowctl.web.api.runs import require_dag
from flowctl.web.call import Call
from flowctl.web.paging import OrderedPage, order_of, page
from flowctl.web.reading import When, shown
from flowctl.web.routes import NoQuery, on_dag, route

RUNS_SHOWN = 14


class LastRun(msgspec.Struct):
    """One of the last runs of a DAG."""

    run_id: str
    state: RunState
    run_type: RunType
    logical_date: When
    start_date: When | None
    end_date: When | None


class AssetsAwaited(msgspec.Struct):
    """How many of the assets that a DAG waits for are new, and how many there are."""

    new: int
    total: int


class DagListEntry(msgspec.Struct):
    """One DAG; `runs` has its last runs, the oldest first."""

    dag_id: str
    display_name: str
    description: str | None
    file: str
    is_paused: bool
    is_active: bool
    is_favourite: bool
    may_edit: bool
    has_import_error: bool
    tags: list[str]
    owners: list[str]
    schedule: str  # as people write it; "" where there is none
    next_logical_date: When | None
    next_run_after: When | None
    assets: AssetsAwaited | None  # None: its schedule waits for none
    running: int  # runs
    queued: int  # runs
    runs: list[LastRun]
    task_states: dict[str, int]  # of the last run: how many task instances are in which state


class DagList(msgspec.Struct):
    dags: list[DagListEntry]
    total_entries: int


class DagListQuery(OrderedPage, kw_only=True):
    order_by: Annotated[str, order_of(dag_list.ORDERS)] | None = None
    search: str | None = None
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    paused: bool | None = None
    active: bool = True
    state: tuple[RunState, ...] = ()  # of the last run
    only_favourites: bool = False
    has_import_error: bool | None = None
    runs: Annotated[int, msgspec.Meta(ge=0, le=50)] = RUNS_SHOWN


@route("GET", "/ui/dags", may=on_dag(READ, DAGS), tag="View")
def get_dag_list(call: Call[DagListQuery, None]) -> DagList:
    """List DAGs, each with its last runs and how the tasks of the last one stand."""
    asked, mine = call.query, _account(call)
    wanted = Wanted(
        readable=call.caller.dags(),
        search=asked.search,
        tags=asked.tags,
        owners=asked.owners,
        active=asked.active,
        paused=asked.paused,
        states=asked.state,
        favourites_of=mine if asked.only_favourites else None,
        has_import_error=asked.has_import_error,
    )
    with call.reading() as conn:
        found = dag_list.page(conn, page(call.site, asked), wanted)
        ids = [row.dag_id for row in found.rows]
        runs = dag_list.last_runs(conn, ids, max(asked.runs, 1))
        latest = {dag_id: rows[0].pk for dag_id, rows in runs.items() if rows}
        facts = _Facts(
            runs,
            task_queries.state_counts(conn, latest.values()),
            dag_queries.tags(conn, ids),
            dag_list.unfinished(conn, ids),
            dag_list.assets_awaited(conn, ids),
            favourites.of(conn, mine, ids),
        )
    return DagList([_entry(call, row, facts, asked.runs) for row in found.rows], found.total)


class _Facts(msgspec.Struct):
    """What is known of the DAGs of one page."""

    runs: dict[str, list[dag_list.LastRun]]
    states: dict[int, dict[str, int]]
    tags: dict[str, list[str]]
    unfinished: dict[str, dict[str, int]]
    assets: dict[str, tuple[int, int]]
    favourites: set[str]


def _entry(call: Call[Any, Any], row: Any, facts: _Facts, shown_runs: int) -> DagListEntry:
    dag_id = row.dag_id
    runs = facts.runs[dag_id]
    under_way = facts.unfinished.get(dag_id, {})
    return DagListEntry(
        dag_id=dag_id,
        display_name=row.display_name or dag_id,
        description=row.description,
        file=row.file,
        is_paused=row.is_paused,
        is_active=row.is_active,
        is_favourite=dag_id in facts.favourites,
        may_edit=call.caller.may_dag(EDIT, dag_id),
        has_import_error=bool(row.has_import_error),
        tags=facts.tags[dag_id],
        owners=row.owners.split(", ") if row.owners else [],
        schedule=row.schedule,
        next_logical_date=shown(row.next_logical_date),
        next_run_after=shown(row.next_run_after),
        assets=AssetsAwaited(*facts.assets[dag_id]) if dag_id in facts.assets else None,
        running=under_way.get(RunState.RUNNING, 0),
        queued=under_way.get(RunState.QUEUED, 0),
        runs=[_run(one) for one in reversed(runs[:shown_runs])],
        task_states=facts.states[runs[0].pk] if runs else {},
    )


def _run(one: dag_list.LastRun) -> LastRun:
    return LastRun(
        one.run_id,
        one.state,  # type: ignore[arg-type]  # the values of the enums, as the database has them
        one.run_type,  # type: ignore[arg-type]
        one.logical_date,
        one.start_date,
        one.end_date,
    )


# ---------------------------------------------------------------------------------- filters


class Choice(msgspec.Struct):
    """Something a list can be filtered by, and how many DAGs it leaves."""

    name: str
    dags: int


class DagChoices(msgspec.Struct):
    total: int
    paused: int
    tags: list[Choice]
    owners: list[Choice]
    states: list[Choice]  # of the last run


@route("GET", "/ui/dagChoices", may=on_dag(READ, DAGS), tag="View")
def get_dag_choices(call: Call[NoQuery, None]) -> DagChoices:
    """Return what the list of DAGs can be filtered by, and how many DAGs that leaves."""
    with call.reading() as conn:
        rows = dag_list.facets(conn, call.caller.dags())
        tags = dag_list.tags(conn, call.caller.dags())
    owners: dict[str, int] = {}
    states = {state.value: 0 for state in RunState}
    for row in rows:
        for owner in row.owners.split(", ") if row.owners else ():
            owners[owner] = owners.get(owner, 0) + 1
        if row.last_state:
            states[row.last_state] += 1
    return DagChoices(
        len(rows),
        sum(row.is_paused for row in rows),
        _choices(tags),
        _choices(dict(sorted(owners.items()))),
        _choices(states),
    )


def _choices(counts: dict[str, int]) -> list[Choice]:
    return [Choice(name, dags) for name, dags in counts.items()]


# ------------------------------------------------------------------------------- favourites


@route("PUT", "/dags/{dag_id}/favourite", may=on_dag(READ, DAGS), tag="View")
def put_favourite(call: Call[NoQuery, None], dag_id: str) -> None:
    """Make a DAG a favourite of the caller."""
    with call.writing() as conn:
        require_dag(conn, dag_id)
        favourites.add(conn, _account(call), dag_id)
        call.audit(conn, "dag.favourite", dag_id=dag_id, detail={"after": True})


@route("DELETE", "/dags/{dag_id}/favourite", may=on_dag(READ, DAGS), tag="View")
def delete_favourite(call: Call[NoQuery, None], dag_id: str) -> None:
    """Let a DAG be no favourite of the caller any more."""
    with call.writing() as conn:
        require_dag(conn, dag_id)
        favourites.remove(conn, _account(call), dag_id)
        call.audit(conn, "dag.favourite", dag_id=dag_id, detail={"after": False})


def _account(call: Call[Any, Any]) -> int:
    assert call.caller.account is not None  # `Needs` let nobody else through
    return call.caller.account.id
