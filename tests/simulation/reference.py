"""How a run must have ended, worked out naively: each task from the end states before it.

No time, no limits, no faults: none of them may change how a run ends. The rules are written out
anew, as plain questions about a list of states. Where it matters which task ended first (one before
a task failed, another was skipped), each answer is right that some order gives.
"""

from collections.abc import Callable, Iterator

from flowctl.core.run import Run, Task
from flowctl.core.spec import TaskSpec
from flowctl.core.states import FINISHED, RunState, TaskState
from tests.simulation.shapes import Fate, Fates

SUCCESS, FAILED, SKIPPED = TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED
UPSTREAM_FAILED = TaskState.UPSTREAM_FAILED
RUN = TaskState.RUNNING  # what a rule answers if the task is to run
BAD = (FAILED, UPSTREAM_FAILED)
States = list[TaskState]
Answers = set[TaskState]
Ends = dict[tuple[str, int], TaskState]  # by task and map index


def _if_any(*wanted: TaskState, then: TaskState) -> Callable[[States], Answers]:
    return lambda states: {then} if any(state in wanted for state in states) else set()


def _both(*rules: Callable[[States], Answers]) -> Callable[[States], Answers]:
    return lambda states: set().union(*(rule(states) for rule in rules))


_FAILS_BY_ONE = _if_any(*BAD, then=UPSTREAM_FAILED)
_SKIPS_BY_ONE = _if_any(SKIPPED, then=SKIPPED)

AT_ONCE: dict[str, Callable[[States], Answers]] = {
    "all_success": _both(_FAILS_BY_ONE, _SKIPS_BY_ONE),
    "all_failed": _if_any(SUCCESS, SKIPPED, then=SKIPPED),
    "all_done": lambda _: set(),
    "all_done_setup_success": lambda _: set(),
    "all_done_min_one_success": _SKIPS_BY_ONE,
    "one_success": _if_any(SUCCESS, then=RUN),
    "one_failed": _if_any(*BAD, then=RUN),
    "one_done": _if_any(SUCCESS, FAILED, then=RUN),
    "none_failed": _FAILS_BY_ONE,
    "none_failed_min_one_success": _FAILS_BY_ONE,
    "none_failed_or_skipped": _FAILS_BY_ONE,
    "none_skipped": _SKIPS_BY_ONE,
    "all_skipped": _if_any(SUCCESS, *BAD, then=SKIPPED),
    "always": lambda _: {RUN},
    "dummy": lambda _: {RUN},
}
"""What a rule may say before all have ended: one of these states is enough."""


def _unless_all_skipped(otherwise: TaskState) -> Callable[[States], TaskState]:
    return lambda states: SKIPPED if all(s is SKIPPED for s in states) else otherwise


def _run(_: States) -> TaskState:
    return RUN


AT_LAST: dict[str, Callable[[States], TaskState]] = dict.fromkeys(AT_ONCE, _run) | {
    "all_done_min_one_success": lambda states: RUN if SUCCESS in states else UPSTREAM_FAILED,
    "one_success": _unless_all_skipped(UPSTREAM_FAILED),
    "one_failed": lambda _: SKIPPED,
    "one_done": lambda _: SKIPPED,
    "none_failed_min_one_success": _unless_all_skipped(RUN),
    "none_failed_or_skipped": _unless_all_skipped(RUN),
}
"""What it says once all have ended and it said nothing before."""


def objection(run: Run, before: Run | None, fates: Fates) -> str:
    """Say what is wrong with how a run ended whose tries have these fates, or nothing.

    Args:
        before: the run that `depends_on_past` means, as it ended.
    """
    ends = _ends(run)
    if run.graph.spec.fail_stop and FAILED in ends.values():
        return _objection_to_stop(run, before, fates)
    for spec in run.graph.spec.tasks:
        wrong = _objection(run, before, spec, ends, fates)
        if wrong:
            return wrong
    return ""


def _ends(run: Run) -> Ends:
    return {(t.spec.task_id, t.map_index): t.state for t in run.instances}


def _objection_to_stop(run: Run, before: Run | None, fates: Fates) -> str:
    """Of a run that one failure stopped: some task failed by itself, and teardowns ran as ever."""
    failed = [task for task in run.instances if task.state is FAILED]
    if not any(_is_played(task, fates) for task in failed):
        return "it was stopped, and no task failed by itself"
    for spec in run.graph.spec.tasks:
        if spec.is_teardown:
            wrong = _objection(run, before, spec, _ends(run), fates)
            if wrong:
                return wrong
    return ""


