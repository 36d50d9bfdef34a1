"""What is true once a plan of the scheduler was written? A world learns it without reading it."""

from datetime import datetime

from flowctl.core.dag import later
from flowctl.core.plan import Move, Plan
from flowctl.core.run import Task
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World


def absorb(world: World, plan: Plan, now: datetime) -> None:
    """Have a world learn that a plan was written at `now`, all of it."""
    _note_looks(world, plan)
    _absorb_dates(world, plan)
    _absorb_moves(world, plan, now)
    for release in plan.releases:
        world.release(release)
    _absorb_run_moves(world, plan, now)
    for backfill_id, _ in plan.backfill_ends:
        world.backfills.pop(backfill_id, None)


def _note_looks(world: World, plan: Plan) -> None:
    """What was looked at need not be looked at again, except for what was put off."""
    for pk in plan.examined:
        world.runs[pk].dirty.clear()
        world.runs[pk].stirred.clear()
        world.dirty_runs.discard(pk)
    for pk, (whole, single) in plan.postponed.items():
        world.runs[pk].dirty |= whole
        world.runs[pk].stirred |= single
        world.dirty_runs.add(pk)
    world.dirty_runs = {pk for pk in world.dirty_runs if world.runs[pk].state is RunState.RUNNING}


def _absorb_dates(world: World, plan: Plan) -> None:
    for dag_id, due in plan.next_due.items():
        world.set_due(dag_id, due)
    world.put_news({d: keys for d, keys in world.news.items() if d not in plan.asset_runs})
    for dag_id in plan.unforeseen:
        world.forget_foreseen(dag_id)
    for passed in plan.passed:
        world.dags[passed.dag_id].last_interval = passed.last.interval
    for new in plan.new_runs:
        dag = world.dags[new.dag_id]
        dag.last_interval = later(dag.last_interval, new.due.interval)


def _absorb_moves(world: World, plan: Plan, now: datetime) -> None:
    for move in plan.moves:
        task = world.by_id[move.ti_id]
        if move.new is TaskState.DEFERRED:
            _begin_deferred(world, task, move, now)
        else:
            world.change(task, move.new, try_number=move.try_number)
        if move.resumes:
            task.resumed += 1
            task.max_tries += 1


def _begin_deferred(world: World, task: Task, move: Move, now: datetime) -> None:
    assert task.spec.start_trigger is not None
    world.change(
        task,
        TaskState.DEFERRED,
        try_number=move.try_number,
        retry_at=move.until,
        waiting_since=now,
        next_method=task.spec.start_trigger.method,
    )


def _absorb_run_moves(world: World, plan: Plan, now: datetime) -> None:
    for move in plan.run_moves:
        run = world.runs[move.run_pk]
        if move.new is move.old:
            run.ending = move.reason
            continue
        world.change_run(run, move.new, now)
        if move.new is RunState.FAILED and run.backfill in world.backfills:
            world.backfills[run.backfill].has_failed = True
