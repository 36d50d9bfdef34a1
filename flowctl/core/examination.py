"""What becomes of the tasks whose situation changed: which are ready, which end without running?"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from flowctl.core.agenda import Agenda
from flowctl.core.draft import Draft
from flowctl.core.judgement import SETTLED, judge_start, what_failed
from flowctl.core.run import Run, Task
from flowctl.core.states import TIMED, RunState, RunType, TaskState
from flowctl.core.trigger_rules import Verdict
from flowctl.core.world import Rules

LOOKS_PER_RUN_AND_TICK = 400  # task instances; a tick takes about 60 us for each that moves


def examine(draft: Draft, now: datetime) -> list[Task]:
    """Look at every task whose situation changed; return those that became ready."""
    world = draft.world
    ready: list[Task] = []
    retries: dict[int, list[Task]] = defaultdict(list)
    for retry_at, ti_id in world.timers:
        if retry_at > now:
            draft.look_at(retry_at)
            break
        task = world.by_id[ti_id]
        retries[task.run.pk].append(task)
    for pk in world.dirty_runs | retries.keys() | draft.run_states.keys() | draft.stirred.keys():
        run = world.runs[pk]
        if draft.run_state(run) is not RunState.RUNNING or not run.is_whole:
            continue
        if run.logical_date > now and not may_start_early(run, world.rules):
            draft.look_at(run.logical_date)
            continue
        draft.plan.examined.add(pk)
        ready += _examine_run(draft, run, retries.get(pk, ()))
    return ready


def may_start_early(run: Run, rules: Rules) -> bool:
    """Say whether the run's tasks may start before its logical date: backfills may.

    Source: Airflow 2.10, `allow_trigger_in_future`, which counts for DAGs without a schedule.
    """
    if run.run_type == RunType.BACKFILL:
        return True
    return rules.runs_ahead_of_time and run.graph.spec.schedule.kind == "none"


def _examine_run(draft: Draft, run: Run, retries: Sequence[Task]) -> list[Task]:
    if run.failed and run.graph.spec.fail_stop:
        _stop_others(draft, run)
    agenda = Agenda(draft, run)
    agenda.add((task_id, None) for task_id in run.dirty)
    agenda.add((task.spec.task_id, (task,)) for tasks in (run.stirred, retries) for task in tasks)
    agenda.add(draft.stirred.get(run.pk, ()))
    is_due = {task.id for task in retries}
    ready: list[Task] = []
    looks = 0
    for task in agenda:  # grows while it is walked
        state = draft.state(task)
        if state is not TaskState.NONE and not (state in TIMED and task.id in is_due):
            continue
        looks += 1
        if looks > LOOKS_PER_RUN_AND_TICK:
            draft.postpone(run, *agenda.rest(task))
            break
        if state is TaskState.DEFERRED:  # too long: it goes on, and fails
            ready.append(task)
            continue
        count = run.lacking(task.spec.task_id)
        if count and task.map_index >= 0:  # what comes after it must not take some for all
            draft.expand(run, task.spec.task_id, count)
            continue
        found, reason = judge_start(draft, task)
        if found is Verdict.RUN:
            if count:
                draft.expand(run, task.spec.task_id, count)
            elif task.spec.is_empty and draft.room.run_stop(run) is None:
                agenda.add(draft.settle(task, TaskState.SUCCESS, ""))
            elif begins_deferred(task) and draft.room.deferral_blocker(task) is None:
                draft.defer(task)
            else:
                ready.append(task)
        elif found in SETTLED:
            agenda.add(draft.settle(task, SETTLED[found], reason))
        elif task.state in TIMED:
            draft.states[task.id] = TaskState.NONE
    return ready


def begins_deferred(task: Task) -> bool:
    """Say whether the next try of a task begins by waiting for a trigger, without a process."""
    return task.spec.start_trigger is not None and task.waiting_since is None


def _stop_others(draft: Draft, run: Run) -> None:
    """Let a task that failed be the last, as `fail_stop` wants it; only teardowns go on.

    Source: Airflow 2.10 for the states of the tasks: what runs fails, the rest is skipped. There
    the run succeeds when its leaves were skipped so; here the failed task fails it.
    """
    reason = what_failed(run)
    for task in run.instances:
        if task.spec.is_teardown or task.state is TaskState.RESTARTING:
            continue
        is_running = task.state is TaskState.RUNNING
        draft.stop(task, TaskState.FAILED if is_running else TaskState.SKIPPED, reason)
