"""How the scheduler's world follows the metastore, reading only what moved.

Two sources: the facts that the runner sends after each of its commits, and the revisions in the
metastore, asked for when somebody else says that he changed something, and now and then anyway.
Every commit raises the revision of its run by one, so a gap in what was heard is seen.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection

from flowctl.core.run import Run, Task
from flowctl.core.states import OCCUPYING, TaskState
from flowctl.core.world import World
from flowctl.runner.messages import Facts, RunFact
from flowctl.store import drains, snapshot

Key = tuple[int, int]


class Memory:
    """Keeps a world true."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kills: list[Key] = []  # attempts that somebody else ended in the metastore
        self.stale: set[int] = set()  # runs to be read anew
        self.has_news = True  # what is new of assets, and the backfills, are to be read anew
        self._versions = snapshot.Versions()
        self._has_peaks = False  # what tasks took was read; later peaks are heard of
        self._loose: set[int] = set()  # runs that perhaps nobody needs any more
        self._ahead: dict[int, set[int]] = defaultdict(set)  # revisions heard of before the gap

    # ------------------------------------------------------------------ facts

    def hear(self, facts: Facts) -> None:
        """Take in what the runner wrote."""
        self.has_news = self.has_news or facts.assets
        for fact in facts.runs:
            run = self.world.runs.get(fact.run_pk)
            if run is None or fact.revision <= run.revision:
                continue
            if not fact.is_all:
                self.stale.add(run.pk)
                continue
            self._believe(run, fact)
            self.raise_revision(run, fact.revision)

    def _believe(self, run: Run, fact: RunFact) -> None:
        for told in fact.tasks:
            task = self.world.by_id.get(told.ti_id)
            if task is not None and task.try_number == told.try_number and task.state in OCCUPYING:
                task.followed, task.bypassed = snapshot.decision(told.branch)
                if told.state is not TaskState.RUNNING and (told.peak_bytes or self.world.peaks):
                    self.world.learn(task, told.peak_bytes)
                self.world.change(
                    task,
                    told.state,
                    retry_at=told.retry_at,
                    waiting_since=told.waiting_since,
                    left=told.left,
                    next_method=told.next_method,
                )
        for ti_id in fact.skipped:
            task = self.world.by_id.get(ti_id)
            if task is not None and task.state in (TaskState.NONE, TaskState.SCHEDULED):
                self.world.change(task, TaskState.SKIPPED)
            else:
                self.stale.add(run.pk)

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
        return bool(self.stale) or self.has_news

    # ------------------------------------------------------------------ reading

    def refresh(self, conn: Connection) -> None:
        """Read everything that moved since it was last read."""
        self.world.pools = snapshot.read_pools(conn)
        self.world.drain = drains.read(conn)
        if not self._has_peaks:
            self.world.peaks, self._has_peaks = snapshot.read_peaks(conn), True
        self._refresh_dags(conn)
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
        self.reread(conn)

    def _refresh_dags(self, conn: Connection) -> None:
        world = self.world
        revisions = snapshot.dag_revisions(conn)
        for dag_id in world.dags.keys() - revisions.keys():
            world.drop_dag(dag_id)
        moved = [
            dag_id
            for dag_id, revision in revisions.items()
            if dag_id not in world.dags or world.dags[dag_id].revision != revision
        ]
        for dag in snapshot.read_dags(conn, self._versions, moved) if moved else ():
            world.put_dag(dag)
        if moved:
            used = {id(dag.graph) for dag in world.dags.values()}
            self._versions.keep(used | {id(run.graph) for run in world.runs.values()})

    def reread(self, conn: Connection) -> None:
        """Read the stale runs, and the runs before them that their tasks depend on; and news."""
        if self.has_news:
            snapshot.read_news(self.world, conn)
            self.has_news = False
        wanted = self.stale
        self.stale = set()
        while wanted:
            found = snapshot.read_runs(conn, self._versions, wanted)
            for pk in wanted - {run.pk for run in found}:
                self._drop(pk)
            for run in found:
                self._replace(run)
            wanted = {
                run.previous_pk
                for run in found
                if run.previous_pk is not None
                and run.previous_pk not in self.world.runs
                and not run.is_finished
            }
        loose, self._loose = self._loose, set()
        self.forget(loose)

    def _replace(self, run: Run) -> None:
        old = self.world.runs.get(run.pk)
        if old is not None:
            self.kills += [task_key(t) for t in old.instances if _was_ended(t, run)]
            self._let_go(old)
        if run.is_finished:
            self._loose.add(run.pk)
        self._ahead.pop(run.pk, None)
        self.world.put_run(run)

    def _drop(self, pk: int) -> None:
        run = self.world.runs.get(pk)
        if run is not None:
            self.kills += [task_key(t) for t in run.instances if t.state in OCCUPYING]
            self.stale |= self.world.successors.get(pk, set())  # another run is before them now
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
