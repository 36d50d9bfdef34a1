"""The world with one tick's own decisions laid over it, and the plan that they become."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from flowctl.core import past
from flowctl.core.plan import Expansion, Plan, RunMove
from flowctl.core.run import Run, Task
from flowctl.core.slots import Room
from flowctl.core.states import FINISHED, OCCUPYING, RunState, TaskState
from flowctl.core.tallies import tally
from flowctl.core.timetables import Due
from flowctl.core.trigger_rules import Upstream
from flowctl.core.world import World

EXPANDED_PER_RUN_AND_TICK = 1000  # instances of mapped tasks; each is a row to be written

Look = tuple[str, Sequence[Task] | None]
"""A task whose situation changed, and that of which of its instances; None: of all."""


class Draft:
    """The world as it will be once the plan is carried out."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.plan = Plan()
        self.states: dict[int, TaskState] = {}
        self.reasons: dict[int, str] = {}
        self.counts: dict[tuple[int, str], Upstream] = {}
        self.run_states: dict[int, RunState] = {}
        self.inner: dict[int, Upstream] = {}  # by task instance
        self.overtaken: dict[str, Due] = {}  # by DAG, the run that is due and cancels the earlier
        self.ending: dict[int, str] = {}  # runs that are being ended from now on, and why
        self.finished: dict[int, int] = defaultdict(int)  # run -> tasks that this plan finishes
        self.past: dict[tuple[int, str], str | None] = {}
        self.stirred: dict[int, list[Look]] = defaultdict(list)  # run -> what to look at again
        self.expanding: dict[tuple[int, str], int] = {}  # run, task -> instances that are added
        self.room = Room(world)

    def state(self, task: Task) -> TaskState:
        """Return the state that the task has, or will have."""
        return self.states.get(task.id, task.state)

    def run_state(self, run: Run) -> RunState:
        """Return the state that the run has, or will have."""
        return self.run_states.get(run.pk, run.state)

    def upstream(self, task: Task) -> Upstream:
        """Return the counts of the states of the tasks before `task`."""
        shared = self.shared(task.run, task.spec.task_id)
        if task.inner is None:
            return shared
        return shared + (self.inner.get(task.id) or task.inner)

    def shared(self, run: Run, task_id: str) -> Upstream:
        """Return the counts that all instances of a task share."""
        return self.counts.get((run.pk, task_id)) or run.upstream[task_id]

    def past_blocker(self, task: Task) -> str | None:
        """Say why the run before holds the task up; the answer is the same for all instances."""
        if not task.spec.depends_on_past:
            return None
        key = (task.run.pk, task.spec.task_id)
        if key not in self.past:
            self.past[key] = past.blocker(task, self.world)
        return self.past[key]

    def expand(self, run: Run, task_id: str, count: int) -> None:
        """Decide that a task has so many instances; a long list takes several ticks."""
        if (run.pk, task_id) in self.expanding:
            return
        there = run.expanded(task_id)
        made = sum(added for (pk, _), added in self.expanding.items() if pk == run.pk)
        upto = min(count, there + max(0, EXPANDED_PER_RUN_AND_TICK - made))
        self.expanding[run.pk, task_id] = max(0, upto - there)
        if upto == there < count:
            self.postpone(run, set(), set(run.tasks[task_id][:1]))
        else:
            self.plan.expansions.append(Expansion(run.pk, task_id, count, upto))

    def postpone(self, run: Run, whole: set[str], single: set[Task]) -> None:
        """Leave it to the next tick to look at these tasks, and at single instances of others."""
        later = self.plan.postponed.setdefault(run.pk, (set(), set()))
        later[0].update(whole)
        later[1].update(single)

    def settle(self, task: Task, state: TaskState, reason: str) -> Iterator[Look]:
        """Decide that the task ends now; yield what comes after it, whose situation changed."""
        self.states[task.id] = state
        self.reasons[task.id] = reason
        run = task.run
        self.finished[run.pk] += 1
        task_id, inner = task.spec.task_id, run.graph.inner
        for others in (run.graph.guarded, run.graph.fed):
            yield from ((name, None) for name in others.get(task_id, ()))
        for child in run.graph.downstream[task_id]:
            if child not in run.tasks:
                continue
            if task_id in inner.get(child, ()):
                yield child, self._tell(task, run.after(child, task), state)
                continue
            key = (run.pk, child)
            if key not in self.counts:
                self.counts[key] = replace(run.upstream[child])
            tally(self.counts[key], task, state, 1)
            yield child, None

    def _tell(self, task: Task, others: Sequence[Task], state: TaskState) -> Sequence[Task]:
        for other in others:
            if other.id not in self.inner:
                self.inner[other.id] = replace(other.inner or Upstream(0))
            tally(self.inner[other.id], task, state, 1)
        return others

    def stop(self, task: Task, state: TaskState, reason: str) -> None:
        """Decide that an unfinished task ends as `state`, also where an attempt of it is alive.

        Such an attempt may just have ended otherwise, unheard: what comes after it, a teardown
        above all, is looked at once this has come true.
        """
        if self.state(task) in FINISHED:
            return
        if task.state in OCCUPYING:
            self.plan.kills.append((task.id, task.try_number))
            self.states[task.id] = state
            self.reasons[task.id] = reason
            self.finished[task.run.pk] += 1
            return
        self.stirred[task.run.pk].extend(self.settle(task, state, reason))

    def defer(self, task: Task) -> None:
        """Decide that the next try begins deferred."""
        self.room.take_deferred(task)
        self.states[task.id] = TaskState.DEFERRED

    def move_run(self, run: Run, state: RunState, reason: str = "") -> None:
        """Decide that the run moves."""
        self.plan.run_moves.append(RunMove(run.pk, self.run_state(run), state, reason))
        self.run_states[run.pk] = state

    def end_run(self, run: Run, reason: str) -> None:
        """Decide to end the run: its tasks are stopped, its teardowns still run, then it fails."""
        self.plan.run_moves.append(RunMove(run.pk, run.state, run.state, reason))
        self.ending[run.pk] = reason
        for task in run.instances:
            if not task.spec.is_teardown:
                self.stop(task, TaskState.SKIPPED, reason)

    def look_at(self, moment: datetime) -> None:
        """Remember that time changes something at `moment`."""
        if self.plan.next_look is None or moment < self.plan.next_look:
            self.plan.next_look = moment
