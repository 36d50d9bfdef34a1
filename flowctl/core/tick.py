"""What should happen now? One pure function, `decide`, from a world and a moment to a plan.

`decide` changes nothing. It works on a `Draft`: the world with this tick's own decisions laid over
it, so that a skip decided now already counts for the tasks after it, down to a fixed point. Its
cost follows what changed: dirty tasks, due timers, and the heads of the ready lanes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from flowctl.core import mapping, past
from flowctl.core.deferral import waits_until
from flowctl.core.plan import Expansion, Move, NewRun, Plan, RunMove
from flowctl.core.slots import Room
from flowctl.core.states import FINISHED, OCCUPYING, TIMED, RunState, RunType, TaskState
from flowctl.core.timetables import Due, Interval, timetable_of
from flowctl.core.trigger_rules import Upstream, Verdict, verdict
from flowctl.core.world import Dag, Lane, Place, Rules, Run, Task, World, lane_of, place_of, tally

LOOKS_PER_RUN_AND_TICK = 1000  # task instances; a tick takes about 25 us for each
RUNS_PER_DAG_AND_TICK = 10  # a long catch-up must not keep the other DAGs waiting
FRESH_FOR = timedelta(minutes=1)
"""How late a run may be made of which its timetable spoke ahead; without catch-up it is then asked
again, as it may have waited for its turn, or the scheduler for its start."""

SETTLED = {
    Verdict.SKIP: TaskState.SKIPPED,
    Verdict.UPSTREAM_FAILED: TaskState.UPSTREAM_FAILED,
}


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
        self.finished: dict[int, int] = defaultdict(int)  # run -> tasks that this plan finishes
        self.past: dict[tuple[int, str], str | None] = {}
        self.stirred: dict[int, list[Look]] = defaultdict(list)  # run -> what to look at again
        self.expanding: set[tuple[int, str]] = set()
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
        """Decide that a task has so many instances."""
        if (run.pk, task_id) not in self.expanding:
            self.expanding.add((run.pk, task_id))
            self.plan.expansions.append(Expansion(run.pk, task_id, count))

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
        """Decide that an unfinished task ends as `state`, also where an attempt of it is alive."""
        if self.state(task) in FINISHED:
            return
        if task.state in OCCUPYING:
            self.plan.kills.append((task.id, task.try_number))
        self.stirred[task.run.pk].extend(self.settle(task, state, reason))

    def defer(self, task: Task) -> None:
        """Decide that the next try begins deferred."""
        self.room.take_deferred(task)
        self.states[task.id] = TaskState.DEFERRED

    def move_run(self, run: Run, state: RunState, reason: str = "") -> None:
        """Decide that the run moves."""
        self.plan.run_moves.append(RunMove(run.pk, self.run_state(run), state, reason))
        self.run_states[run.pk] = state

    def look_at(self, moment: datetime) -> None:
        """Remember that time changes something at `moment`."""
        if self.plan.next_look is None or moment < self.plan.next_look:
            self.plan.next_look = moment


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
    _create_runs(draft, now)
    _advance_backfills(draft)
    _start_runs(draft)
    _end_late_runs(draft, now)
    ready = _examine(draft, now)
    _admit(draft, ready)
    going_on = {task.run.pk for task in ready} | {run_pk for run_pk, _ in draft.expanding}
    going_on |= draft.plan.postponed.keys()
    _finish_runs(draft, going_on, now)
    _write_moves(draft, now)
    _look_again(draft, now)
    return draft.plan


# ---------------------------------------------------------------------------------- runs


class Unforeseen(Exception):
    """The user's own timetable has not been asked, or not for this."""


def next_due(dag: Dag, last: Interval | None, now: datetime) -> Due | None:
    """Return the scheduled run that follows the interval `last`, or None when there is none.

    Raises:
        Unforeseen: only the code of the DAG file knows; see `scheduler.foresight`.
    """
    spec = dag.graph.spec
    if spec.schedule.kind == "own":
        if last not in dag.foreseen:
            raise Unforeseen
        return dag.foreseen[last]
    return timetable_of(spec.schedule).next_due(
        last, spec.start_date, spec.end_date, spec.catchup, now
    )


def _create_runs(draft: Draft, now: datetime) -> None:
    world = draft.world
    if not world.rules.makes_scheduled_runs:
        return
    for dag_id in sorted(world.unknown_due):
        dag = world.dags[dag_id]
        if dag.is_paused or not timetable_of(dag.graph.spec.schedule).can_be_scheduled:
            continue
        try:
            _create_due(draft, dag, next_due(dag, dag.last_interval, now), now, known=False)
        except Unforeseen:
            draft.plan.unforeseen.add(dag_id)
    for run_after, dag_id in world.due:
        if run_after > now:
            draft.look_at(run_after)
            break
        dag = world.dags[dag_id]
        _create_due(draft, dag, dag.due, now, known=True)
    _create_updated(draft)