def objection_to_cancelling(run: Run, before: Run | None, fates: Fates) -> str:
    """Say what is wrong with how a run ended that was cancelled: its teardowns ran as ever."""
    if run.graph.spec.overlap != "cancel_running":
        return f"it was cancelled, and is {run.graph.spec.overlap}"
    if run.is_finished and run.state is not RunState.FAILED:
        return f"it was cancelled, and is {run.state}"
    if run.start_date is None:
        began = [task.name for task in run.instances if task.try_number]
        return f"{began} began, and the run did not" if began else ""
    wrong = [
        _objection(run, before, t, _ends(run), fates) for t in run.graph.spec.tasks if t.is_teardown
    ]
    return next(filter(None, wrong), "")


def _objection(run: Run, before: Run | None, spec: TaskSpec, ends: Ends, fates: Fates) -> str:
    found = {at: state for (name, at), state in ends.items() if name == spec.task_id}
    if any(state not in FINISHED for state in found.values()):
        return ""  # see `impatience`
    wanted = _wanted(run, spec, ends, fates)
    if found.keys() not in [set(one) for one in wanted]:
        return f"{spec.task_id} has the indexes {sorted(found)}, wanted {wanted}"
    for at, state in found.items():
        allowed = {answer for one in wanted for answer in one.get(at, ())}
        task = run.task(spec.task_id, at)
        if task.shown_try and _is_blocked(spec, run, before):
            return f"{task.name} began, and the run before did not let it"
        if RUN in allowed and _is_played(task, fates):
            continue
        if state not in allowed or not _stopped_between(task, fates):
            return f"{task.name} is {state} after {task.shown_try} tries, allowed {allowed}"
    return ""


def impatience(run: Run, before: Run | None) -> str:
    """Say which task of a run should have ended or begun, and has not; nothing: all rightly wait.

    Only the run before may let one wait for ever, and it those that come after it.
    """
    ends = _ends(run)
    for task in run.instances:
        if task.state in FINISHED:
            continue
        if task.state is not TaskState.NONE:
            return f"{task.name} is {task.state}"
        answers = _answers(run, task.spec, task.map_index, ends)
        length = task.spec.length
        if length is not None and length.kind == "result":
            source = ends[length.task_id, -1]
            if source not in FINISHED:
                answers = answers - {RUN}
            elif source is not SUCCESS:
                answers = {SKIPPED if source is SKIPPED else UPSTREAM_FAILED}
        may_skip_late = task.spec.wait_for_past_depends_before_skipping
        waits = {RUN, SKIPPED} if may_skip_late else {RUN}
        if answers and not (answers <= waits and _is_blocked(task.spec, run, before)):
            return f"{task.name} waits, and nothing keeps it from {answers}"
    return ""


def _is_blocked(spec: TaskSpec, run: Run, before: Run | None) -> bool:
    """Say whether the run before does not let a task begin."""
    if before is None or not spec.depends_on_past:
        return False
    names = {spec.task_id}
    if spec.wait_for_downstream:
        names |= {task.task_id for task in run.graph.spec.tasks if spec.task_id in task.upstream}
    states = [state for (name, _), state in _ends(before).items() if name in names]
    return any(state not in (SUCCESS, SKIPPED) for state in states)


def _wanted(run: Run, spec: TaskSpec, ends: Ends, fates: Fates) -> list[dict[int, Answers]]:
    """Return what instances a task may have, each with what may become of it."""
    answers = _answers(run, spec, -1, ends)
    length = run.graph.lengths.get(spec.task_id)
    if length is None:
        return [{-1: answers}]
    settled, count = answers - {RUN}, length.count
    if length.kind == "result":
        source = ends[length.task_id, -1]
        if source is not SUCCESS:
            return [{-1: settled | {SKIPPED if source is SKIPPED else UPSTREAM_FAILED}}]
        count = fates.length(run.run_id, length.task_id)
    forms: list[dict[int, Answers]] = []
    if RUN in answers:
        many = {at: _answers(run, spec, at, ends) for at in range(count)}
        forms.append(many or {-1: {SKIPPED}})
    return [*forms, {-1: settled}] if settled else forms


