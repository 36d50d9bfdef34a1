"""Why is it not running? The first true cause, in words.

A view of what the scheduler decides: `judgement.judge` (with `past.blocker` in it) and `slots.Room`
are asked, the very functions that `decide` asks, in the order in which it asks them. So the answer
cannot differ from what the scheduler does. Nothing is decided here.
"""

from collections.abc import Collection
from datetime import datetime

from flowctl.core.assets import Condition, Key, keys, progress
from flowctl.core.coming import Unforeseen, next_due
from flowctl.core.dag import Dag
from flowctl.core.draft import Draft
from flowctl.core.examination import may_start_early
from flowctl.core.judgement import judge, judge_start
from flowctl.core.new_runs import overlap_of, overtaken, said
from flowctl.core.run import Run, Task
from flowctl.core.slots import EXECUTOR, Room
from flowctl.core.states import FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.timetables import Due
from flowctl.core.trigger_rules import Verdict, why
from flowctl.core.world import World

FREE = "nothing keeps it; the scheduler starts it next"
HANDED_OVER = "the executor has it; its process starts once core.parallelism leaves room"
NAMED_MAX = 5  # tasks that take the room which another one lacks
FAILED = (TaskState.FAILED, TaskState.UPSTREAM_FAILED)


def of_dag(world: World, dag_id: str, now: datetime) -> str:
    """Say why a DAG has no run to wait for: when the next one comes, or why none does."""
    stop = Room(world).dag_stop(dag_id)
    if stop is not None:
        return stop
    dag = world.dags[dag_id]
    if not world.rules.makes_scheduled_runs and dag.graph.spec.schedule.kind != "none":
        return "no runs are made by schedules ([scheduler] use_job_schedule)"
    if dag.graph.spec.schedule.kind == "assets":
        return _assets(world, dag)
    try:
        due = next_due(dag, dag.last_interval, now)
    except Unforeseen:
        timetable = dag.graph.spec.schedule.timetable
        return f"the scheduler is asking the timetable {timetable} of DAG {dag_id!r} for dates"
    if due is None:
        return f"DAG {dag_id!r} has no run, and none is due: {_no_due(dag)}"
    waits = _overlap(dag, world, due) or _run_limit(dag, world)
    if due.run_after <= now and waits is not None:
        return waits
    if due.run_after <= now:
        return f"the run of {_in_words(due.logical_date)} is due; the scheduler makes it next"
    start = dag.graph.spec.start_date
    if start is not None and start > now:
        return (
            f"the start date of DAG {dag_id!r} is ahead, {_in_words(start)}; its first run comes"
            f" at {_in_words(due.run_after)}"
        )
    return f"the next run of DAG {dag_id!r} comes at {_in_words(due.run_after)}"


def _overlap(dag: Dag, world: World, due: Due) -> str | None:
    """Say that the run that is due has to wait for earlier ones to end, or None."""
    overlap, others = overlap_of(dag), overtaken(world, dag.dag_id)
    if not others or not overlap.is_newest_only:
        return None
    earlier = ", ".join(run.run_id for run in others)
    becomes = "waits for" if overlap.waits else "is passed over because of"
    return f"the run of {_in_words(due.logical_date)} is due and {becomes} {earlier} ({said(dag)})"


def _assets(world: World, dag: Dag) -> str:
    if dag.dag_id in world.updated:
        return _run_limit(dag, world) or "its assets are updated; the scheduler makes a run next"
    waits = hint(dag.graph.spec.schedule.condition, world.news.get(dag.dag_id, ()))
    return f"DAG {dag.dag_id!r} waits for its assets: {waits}"


def hint(condition: Condition | None, new: Collection[Key]) -> str:
    """Say how far the assets of a condition are: "1 of 2 are updated, not yet: ...", or ""."""
    if condition is None:
        return ""
    count, total = progress(condition, new)
    missing = ", ".join(key for kind, key in keys(condition) if (kind, key) not in new)
    return f"{count} of {total} are updated" + (f", not yet: {missing}" if missing else "")


def _no_due(dag: Dag) -> str:
    spec = dag.graph.spec
    if spec.schedule.kind == "none":
        return "it has no schedule; start a run with: flowctl dags trigger " + dag.dag_id
    if spec.start_date is None:
        return "it has no start date"
    return f"its schedule {spec.schedule.summary} has no further date before its end date"


def of_run(world: World, run: Run, now: datetime) -> str | None:
    """Say what keeps all tasks of a run, or None when nothing does."""
    if run.is_finished:
        return f"run {run.run_id} has ended: {run.state.value}"
    stop = Room(world).run_stop(run)
    if stop is not None:
        return stop
    if not run.is_whole:
        return "the scheduler is still making its task instances"
    if run.state is RunState.QUEUED:
        limit = _run_limit(world.dags[run.dag_id], world)
        return limit or "the run is queued; the scheduler starts it next"
    if run.logical_date > now and not may_start_early(run, world.rules):
        return f"the run's logical date is ahead, {_in_words(run.logical_date)}"
    return None


def _run_limit(dag: Dag, world: World) -> str | None:
    """Say that no more runs of a DAG may be under way, or None."""
    limit, active = dag.graph.spec.max_active_runs, world.census.active.get(dag.dag_id, 0)
    if active < limit:
        return None
    return (
        f"{active} runs of DAG {dag.dag_id!r} are under way, as many as its max_active_runs"
        f" ({limit}) allows"
    )