def _create_due(draft: Draft, dag: Dag, due: Due | None, now: datetime, *, known: bool) -> None:
    active = draft.world.active_runs.get(dag.dag_id, 0) + len(
        draft.world.queued_runs.get(dag.dag_id, ())
    )
    limit = _max_active_runs(dag)
    made = 0
    try:
        if known and active < limit and _may_be_outdated(dag, now):
            due = _asked_again(dag, now)
        while due is not None and due.run_after <= now and active + made < limit:
            draft.plan.new_runs.append(
                NewRun(dag.dag_id, scheduled_run_id(due), RunType.SCHEDULED, dag.version, due)
            )
            made += 1
            due = next_due(dag, (due.interval_start, due.interval_end), now)
            if made == RUNS_PER_DAG_AND_TICK:
                break
    except Unforeseen:
        due = None
        draft.plan.unforeseen.add(dag.dag_id)
    if made or not known or due != dag.due:
        draft.plan.next_due[dag.dag_id] = due
    if due is not None and due.run_after > now:
        draft.look_at(due.run_after)


def _create_updated(draft: Draft) -> None:
    """Make a run of each DAG whose assets were updated; what is new waits while there is no room.

    One run takes all updates that have come. Source: Airflow 2.10, where queued runs count, too.
    """
    world, made = draft.world, Counter(new.dag_id for new in draft.plan.new_runs)
    for dag_id in sorted(world.updated):
        unfinished = world.active_runs.get(dag_id, 0) + len(world.queued_runs.get(dag_id, ()))
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


def _advance_backfills(draft: Draft) -> None:
    """Make the next runs of each backfill, or end it.

    One that stops on failure makes its runs in batches, as Airflow 2.10 does: the next ones only
    once all before have ended, and none after a failure.
    """
    world, plan = draft.world, draft.plan
    for backfill in world.backfills.values():
        active = world.filling.get(backfill.id, 0)
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


def _start_runs(draft: Draft) -> None:
    world = draft.world
    for pk in sorted(world.queued_fills):  # there was room when they were made
        if world.runs[pk].dag_id in world.dags:
            draft.move_run(world.runs[pk], RunState.RUNNING)
    for dag_id, waiting in world.queued_runs.items():
        dag = world.dags.get(dag_id)
        if not waiting or dag is None or dag.is_paused:
            continue
        free = dag.graph.spec.max_active_runs - world.active_runs.get(dag_id, 0)
        if free <= 0:
            continue
        ready = (run for pk in waiting if _has_interval(draft, run := world.runs[pk]))
        runs = sorted(ready, key=lambda run: (run.logical_date, run.pk))
        for run in runs[:free]:
            draft.move_run(run, RunState.RUNNING)


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


def _end_late_runs(draft: Draft, now: datetime) -> None:
    """Stop what runs take longer than they may; their teardowns still run, and then they fail."""
    for deadline, pk in draft.world.deadlines:
        if deadline > now:
            draft.look_at(deadline)
            break
        run = draft.world.runs[pk]
        for task in run.instances:
            if not task.spec.is_teardown:
                draft.stop(task, TaskState.SKIPPED, "the run took longer than its timeout")


# ---------------------------------------------------------------------------------- tasks


def _examine(draft: Draft, now: datetime) -> list[Task]:
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
        if draft.run_state(run) is not RunState.RUNNING:
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
            draft.plan.postponed[run.pk] = agenda.rest(task)
            break
        if state is TaskState.DEFERRED:  # too long: it goes on, and fails
            ready.append(task)
            continue
        found, reason = judge(draft, task)
        if found is Verdict.RUN:
            count = run.length(task.spec.task_id)
            if count is not None and not run.is_expanded(task.spec.task_id, count):
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
    reason = _what_failed(run)
    for task in run.instances:
        if task.spec.is_teardown or task.state is TaskState.RESTARTING:
            continue
        is_running = task.state is TaskState.RUNNING
        draft.stop(task, TaskState.FAILED if is_running else TaskState.SKIPPED, reason)


def _what_failed(run: Run) -> str:
    """Say which tasks let `fail_stop` end the run."""
    failed = [task.name for task in run.instances if task.state is TaskState.FAILED]
    return f"fail_stop: {', '.join(map(repr, failed))} failed"


