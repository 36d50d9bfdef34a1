"""What `decide` answers: everything that should be true next, and when to look again."""

from dataclasses import dataclass, field
from datetime import datetime

from flowctl.core.run import Task
from flowctl.core.states import RunState, RunType, TaskState
from flowctl.core.timetables import Due


@dataclass(frozen=True, slots=True)
class NewRun:
    """Create this run, QUEUED, with a task instance for each task."""

    dag_id: str
    run_id: str
    run_type: RunType
    version: str
    due: Due


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Never make the scheduled runs from `first` to `last`."""

    dag_id: str
    first: Due
    last: Due
    why: str

    @property
    def said(self) -> str:
        """Say which runs these are."""
        first, last = (
            f"{one.logical_date:%Y-%m-%d %H:%M:%S %Z}" for one in (self.first, self.last)
        )
        return f"the run of {first}" if first == last else f"the runs of {first} to {last}"


@dataclass(frozen=True, slots=True)
class RunMove:
    """Move a run; `reason` says why it failed.

    From RUNNING to RUNNING: the run is being ended. It fails, for this reason, once its teardowns
    have run.
    """

    run_pk: int
    old: RunState
    new: RunState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Move a task instance. To QUEUED means: start attempt `try_number` once committed.

    `resumes`: that attempt goes on with a try that waited, and is none of its own for people.
    `until`: of a try that begins deferred, when it goes on without an event.
    """

    ti_id: int
    run_pk: int
    old: TaskState
    new: TaskState
    try_number: int
    reason: str = ""
    resumes: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """Bring a mapped task nearer to having `count` instances, at least one.

    Where it has not been expanded, its one instance becomes that of index 0. Missing ones below
    `upto` are added, and those from `count` on are REMOVED.
    """

    run_pk: int
    task_id: str
    count: int
    upto: int


@dataclass(frozen=True, slots=True)
class Release:
    """End a hold that was to last until `until`: of a task instance, or of the whole run."""

    run_pk: int
    ti_id: int | None  # None: the run
    until: datetime


@dataclass(slots=True)
class Plan:
    """One step forward. Empty lists mean that nothing is to be written."""

    new_runs: list[NewRun] = field(default_factory=list)
    passed: list[PassedOver] = field(default_factory=list)
    backfill_runs: list[tuple[int, int]] = field(default_factory=list)  # (backfill, its date)
    backfill_ends: list[tuple[int, str]] = field(default_factory=list)  # (backfill, how it ended)
    asset_runs: list[str] = field(default_factory=list)  # DAGs that updates of assets made due
    next_due: dict[str, Due | None] = field(default_factory=dict)  # by DAG; None: never again
    run_moves: list[RunMove] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    expansions: list[Expansion] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    postponed: dict[int, tuple[set[str], set[Task]]] = field(default_factory=dict)
    """By run, what it had no time for: tasks of which to look at all instances, and single ones."""
    kills: list[tuple[int, int]] = field(default_factory=list)  # (task instance, try number)
    examined: set[int] = field(default_factory=set)  # runs whose changes this plan has answered
    unforeseen: set[str] = field(default_factory=set)  # DAGs whose own timetable must be asked
    no_interval: set[int] = field(default_factory=set)  # queued runs that wait for its answer
    next_look: datetime | None = None  # the earliest moment at which time alone changes the plan

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to write."""
        is_more = (
            self.new_runs or self.asset_runs or self.next_due or self.expansions or self.passed
        )
        is_filling = self.backfill_runs or self.backfill_ends
        return not (is_more or is_filling or self.run_moves or self.moves or self.releases)

    @property
    def starts(self) -> list[Move]:
        """Return the moves that start an attempt, in the order of their priority."""
        return [move for move in self.moves if move.new is TaskState.QUEUED]
