"""Which runs start, which take too long, and how do runs end?"""

from datetime import datetime

from flowctl.core.draft import Draft
from flowctl.core.holds import blocker
from flowctl.core.new_runs import overtaken, said
from flowctl.core.run import Run, Task
from flowctl.core.states import FINISHED, RunState, TaskState


def start_runs(draft: Draft) -> None:
    """Start queued runs, the oldest first, as far as their DAGs allow."""
    world = draft.world
    if world.drain is not None:
        return
    for pk in sorted(world.census.queued_fills):  # there was room when they were made
        run = world.runs[pk]
        if run.is_whole and run.dag_id in world.dags:
            draft.move_run(run, RunState.RUNNING)
    for dag_id, waiting in world.census.queued.items():
        dag = world.dags.get(dag_id)
        if not waiting or dag is None or dag.is_paused:
            continue
        free = dag.graph.spec.max_active_runs - world.census.active.get(dag_id, 0)
        if free <= 0:
            waited_for = {pk for pk in waiting if world.successors.get(pk)}
            _make_way(draft, _ready(draft, waited_for))
            continue
        runs = sorted(_ready(draft, waiting), key=lambda run: (run.logical_date, run.pk))
        for run in runs[:free]:
            draft.move_run(run, RunState.RUNNING)


def _ready(draft: Draft, waiting: set[int]) -> list[Run]:
    queued = (draft.world.runs[pk] for pk in waiting if pk not in draft.run_states)
    return [run for run in queued if run.is_whole and _has_interval(draft, run)]


def _make_way(draft: Draft, ready: list[Run]) -> None:
    """Put runs back that do nothing but wait for one of `ready`.

    When somebody clears an earlier run, a later one may have its place, and wait for it: both would
    wait for ever. Whoever waits for the place starts once it is free: a person may change the later
    run in this moment, and then it keeps its place.
    """
    world = draft.world
    later = {pk: run for run in ready for pk in world.successors.get(run.pk, ())}
    moved = [pk for pk in sorted(later) if _only_waits_for_past(draft, world.runs[pk])]
    for pk in moved:
        reason = f"it waits for the run before, {later[pk].run_id}, and makes way for it"
        draft.move_run(world.runs[pk], RunState.QUEUED, reason)


def _only_waits_for_past(draft: Draft, run: Run) -> bool:
    if run.state is not RunState.RUNNING or run.backfill is not None or run.ending:
        return False
    waits = False
    for task in run.instances:
        if task.state in FINISHED:
            continue
        if task.state is not TaskState.NONE:
            return False
        if draft.past_blocker(task) is not None:
            waits = True
        elif draft.upstream(task).all_done:
            return False
    return waits


def _has_interval(draft: Draft, run: Run) -> bool:
    """Say whether a run may start: one of a user's timetable is first given its data interval."""
    if run.graph.spec.schedule.kind != "own" or run.data_interval_start is not None:
        return True
    if not run.refused:
        draft.plan.no_interval.add(run.pk)
        return False
    for task in run.instances:
        draft.stop(task, TaskState.SKIPPED, run.refused)
    draft.move_run(run, RunState.FAILED, run.refused)
    return False


def end_late_runs(draft: Draft, now: datetime) -> None:
    """Stop what runs take longer than they may; their teardowns still run, and then they fail."""
    for deadline, pk in draft.world.census.deadlines:
        if deadline > now:
            draft.look_at(deadline)
            break
        run = draft.world.runs[pk]
        for task in run.instances:
            if not task.spec.is_teardown:
                draft.stop(task, TaskState.SKIPPED, "the run took longer than its timeout")


def end_overtaken_runs(draft: Draft) -> None:
    """End the scheduled runs of which the next one is due, where that one cancels them."""
    if draft.world.drain is not None:
        return
    for dag_id, due in draft.overtaken.items():
        dag = draft.world.dags[dag_id]
        date = f"{due.logical_date:%Y-%m-%d %H:%M:%S %Z}"
        reason = f"cancelled: the next run, of {date}, was due ({said(dag)})"
        for run in overtaken(draft.world, dag_id):
            if run.is_whole and not run.ending:
                _cancel(draft, run, reason)


def _cancel(draft: Draft, run: Run, reason: str) -> None:
    if run.state is RunState.RUNNING:
        draft.end_run(run, reason)
        return
    for task in run.instances:
        draft.stop(task, TaskState.SKIPPED, reason)
    draft.move_run(run, RunState.FAILED, reason)


def finish_runs(draft: Draft, going_on: set[int], now: datetime) -> None:
    """End the runs whose tasks have ended, or can never start; not those that go on right now."""
    world = draft.world
    for pk in draft.plan.examined | draft.finished.keys():
        run = world.runs[pk]
        if draft.run_state(run) is not RunState.RUNNING:
            continue
        if run.unfinished == draft.finished.get(pk, 0):
            draft.move_run(run, *_end(draft, run, now))
        elif run.occupying == 0 and pk not in going_on and _is_stuck(draft, run):
            draft.move_run(
                run, RunState.FAILED, "deadlock: none of its unfinished tasks can ever start"
            )


def _end(draft: Draft, run: Run, now: datetime) -> tuple[RunState, str]:
    """Return how a run ended whose tasks have all ended: as its leaves did, if it was in time."""
    ending = run.ending or draft.ending.get(run.pk)
    if ending:
        return RunState.FAILED, ending
    if run.deadline is not None and run.deadline <= now:
        timeout = run.graph.spec.dagrun_timeout
        return RunState.FAILED, f"the run took longer than its timeout, {timeout}"
    bad = [
        task
        for task_id in _deciding(run)
        for task in run.tasks.get(task_id, ())
        if draft.state(task) in (TaskState.FAILED, TaskState.UPSTREAM_FAILED)
    ]
    if not bad:
        return RunState.SUCCESS, ""
    first = min(bad, key=lambda task: (run.graph.order[task.spec.task_id], task.map_index))
    return RunState.FAILED, _blamed(draft, run, first)


def _blamed(draft: Draft, run: Run, last: Task) -> str:
    """Say which task failed; `last` may be one that could not start because of it."""
    if draft.state(last) is TaskState.FAILED:
        return f"{last.name!r} failed"
    failed: list[Task] = []
    seen, left = set[str](), [last.spec.task_id]
    while left:
        task_id = left.pop()
        if task_id in seen or task_id not in run.tasks:
            continue
        seen.add(task_id)
        failed += (one for one in run.tasks[task_id] if draft.state(one) is TaskState.FAILED)
        left += run.graph.tasks[task_id].upstream
    if not failed:
        return f"{last.name!r} could not start"
    first = min(failed, key=lambda task: (run.graph.order[task.spec.task_id], task.map_index))
    return f"{first.name!r} failed, so {last.name!r} could not start"


def _deciding(run: Run) -> frozenset[str]:
    """Return the tasks that say how a run ended; with `fail_stop`, all but the teardowns."""
    graph = run.graph
    if not graph.spec.fail_stop:
        return graph.leaves
    return graph.leaves | {name for name, spec in graph.tasks.items() if not spec.is_teardown}


def _is_stuck(draft: Draft, run: Run) -> bool:
    for task in run.instances:
        state = draft.state(task)
        if state in FINISHED:
            continue
        if state is not TaskState.NONE:
            return False
        if draft.upstream(task).done < draft.upstream(task).total:
            continue
        if blocker(task) or draft.past_blocker(task) is not None:
            return False
    return True