class Agenda:
    """The task instances of one run to be looked at, each after all that come before it."""

    def __init__(self, draft: Draft, run: Run) -> None:
        self._draft = draft
        self._run = run
        self._places: list[int] = []  # in the DAG's order, a heap
        self._whole: set[str] = set()  # tasks of which all instances are wanted
        self._some: dict[str, set[Task]] = {}
        self._walked: Iterator[Task] = iter(())  # the rest of the task that is being looked at

    def add(self, looks: Iterable[Look]) -> None:
        """Have these looked at, too."""
        for task_id, instances in looks:
            if task_id not in self._run.tasks:
                continue
            if task_id not in self._some:
                self._some[task_id] = set()
                heappush(self._places, self._run.graph.order[task_id])
            if instances is None:
                self._whole.add(task_id)
            else:
                self._some[task_id].update(instances)

    def _may_move(self, task_id: str) -> bool:
        """Say whether what all instances of a task share can change anything for one of them.

        As long as the trigger rule waits for the shared ones alone, whatever they are, the verdict
        about an instance depends on its own upstream tasks only, and those stir it by themselves.
        """
        graph = self._run.graph
        is_alone = len(self._run.tasks[task_id]) == 1
        if is_alone or task_id in graph.deciders or task_id in graph.setups:
            return True
        shared = self._draft.shared(self._run, task_id)
        return verdict(graph.tasks[task_id].trigger_rule, shared) is not Verdict.WAIT

    def rest(self, begun: Task) -> tuple[set[str], set[Task]]:
        """Return what is still to be looked at: whole tasks, and single instances of others.

        Args:
            begun: the instance that came last; it counts as not looked at.
        """
        whole = self._whole & self._some.keys()
        return whole, {begun}.union(self._walked, *self._some.values())

    def __iter__(self) -> Iterator[Task]:
        tasks = self._run.graph.spec.tasks
        while self._places:
            task_id = tasks[heappop(self._places)].task_id
            some = self._some.pop(task_id)
            is_whole = task_id in self._whole
            self._whole.discard(task_id)
            if is_whole and self._may_move(task_id):
                self._walked = iter(self._run.tasks[task_id])
            else:
                self._walked = iter(sorted(some, key=lambda task: task.map_index))
            yield from self._walked


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
        return Verdict.SKIP, _what_failed(run)
    around, said = _setups_around(draft, task)
    if around in SETTLED:
        return around, said
    found, reason = verdict(spec.trigger_rule, draft.upstream(task)), ""
    if spec.task_id in run.graph.lengths and found not in SETTLED:
        found, reason = _judge_length(draft, task, found)
    if found is Verdict.RUN and around is Verdict.WAIT:
        return around, said
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
    if spec.trigger_rule == "always":
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


def _admit(draft: Draft, fresh: list[Task]) -> None:
    """Start ready tasks in the order of their priority, as far as there is room."""
    world, room = draft.world, draft.room
    for task in fresh:
        draft.states[task.id] = TaskState.SCHEDULED
        if task.state is TaskState.DEFERRED:
            room.take_deferred(task, -1)
    lanes: dict[Lane, list[list[Place]]] = defaultdict(list)
    for lane, places in world.lanes.items():
        lanes[lane].append(places)
    new: dict[Lane, list[Place]] = defaultdict(list)
    for task in fresh:
        new[lane_of(task)].append(place_of(task))
    for lane, places in new.items():
        lanes[lane].append(sorted(places))
    heads = [
        (places[0], lane, at, 0) for lane, lists in lanes.items() for at, places in enumerate(lists)
    ]
    heapify(heads)
    while heads and not room.is_full:
        place, lane, at, index = heappop(heads)
        task = world.by_id[place[-1]]
        if room.blocker(task) is not None:
            continue  # and none of its lane can start
        places = lanes[lane][at]
        if index + 1 < len(places):
            heappush(heads, (places[index + 1], lane, at, index + 1))
        is_running = draft.run_state(task.run) is RunState.RUNNING
        if is_running and draft.state(task) is TaskState.SCHEDULED:
            _start(draft, task)


def _start(draft: Draft, task: Task) -> None:
    if task.spec.is_empty:  # it became ready while its DAG was paused
        list(draft.settle(task, TaskState.SUCCESS, ""))
        return
    if begins_deferred(task):
        draft.defer(task)
        return
    draft.room.take(task)
    draft.states[task.id] = TaskState.QUEUED
    draft.plan.moves.append(
        Move(
            task.id,
            task.run.pk,
            task.state,
            TaskState.QUEUED,
            task.try_number + 1,
            resumes=task.waiting_since is not None,
        )
    )


# ---------------------------------------------------------------------------------- the end


def _finish_runs(draft: Draft, going_on: set[int], now: datetime) -> None:
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
    return RunState.FAILED, f"{first.name!r} is {draft.state(first).value}"


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
        if draft.past_blocker(task) is not None:
            return False
    return True


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
    if has_new or plan.postponed or any(move.new is TaskState.SUCCESS for move in plan.moves):
        draft.look_at(now)
    if any(move.old is RunState.RUNNING for move in plan.run_moves):
        draft.look_at(now)