def of_task(world: World, task: Task, now: datetime, reason: str | None = None) -> str:
    """Say why a task instance has not started, or what it does, or how it ended.

    Of one that ended or runs, the metastore knows more: its process, its times.

    Args:
        reason: why it ended, as recorded at that time; its upstream tasks may have been cleared
            since. None: what holds now is taken for what held then.
    """
    if task.state in FINISHED:
        return _ended(world, task, reason)
    if task.state is TaskState.RUNNING:
        return f"it runs, try {task.shown_try}"
    if task.state is TaskState.RESTARTING:
        return "it was cleared while it ran; its process is being ended, then it runs again"
    waits = of_run(world, task.run, now)
    if task.state is TaskState.QUEUED:
        return waits or HANDED_OVER
    if waits is not None:
        return waits
    if task.state is TaskState.DEFERRED:
        return f"try {task.shown_try} is deferred: it waits for its trigger"
    if task.retry_at is not None and task.retry_at > now:
        return _waits(task, _in_words(task.retry_at))
    return _before_start(world, task)


def _waits(task: Task, until: str) -> str:
    if task.state is TaskState.UP_FOR_RESCHEDULE:
        return f"try {task.shown_try} waits until {until} for its next look"
    return (
        f"try {task.shown_try} failed; try {task.shown_try + 1} of {task.shown_max_tries + 1}"
        f" comes at {until}"
    )


def _ended(world: World, task: Task, reason: str | None) -> str:
    verdict, holds_now = judge(Draft(world), task)
    if task.state is TaskState.UPSTREAM_FAILED:
        is_so, head = verdict is Verdict.UPSTREAM_FAILED, "it did not run, upstream failed"
    elif task.state is TaskState.SKIPPED and (task.try_number == 0 or holds_now == reason):
        is_so, head = verdict is Verdict.SKIP, "it was skipped"
    else:
        return f"it has ended: {task.state.value}, after {_tries(task.shown_try)}"
    if is_so and reason in (None, "", holds_now):
        return f"{head}: {_sentence(world, task, holds_now)}"
    if reason and reason != _rule_alone(task):
        return f"{head}: {reason}"
    return f"{head} as its upstream tasks stood then. Now {_rule(world, task)}. {_anew(task)}"


def _anew(task: Task) -> str:
    """Say how a task that ended is looked at again: what comes before it does not do that."""
    return (
        f"It stays {task.state.value} until it is cleared, too: flowctl tasks clear"
        f" {task.run.dag_id} --run-id {task.run.run_id} -t '^{task.spec.task_id}$'"
    )


def _tries(number: int) -> str:
    return "1 try" if number == 1 else f"{number} tries"


def _before_start(world: World, task: Task) -> str:
    verdict, reason = judge_start(Draft(world), task)
    if verdict is Verdict.RUN:
        return _no_room(world, task) or FREE
    return COMING.get(verdict, "") + _sentence(world, task, reason)


def _no_room(world: World, task: Task) -> str | None:
    """Say why there is no room for a task that is ready, and who takes it, by name."""
    room = Room(world)
    stop = room.run_stop(task.run)
    if stop is not None:
        return stop
    limit = room.limit(task)
    if limit is None:
        return None
    users = [f"{other.run.dag_id}.{other.name}" for other in takers(world, limit.name)]
    if not users:
        return limit.reason
    more = f" and {len(users) - NAMED_MAX} more" if len(users) > NAMED_MAX else ""
    return f"{limit.reason}; taken by {', '.join(sorted(users)[:NAMED_MAX])}{more}"


def takers(world: World, limit: str) -> list[Task]:
    """Return the tasks that take what there is of a limit."""
    return [
        other for other in world.by_id.values() if _takes(world, other) and limit in limits(other)
    ]


def _takes(world: World, task: Task) -> bool:
    """Say whether a task takes slots now."""
    pool = world.pools.get(task.spec.pool)
    keeps = task.state is TaskState.DEFERRED and pool is not None and pool.include_deferred
    return task.state in OCCUPYING or keeps


def limits(task: Task) -> tuple[str, ...]:
    """Return the names of the limits that a task which runs counts for; see `slots.Room`."""
    if task.state is TaskState.DEFERRED:
        return (f"pool {task.spec.pool}",)
    dag_id = task.run.dag_id
    name = f"task {dag_id}.{task.spec.task_id}"
    return (
        EXECUTOR,
        f"pool {task.spec.pool}",
        f"max_active_tasks of DAG {dag_id}",
        f"max_active_tis_per_dag of {name}",
    )


COMING = {
    Verdict.SKIP: "the scheduler skips it next: ",
    Verdict.UPSTREAM_FAILED: "the scheduler fails it next, upstream failed: ",
}


def _sentence(world: World, task: Task, reason: str) -> str:
    """Return the reason of a verdict; where it is the trigger rule alone, in full."""
    return _rule(world, task) if reason == _rule_alone(task) else reason


def _rule_alone(task: Task) -> str:
    """Return the reason that `judge` gives, and the metastore keeps, for the rule itself."""
    return f"trigger rule {task.spec.trigger_rule}"


def _rule(world: World, task: Task) -> str:
    """Say what the trigger rule needs, and how the upstream tasks stand, by name."""
    run, spec = task.run, task.spec
    inner = run.graph.inner.get(spec.task_id, ())
    states = {
        other.name: other.state
        for parent in spec.upstream
        for other in (run.before(parent, task) if parent in inner else run.tasks.get(parent, ()))
    }
    return why(
        spec.trigger_rule,
        Draft(world).upstream(task),
        failed=[f"{name} {_shown(state)}" for name, state in states.items() if state in FAILED],
        skipped=[name for name, state in states.items() if state is TaskState.SKIPPED],
        unfinished=[
            f"{name} {_shown(state)}" for name, state in states.items() if state not in FINISHED
        ],
    )


def _shown(state: TaskState) -> str:
    return "has not started" if state is TaskState.NONE else f"is {state.value}"


def _in_words(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")
