"""What do the tasks before it, and the run before, mean for a task that has not started?

Both the scheduler and `explain` ask here.
"""

from flowctl.core import mapping
from flowctl.core.draft import Draft
from flowctl.core.holds import blocker
from flowctl.core.run import Run, Task
from flowctl.core.states import TaskState
from flowctl.core.trigger_rules import Verdict, asks_nothing, verdict

SETTLED = {
    Verdict.SKIP: TaskState.SKIPPED,
    Verdict.UPSTREAM_FAILED: TaskState.UPSTREAM_FAILED,
}


def judge_start(draft: Draft, task: Task) -> tuple[Verdict, str]:
    """Say the same as `judge`; but what a person holds does not start."""
    found, reason = judge(draft, task)
    held = blocker(task)
    return (Verdict.WAIT, held) if found is Verdict.RUN and held else (found, reason)


def judge(draft: Draft, task: Task) -> tuple[Verdict, str]:
    """Say what the tasks before it, and the run before, mean for a task that has not started.

    The reason is a sentence for SKIP, UPSTREAM_FAILED and WAIT.
    """
    spec, run = task.spec, task.run
    for parent in run.graph.deciders.get(spec.task_id, ()):
        for decider in run.deciders(parent, task):
            if draft.state(decider) is TaskState.SUCCESS and decider.leaves_out(spec.task_id):
                return Verdict.SKIP, f"{parent!r} decided not to run it"
    if run.failed and run.graph.spec.fail_stop and not spec.is_teardown:
        return Verdict.SKIP, what_failed(run)
    around, said = _setups_around(draft, task)
    if around in SETTLED:
        return around, said
    found, reason = verdict(spec.trigger_rule, draft.upstream(task)), ""
    if found is Verdict.RUN and around is Verdict.WAIT:
        return around, said
    if spec.task_id in run.graph.lengths and found not in SETTLED:
        found, reason = _judge_length(draft, task, found)
    if found is Verdict.RUN or (
        found is Verdict.SKIP and spec.wait_for_past_depends_before_skipping
    ):
        waits = draft.past_blocker(task)
        if waits is not None:
            return Verdict.WAIT, waits
    return found, reason or f"trigger rule {spec.trigger_rule}"


def _judge_length(draft: Draft, task: Task, by_rule: Verdict) -> tuple[Verdict, str]:
    """Say what the results that a task is mapped over mean for it; an empty reason: the rule's.

    Whatever its rule, it cannot run without them.
    """
    run, task_id = task.run, task.spec.task_id
    sources = run.graph.sources.get(task_id, ())
    states = {
        draft.state(instances[0]): source
        for source in sources
        if (instances := run.tasks.get(source)) and instances[0].map_index < 0
    }
    for state, meaning in mapping.UNMAPPABLE.items():
        if state in states:
            return meaning, f"{states[state]!r}, which it is mapped over, is {state.value}"
    if by_rule is not Verdict.RUN:
        return by_rule, ""
    count = run.length(task_id)
    if count == 0:
        return Verdict.SKIP, "there is nothing to map it over"
    if count is not None or task.map_index >= 0:
        return Verdict.RUN, ""
    late = [source for source in sources if not run.is_over(source)]
    if late:
        return Verdict.WAIT, f"it is mapped over the result of {late[0]!r}, which is not there yet"
    return Verdict.UPSTREAM_FAILED, f"{' or '.join(map(repr, sources))} left no list to map it over"


def _setups_around(draft: Draft, task: Task) -> tuple[Verdict, str]:
    """Say what the setup tasks mean that hold for a task without being directly before it.

    All of them must succeed, whatever the rule of the task asks of those directly before it.
    """
    run, spec = task.run, task.spec
    if asks_nothing(spec.trigger_rule):
        return Verdict.RUN, ""
    ids = run.graph.setups.get(spec.task_id, ())
    setups = [setup for name in ids for setup in run.relevant(name, task)]
    for state, meaning in (
        (TaskState.FAILED, Verdict.UPSTREAM_FAILED),
        (TaskState.UPSTREAM_FAILED, Verdict.UPSTREAM_FAILED),
        (TaskState.SKIPPED, Verdict.SKIP),
    ):
        for setup in setups:
            if draft.state(setup) is state:
                return meaning, f"its setup task {setup.name!r} is {state.value}"
    for setup in setups:
        if draft.state(setup) is not TaskState.SUCCESS:
            return Verdict.WAIT, f"its setup task {setup.name!r} has not succeeded yet"
    return Verdict.RUN, ""


def what_failed(run: Run) -> str:
    """Say which tasks let `fail_stop` end the run."""
    failed = [task.name for task in run.instances if task.state is TaskState.FAILED]
    return f"fail_stop: {', '.join(map(repr, failed))} failed"