def _answers(run: Run, spec: TaskSpec, index: int, ends: Ends) -> Answers:
    """Say what the tasks before an instance may mean for it; nothing: they let it wait."""
    answers = _by_rule(run, spec, index, ends)
    if spec.trigger_rule in ("always", "dummy"):
        return answers
    around = [ends[name, -1] for name in _setups_around(run, spec)]
    if any(state is not SUCCESS for state in around):
        answers = answers - {RUN}
    answers |= _FAILS_BY_ONE(around) | _SKIPS_BY_ONE(around)
    return answers


def _by_rule(run: Run, spec: TaskSpec, index: int, ends: Ends) -> Answers:
    if not spec.upstream:
        return {RUN}
    counted = list(_counted(run, spec, index, ends))
    states = [state for state, is_out in counted]
    if any(is_out for _, is_out in counted):
        others = [state for state, is_out in counted if not is_out]
        return {SKIPPED} | AT_ONCE[spec.trigger_rule](others)
    answers = AT_ONCE[spec.trigger_rule](states)
    if answers or any(state not in FINISHED for state in states):
        return answers
    if spec.trigger_rule == "all_done_setup_success":
        return {_after_setups(run, spec, ends)}
    return {AT_LAST[spec.trigger_rule](states)} if states else {RUN}


def _after_setups(run: Run, spec: TaskSpec, ends: Ends) -> TaskState:
    """Say what the setups directly before a teardown mean for it, once all before it ended."""
    setups = {task.task_id for task in run.graph.spec.tasks if task.is_setup}
    states = [ends[name, -1] for name in setups.intersection(spec.upstream)]
    if not states or SUCCESS in states:
        return RUN
    return SKIPPED if all(state is SKIPPED for state in states) else UPSTREAM_FAILED


def _setups_around(run: Run, spec: TaskSpec) -> list[str]:
    """Return the setups that hold for a task, and are not directly before it."""
    tasks = {task.task_id: task for task in run.graph.spec.tasks}
    if spec.is_teardown:
        return []
    found = []
    for name in _all_before(tasks, spec.task_id) - set(spec.upstream):
        ends = [t.task_id for t in tasks.values() if t.is_teardown and name in t.upstream]
        is_within = any(spec.task_id in _all_before(tasks, end) for end in ends)
        if tasks[name].is_setup and (is_within or not ends):
            found.append(name)
    return found


def _all_before(tasks: dict[str, TaskSpec], task_id: str) -> set[str]:
    above = set(tasks[task_id].upstream)
    return above.union(*(_all_before(tasks, name) for name in above))


def _counted(run: Run, spec: TaskSpec, index: int, ends: Ends) -> Iterator[tuple[TaskState, bool]]:
    """Yield the states before an instance, each with whether it is a branch that leaves it out."""
    task_id = spec.task_id
    for parent in spec.upstream:
        is_near = run.graph.share_group(parent, task_id)
        for (name, at), state in ends.items():
            is_own = at in (-1, index)
            if name != parent or (parent in run.graph.inner.get(task_id, ()) and not is_own):
                continue
            followed = run.task(parent, at).followed
            decides = state is SUCCESS and followed is not None and is_own
            yield state, decides and (at < 0 or is_near) and task_id not in (followed or ())


def _is_played(task: Task, fates: Fates) -> bool:
    """Say whether an instance ended as its tries do, after as many of them as it takes."""
    if task.spec.is_empty:
        return task.state is SUCCESS and task.shown_try == 1
    for number in range(1, task.spec.retries + 2):
        state = _fate(task, fates, number).state
        if state is not FAILED:
            break
    return task.state is state and task.shown_try == number


def _stopped_between(task: Task, fates: Fates) -> bool:
    """Say whether an instance was between two starts, where it is asked again if it may run."""
    number = task.shown_try
    if not number:
        return True
    if task.spec.is_empty:
        return False
    fate = _fate(task, fates, number)
    may_retry = fate.state is FAILED and number <= task.spec.retries
    return may_retry or TaskState.UP_FOR_RESCHEDULE in fate.pauses


def _fate(task: Task, fates: Fates, number: int) -> Fate:
    run = task.run
    return fates.of(run.run_id, run.dag_id, task.spec.task_id, task.map_index, number)
