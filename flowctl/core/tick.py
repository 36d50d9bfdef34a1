"""What should happen now? One pure function, `decide`, from a world and a moment to a plan.

`decide` changes nothing. It works on a `Draft`: the world with this tick's own decisions laid over
it, so that a skip decided now already counts for the tasks after it, down to a fixed point. Its
cost follows what changed: dirty tasks, due timers, and the heads of the ready lanes.
"""

from datetime import datetime

from flowctl.core.admission import admit
from flowctl.core.deferral import waits_until
from flowctl.core.draft import Draft
from flowctl.core.examination import examine
from flowctl.core.holds import release_due
from flowctl.core.new_runs import advance_backfills, create_runs
from flowctl.core.plan import Move, Plan
from flowctl.core.run import Run
from flowctl.core.run_moves import end_late_runs, end_overtaken_runs, finish_runs, start_runs
from flowctl.core.states import RunState, TaskState
from flowctl.core.world import World

STARTS = (RunState.QUEUED, RunState.RUNNING)


def decide(world: World, now: datetime) -> Plan:
    """Say what should be true next.

    Args:
        world: what is true; it is not changed.
        now: the present moment, aware UTC.

    Returns:
        A plan. Carried out, and with nothing else happening, the next plan is empty until
        `next_look`.
    """
    draft = Draft(world)
    release_due(draft, now)
    create_runs(draft, now)
    advance_backfills(draft)
    end_overtaken_runs(draft)
    start_runs(draft)
    end_late_runs(draft, now)
    ready = examine(draft, now)
    going_on = admit(draft, ready) | {task.run.pk for task in ready}
    going_on |= {run_pk for run_pk, _ in draft.expanding}
    going_on |= draft.plan.postponed.keys()
    finish_runs(draft, going_on, now)
    _write_moves(draft, now)
    _look_again(draft, now)
    return draft.plan


def _write_moves(draft: Draft, now: datetime) -> None:
    world = draft.world
    for ti_id, state in draft.states.items():
        task = world.by_id[ti_id]
        if state is not TaskState.QUEUED and state is not task.state:
            reason = draft.reasons.get(ti_id, "")
            is_try = state in (TaskState.SUCCESS, TaskState.DEFERRED)  # an empty task: one, too
            number, until = task.try_number + is_try, None
            if state is TaskState.DEFERRED and task.spec.start_trigger is not None:
                trigger, limit = task.spec.start_trigger, task.spec.execution_timeout
                until = waits_until(trigger, now, now, limit)
                draft.look_at(until or datetime.max.replace(tzinfo=now.tzinfo))
            draft.plan.moves.append(
                Move(ti_id, task.run.pk, task.state, state, number, reason, until=until)
            )


def _look_again(draft: Draft, now: datetime) -> None:
    """Look again at once where this plan itself makes more to do."""
    plan = draft.plan
    has_new = plan.new_runs or plan.asset_runs or plan.expansions or plan.backfill_runs
    if (
        has_new
        or plan.postponed
        or plan.kills
        or any(move.new is TaskState.SUCCESS for move in plan.moves)
    ):
        draft.look_at(now)
    if any((move.old, move.new) != STARTS for move in plan.run_moves):
        draft.look_at(now)
    if any(_may_be_late(draft.world.runs[move.run_pk]) for move in plan.run_moves):
        draft.look_at(now)  # only once a run has started is its deadline known


def _may_be_late(run: Run) -> bool:
    return run.graph.spec.dagrun_timeout is not None
