"""The promise, held by the decisions alone: many short histories in which everything goes wrong.

HISTORIES=N plays more of them. A history that fails is named by its seed, and is played again with
`python -m tests.simulation SEED`; it then belongs into `FOUND`.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

from flowctl.core import judgement, new_runs, passing, past
from flowctl.core.draft import Draft
from flowctl.core.run import Run
from flowctl.core.slots import Room
from flowctl.core.states import TaskState
from flowctl.core.trigger_rules import Verdict
from tests.faults import ledger
from tests.simulation.dates import Broken
from tests.simulation.history import play
from tests.simulation.metastore import Metastore
from tests.simulation.runner import Runner
from tests.simulation.scheduler import Scheduler

HISTORIES = int(os.environ.get("HISTORIES", "20000"))
LOTS = 40  # they are played side by side
FOUND: tuple[int, ...] = (1804, 2777, 3757, 4011, 29224, 45895, 48075, 99547)
"""Seeds that once broke the promise, or the reference's idea of it.

2777 and 3757: a commit whose answer was lost had made a run, which then seemed to be due still.
29224: a run that was cleared had no place, and the one that had it waited for it.
45895, 48075 and 99547: what has nothing to be mapped over was skipped before its setup failed; and
the old name of `always` meant something else where setups hold.
"""
CONTROLS = 3000  # histories within which a planted fault must be noticed


@pytest.mark.parametrize("lot", range(LOTS))
def test_no_history_breaks_the_promise(lot: int) -> None:
    """Crashes, outages, deposed leaders, late and repeated words: all runs end as they must."""
    seeds = range(lot, HISTORIES, LOTS)
    for seed in seeds:
        play(seed)
    ledger.current.trials += len(seeds)


@pytest.mark.parametrize("seed", FOUND)
def test_a_history_that_once_broke_the_promise_keeps_it(seed: int) -> None:
    play(seed)


def lose_a_wake_up(patch: pytest.MonkeyPatch) -> None:
    """What comes after a task that ended is not looked at again."""
    patch.setattr(Run, "stir_after", _nothing)


def write_without_a_guard(patch: pytest.MonkeyPatch) -> None:
    """A deposed scheduler writes what it believes, whether or not the row is as it was."""
    patch.setattr(Metastore, "_hold", _nothing)
    patch.setattr(Metastore, "_may_move", lambda *_: True)


def record_what_does_not_count(patch: pytest.MonkeyPatch) -> None:
    """The end of an attempt is written though its task was cleared meanwhile, or ended before."""
    patch.setattr(Metastore, "_counts", lambda *_: True)


def obey_the_deposed(patch: pytest.MonkeyPatch) -> None:
    """Two schedulers give orders, each counting only the slots that it knows of."""
    right = Runner.take
    patch.setattr(Metastore, "_hold", _nothing)
    patch.setattr(Runner, "take", lambda self, _term, orders: right(self, self.term, orders))


def forget_memory(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether there is memory for one more."""
    patch.setattr(Room, "_memory_limit", lambda *_: None)


def count_a_slot_too_few(patch: pytest.MonkeyPatch) -> None:
    """A pool takes one slot more than it has."""
    right: Callable[..., Any] = Room._pool_limit
    patch.setattr(Room, "_pool_limit", lambda self, name, slots: right(self, name, slots - 1))


def forget_who_waits(patch: pytest.MonkeyPatch) -> None:
    """An attempt that was ordered and never began is not ordered again by the next leader."""
    patch.setattr(Scheduler, "connect", lambda self, _known: self.memory.compare())


def forget_the_past(patch: pytest.MonkeyPatch) -> None:
    """Tasks that depend on the run before do not look at it."""
    patch.setattr(past, "blocker", _nothing)


def begin_without_setups(patch: pytest.MonkeyPatch) -> None:
    """Only the tasks directly before one count, also where a setup holds for it."""
    patch.setattr(judgement, "_setups_around", lambda *_: (Verdict.RUN, ""))


def let_runs_overlap(patch: pytest.MonkeyPatch) -> None:
    """Runs are made beside those that have not ended, whatever the DAG says."""
    patch.setattr(new_runs, "overtaken", lambda *_: [])


def cancel_teardowns(patch: pytest.MonkeyPatch) -> None:
    """A run that is cancelled takes its teardowns with it."""
    right = Draft.end_run

    def end_run(draft: Draft, run: Run, reason: str) -> None:
        right(draft, run, reason)
        for task in run.instances:
            draft.stop(task, TaskState.SKIPPED, reason)

    patch.setattr(Draft, "end_run", end_run)


def catch_up_for_ever(patch: pytest.MonkeyPatch) -> None:
    """No run is ever too old."""
    patch.setattr(new_runs, "pass_over", lambda _draft, _dag, due, *_: due)


def lose_a_date(patch: pytest.MonkeyPatch) -> None:
    """Of several dates only the newest is made, and nobody is told of the others."""
    right = passing.pass_over_older
    patch.setattr(
        new_runs,
        "pass_over_older",
        lambda draft, *given: right(Draft(draft.world), *given),
    )


def start_though_all_is_drained(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether all is drained, or a DAG is paused."""
    patch.setattr(Room, "run_stop", _nothing)
    patch.setattr(Room, "dag_stop", _nothing)


def forget_the_rest(patch: pytest.MonkeyPatch) -> None:
    """What a tick has no time for is not looked at in the next one."""
    patch.setattr(Draft, "postpone", _nothing)


def begin_half_a_run(patch: pytest.MonkeyPatch) -> None:
    """A run starts before all of its task instances are there."""
    patch.setattr(Run, "is_whole", property(lambda _: True, _nothing), raising=False)


def _nothing(*_: Any) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    "plant",
    [
        lose_a_wake_up,
        write_without_a_guard,
        record_what_does_not_count,
        obey_the_deposed,
        count_a_slot_too_few,
        forget_memory,
        forget_who_waits,
        forget_the_past,
        begin_without_setups,
        let_runs_overlap,
        cancel_teardowns,
        catch_up_for_ever,
        lose_a_date,
        start_though_all_is_drained,
        forget_the_rest,
        begin_half_a_run,
    ],
)
def test_a_planted_fault_is_noticed(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge can fail."""
    plant(monkeypatch)

    assert any(_is_broken(seed) for seed in range(CONTROLS))


def _is_broken(seed: int) -> bool:
    try:
        play(seed)
    except Broken:
        return True
    return False
