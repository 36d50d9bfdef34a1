"""How the scheduler's world follows the metastore, reading only what moved.

Two sources: the facts that the runner sends after each of its commits, and the revisions in the
metastore, asked for when somebody else says that he changed something, and now and then anyway.
Every commit raises the revision of its run by one, so a gap in what was heard is seen.
"""

import math
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection

from flowctl.core.attempt import Ended
from flowctl.core.run import Run, Task
from flowctl.core.states import LIVE, OCCUPYING, TaskState
from flowctl.core.world import World
from flowctl.runner.facts import told
from flowctl.runner.messages import Facts, RunFact, TaskFact
from flowctl.store import drains, run_reader, snapshot
from flowctl.store.run_reader import Part
from flowctl.store.versions import Versions

Key = tuple[int, int]

UNKNOWN = -1  # no revision
TASKS_AT_ONCE = 1000  # of DAGs, whose graphs are worked out: each takes about 10 us
READ_AT_ONCE = 1500
"""Task instances that one tick reads: each takes about 10 us. A larger run is read in steps."""


class Memory:
    """Keeps a world true."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kills: list[Key] = []  # attempts that somebody else ended in the metastore
        self.stale: set[int] = set()  # runs to be read anew
        self.unmade: set[int] = set()  # runs that are made in steps
        self._part: Part | None = None  # a large run that is being read
        self.has_news = True  # what is new of assets, and the backfills, are to be read anew
        self._versions = Versions()
        self._has_peaks = False  # what tasks took was read; later peaks are heard of
        self._loose: set[int] = set()  # runs that perhaps nobody needs any more
        self._handed: list[Ended] = []  # outcomes for the leader to write
        self._ahead: dict[int, set[int]] = defaultdict(set)  # revisions heard of before the gap

    # ------------------------------------------------------------------ facts

    def hear(self, facts: Facts) -> None:
        """Take in what the runner wrote."""
        self.has_news = self.has_news or facts.assets
        self._handed += facts.handed
        for fact in facts.runs:
            run = self.world.runs.get(fact.run_pk)
            if run is None or fact.revision <= run.revision:
                continue
            if not fact.is_all:
                self.stale.add(run.pk)
                continue
            self._believe(run, fact)
            self.raise_revision(run, fact.revision)

    def take_handed(self) -> tuple[list[Ended], list[Key]]:
        """Take in the outcomes that the leader is to write, with the plan that follows from them.

        Returns:
            Those that are known now, and those for the runner to write: what is not known for
            sure cannot be planned on.
        """
        known, left = [], []
        for entry in self._handed:
            task = self.world.by_id.get(entry.outcome.ti_id)
            is_read = entry.run_pk not in self.stale and self._part is None
            if is_read and task and task_key(task) == entry.key and task.state in LIVE:
                self._change(task, told(entry.outcome))
                known.append(entry)
            else:
                left.append(entry.key)
        self._handed = []
        return known, left

    def _believe(self, run: Run, fact: RunFact) -> None:
        for moved in fact.tasks:
            task = self.world.by_id.get(moved.ti_id)
            is_meant = task is not None and task.try_number == moved.try_number
            if task is not None and is_meant and task.state in OCCUPYING:
                self._change(task, moved)
        for ti_id in fact.skipped:
            task = self.world.by_id.get(ti_id)
            if task is not None and task.state in (TaskState.NONE, TaskState.SCHEDULED):
                self.world.change(task, TaskState.SKIPPED)
            else:
                self.stale.add(run.pk)

    def _change(self, task: Task, moved: TaskFact) -> None:
        task.followed, task.bypassed = run_reader.decision(moved.branch)
        if moved.state is not TaskState.RUNNING and (moved.peak_bytes or self.world.peaks):
            self.world.learn(task, moved.peak_bytes)
        self.world.change(
            task,
            moved.state,
            retry_at=moved.retry_at,
            waiting_since=moved.waiting_since,
            left=moved.left,
            next_method=moved.next_method,
        )

    def raise_revision(self, run: Run, revision: int) -> None:
        """Note that everything in the commit with this revision is known."""
        ahead = self._ahead[run.pk]
        ahead.add(revision)
        while run.revision + 1 in ahead:
            run.revision += 1
            ahead.discard(run.revision)
        if not ahead:
            del self._ahead[run.pk]

    @property
    def is_stale(self) -> bool:
        """Say whether something is to be read anew."""
        return bool(self.stale) or self._part is not None or self.has_news

    # ------------------------------------------------------------------ reading

    def renew(self, conn: Connection) -> None:
        """Read everything anew, however much that is: commits may have happened unheard."""
        self._handed = []  # they are the runner's again
        self.doubt()
        self.refresh(conn, math.inf)

    def doubt(self) -> None:
        """Have everything read anew that is known: of DAGs also which run was made last.

        Else a run that was made unheard would seem to be due still, and to be overtaken by itself.
        """
        self.stale |= set(self.world.runs)
        for dag in self.world.dags.values():
            dag.revision = UNKNOWN
        if self._part is not None:
            self.stale.add(self._part.run.pk)
            self._part = None

    def refresh(self, conn: Connection, room: float = READ_AT_ONCE) -> bool:
        """Read everything that moved since it was last read; with `room` and answer of `reread`."""
        self.world.pools = snapshot.read_pools(conn)
        self.world.drain = drains.read(conn)
        if not self._has_peaks:
            self.world.peaks, self._has_peaks = snapshot.read_peaks(conn), True
        is_enough = self._refresh_dags(conn) > TASKS_AT_ONCE
        self.has_news = True
        needed = self.world.successors.keys() & self.world.runs.keys()
        revisions = snapshot.run_revisions(conn, needed)
        for pk in self.world.runs.keys() - revisions.keys():
            self._drop(pk)
        self.stale |= {
            pk
            for pk, revision in revisions.items()
            if pk not in self.world.runs or self.world.runs[pk].revision != revision
        }
        return self.reread(conn, room) or is_enough

    def _refresh_dags(self, conn: Connection) -> int:
        """Read the DAGs that moved; return how many tasks they have."""
        world = self.world
        revisions = snapshot.dag_revisions(conn)
        for dag_id in world.dags.keys() - revisions.keys():
            world.drop_dag(dag_id)
        moved = [
            dag_id
            for dag_id, revision in revisions.items()
            if dag_id not in world.dags or world.dags[dag_id].revision != revision
        ]
        if not moved:
            return 0
        found = snapshot.read_dags(conn, self._versions, moved)
        for dag in found:
            world.put_dag(dag)
        used = {id(dag.graph) for dag in world.dags.values()}
        self._versions.keep(used | {id(run.graph) for run in world.runs.values()})
        return sum(len(dag.graph.tasks) for dag in found)

    def reread(self, conn: Connection, room: float = READ_AT_ONCE) -> bool:
        """Read the stale runs, and the runs before them that their tasks depend on; and news.

        Args:
            room: how many task instances to read at most; what is left is stale still.

        Returns:
            Whether what was read is large enough for one tick.
        """
        if self.has_news:
            snapshot.read_news(self.world, conn)
            self.has_news = False
        is_enough = False
        if self._part is not None:
            is_enough = self._read_on(conn, self._part, room)
        else:
            self._read_stale(conn, room)
        loose, self._loose = self._loose, set()
        self.forget(loose)
        return is_enough

    def disbelieve(self, conn: Connection, pks: set[int]) -> None:
        """Read these runs anew at once, however large: what was believed of them is not so."""
        others, self.stale = self.stale - pks, pks
        self._read_stale(conn, math.inf)
        self.stale |= others

    def _read_stale(self, conn: Connection, room: float) -> None:
        while self.stale:
            sizes = run_reader.sizes(conn, self.stale)
            wanted: set[int] = set()
            for pk in sorted(self.stale):
                room -= sizes.get(pk, 0)
                if room < 0:
                    break
                wanted.add(pk)
            self.stale -= wanted
            found = run_reader.read_runs(conn, self._versions, wanted)
            for pk in wanted - {run.pk for run in found}:
                self._drop(pk)
            for run in found:
                self._replace(run)
            if room < 0:
                if not wanted:
                    self._begin(conn, min(self.stale))
                return

    def _begin(self, conn: Connection, pk: int) -> None:
        """Begin to read a run in steps; one that is new counts from now on."""
        self.stale.discard(pk)
        self._part = run_reader.begin(conn, self._versions, pk)
        if self._part is None:
            self._drop(pk)
        elif pk not in self.world.runs:
            self.world.put_run(self._part.run)

    def _read_on(self, conn: Connection, part: Part, room: float) -> bool:
        found = run_reader.read_on(conn, self._versions, part, int(room))
        if found is None:
            return False
        self._part = None
        self.stale.discard(part.run.pk)
        if not found:
            self._drop(part.run.pk)
        for run in found:
            self._replace(run)
        return True

    def _replace(self, run: Run) -> None:
        old = self.world.runs.get(run.pk)
        if old is not None:
            self.kills += [task_key(t) for t in old.instances if _was_ended(t, run)]
            self._let_go(old)
        if run.is_finished:
            self._loose.add(run.pk)
        self._ahead.pop(run.pk, None)
        self.world.put_run(run)
        if run.made is None or run.is_finished:
            self.unmade.discard(run.pk)
        else:
            self.unmade.add(run.pk)
        previous = run.previous_pk
        if previous is not None and previous not in self.world.runs and not run.is_finished:
            self.stale.add(previous)

    def _drop(self, pk: int) -> None:
        self.stale |= self.world.successors.get(pk, set())  # another run is before them now
        self.unmade.discard(pk)
        run = self.world.runs.get(pk)
        if run is not None:
            self.kills += [task_key(t) for t in run.instances if t.state in OCCUPYING]
            self._let_go(run)
            self.world.drop_run(pk)
            self._ahead.pop(pk, None)

    def _let_go(self, run: Run) -> None:
        """Note that a run which is dropped or replaced may not need the one before it any more."""
        if run.previous_pk is not None:
            self._loose.add(run.previous_pk)

    def forget(self, pks: Iterable[int]) -> None:
        """Let finished runs go that nobody depends on."""
        for pk in pks:
            run = self.world.runs.get(pk)
            if run is not None and not self.world.is_wanted(run):
                previous = run.previous_pk
                self.world.drop_run(pk)
                self._ahead.pop(pk, None)
                if previous is not None:
                    self.forget([previous])


def task_key(task: Task) -> Key:
    """Return the key of the attempt that a task instance has now."""
    return (task.id, task.try_number)


def _was_ended(task: Task, run: Run) -> bool:
    """Say whether somebody ended, cleared or removed a task while its attempt was under way."""
    if task.state not in OCCUPYING:
        return False
    instances = run.tasks.get(task.spec.task_id, ())
    now = next((one for one in instances if one.id == task.id), None)
    return (
        now is None
        or now.try_number != task.try_number
        or now.state not in OCCUPYING
        or now.state is TaskState.RESTARTING
    )
