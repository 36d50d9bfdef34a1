"""Which runs should there be: by schedules, updated assets and backfills?"""

from collections import Counter
from datetime import datetime, timedelta

from flowctl.core.coming import Unforeseen, next_due
from flowctl.core.dag import Dag
from flowctl.core.draft import Draft
from flowctl.core.overlap import OVERLAPS, QUEUE_ALL, Overlap
from flowctl.core.passing import pass_over, pass_over_older
from flowctl.core.plan import NewRun
from flowctl.core.run import Run
from flowctl.core.states import RunType
from flowctl.core.timetables import Due, timetable_of
from flowctl.core.world import World

RUNS_PER_DAG_AND_TICK = 10  # a long catch-up must not keep the other DAGs waiting
FRESH_FOR = timedelta(minutes=1)
"""How late a run may be made of which its timetable spoke ahead; without catch-up it is then asked
again, as it may have waited for its turn, or the scheduler for its start."""


def create_runs(draft: Draft, now: datetime) -> None:
    """Make the runs that are due by schedules and by updates of assets."""
    world = draft.world
    if not world.rules.makes_scheduled_runs:
        return
    for dag_id in sorted(world.calendar.unknown):
        dag = world.dags[dag_id]
        if dag.is_paused or not timetable_of(dag.graph.spec.schedule).can_be_scheduled:
            continue
        try:
            _create_due(draft, dag, next_due(dag, dag.last_interval, now), now, known=False)
        except Unforeseen:
            draft.plan.unforeseen.add(dag_id)
    for run_after, dag_id in world.calendar.due:
        if run_after > now:
            draft.look_at(run_after)
            break
        dag = world.dags[dag_id]
        _create_due(draft, dag, dag.due, now, known=True)
    _create_updated(draft)


def _create_due(draft: Draft, dag: Dag, due: Due | None, now: datetime, *, known: bool) -> None:
    census = draft.world.census
    active = census.active.get(dag.dag_id, 0) + len(census.queued.get(dag.dag_id, ()))
    room = min(_max_active_runs(dag) - active, RUNS_PER_DAG_AND_TICK)
    overlap, earlier = overlap_of(dag), overtaken(draft.world, dag.dag_id)
    made = 0
    try:
        if known and room > 0 and _may_be_outdated(dag, now):
            due = _asked_again(dag, now)
        while due is not None and due.run_after <= now:
            is_free = not made and not earlier
            due = _still_wanted(draft, dag, due, now, waits=is_free or overlap.waits)
            if due is None or due.run_after > now:
                break
            if overlap.cancels and earlier:
                draft.overtaken[dag.dag_id] = due
            if made >= room or (overlap.is_newest_only and not is_free):
                break
            if overlap.is_newest_only:
                due = pass_over_older(draft, dag, due, now, f"a newer one had come, {said(dag)}")
            draft.plan.new_runs.append(
                NewRun(dag.dag_id, scheduled_run_id(due), RunType.SCHEDULED, dag.version, due)
            )
            made += 1
            due = next_due(dag, due.interval, now)
    except Unforeseen:
        due = None
        draft.plan.unforeseen.add(dag.dag_id)
    if made or not known or due != dag.due:
        draft.plan.next_due[dag.dag_id] = due
    if due is not None and due.run_after > now:
        draft.look_at(due.run_after)


def _still_wanted(draft: Draft, dag: Dag, due: Due, now: datetime, *, waits: bool) -> Due | None:
    """Pass over what is too old, or must not wait; return the first run that is left."""
    spec = dag.graph.spec
    if not timetable_of(spec.schedule).may_pass_over:
        return due
    found: Due | None = due
    if spec.catchup and spec.catchup_window:
        why = f"it was due longer ago than the catchup_window, {spec.catchup_window}"
        found = pass_over(draft, dag, due, now - spec.catchup_window, why)
    if found is not None and not waits:
        found = pass_over(draft, dag, found, now, f"an earlier run had not ended, {said(dag)}")
    return found


def overtaken(world: World, dag_id: str) -> list[Run]:
    """Return the scheduled runs that go on, the oldest first: some of their tasks have not ended.

    Those of which all have are only to be written down as ended.
    """
    found = (world.runs[pk] for pk in sorted(world.census.scheduled.get(dag_id, ())))
    return [run for run in found if run.unfinished or not run.is_whole]


def overlap_of(dag: Dag) -> Overlap:
    """Return what becomes of a run that is due while an earlier one has not ended."""
    spec = dag.graph.spec
    name = spec.overlap if timetable_of(spec.schedule).may_pass_over else QUEUE_ALL
    return OVERLAPS[name]


def said(dag: Dag) -> str:
    """Return the DAG's overlap policy as its file writes it."""
    return f"overlap={dag.graph.spec.overlap!r}"


def _create_updated(draft: Draft) -> None:
    """Make a run of each DAG whose assets were updated; what is new waits while there is no room.

    One run takes all updates that have come. Source: Airflow 2.10, where queued runs count, too.
    """
    world = draft.world
    if not world.updated:
        return
    made = Counter(new.dag_id for new in draft.plan.new_runs)
    for dag_id in sorted(world.updated):
        unfinished = world.census.active.get(dag_id, 0) + len(world.census.queued.get(dag_id, ()))
        if unfinished + made[dag_id] < _max_active_runs(world.dags[dag_id]):
            draft.plan.asset_runs.append(dag_id)


def _may_be_outdated(dag: Dag, now: datetime) -> bool:
    """Say whether a due run may have waited so long for its turn that it is left out."""
    if dag.graph.spec.catchup or dag.due is None:
        return False
    speaks_ahead = timetable_of(dag.graph.spec.schedule).looks_ahead_only
    return not speaks_ahead or now - dag.due.run_after > FRESH_FOR


def _asked_again(dag: Dag, now: datetime) -> Due | None:
    if dag.graph.spec.schedule.kind == "own":
        raise Unforeseen
    return next_due(dag, dag.last_interval, now)


def advance_backfills(draft: Draft) -> None:
    """Make the next runs of each backfill, or end it.

    One that stops on failure makes its runs in batches, as Airflow 2.10 does: the next ones only
    once all before have ended, and none after a failure.
    """
    world, plan = draft.world, draft.plan
    for backfill in world.backfills.values():
        active = world.census.filling.get(backfill.id, 0)
        is_stopped = backfill.stops_on_failure and backfill.has_failed
        if is_stopped or not backfill.waiting:
            if not active:
                how = "failed" if backfill.has_failed else "success"
                plan.backfill_ends.append((backfill.id, how))
            continue
        waits = backfill.is_paused or backfill.dag_id not in world.dags
        if not waits and not (backfill.stops_on_failure and active):
            room = max(0, backfill.max_active_runs - active)
            plan.backfill_runs += [(backfill.id, key) for key in backfill.waiting[:room]]


def scheduled_run_id(due: Due) -> str:
    """Return the run id of a scheduled run, in Airflow's form."""
    return due.run_id or f"scheduled__{due.logical_date.isoformat()}"


def _max_active_runs(dag: Dag) -> int:
    spec = dag.graph.spec
    own = timetable_of(spec.schedule).active_runs_limit
    return spec.max_active_runs if own is None else min(own, spec.max_active_runs)
