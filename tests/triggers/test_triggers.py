"""The triggers that come with flowctl: run in a loop, with answers from memory."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from flowctl import clock
from flowctl.authoring import ports, serialization
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.ports import InMemoryPorts, StateQuery, StateRow
from flowctl.authoring.triggers import BaseTrigger, TaskSuccessEvent, TriggerEvent
from flowctl.compat import install
from flowctl.triggers.external_task import DagStateTrigger, TaskStateTrigger, WorkflowTrigger
from flowctl.triggers.file import DirectoryFileDeleteTrigger, FileDeleteTrigger, FileTrigger
from flowctl.triggers.temporal import DateTimeTrigger, TimeDeltaTrigger

WAIT_S = 20.0
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def fired(trigger: BaseTrigger) -> TriggerEvent:
    """Return the first event of a trigger that was stored and made anew."""
    return asyncio.run(_first(remade(trigger)))


def remade(trigger: BaseTrigger) -> BaseTrigger:
    install()
    classpath, kwargs = trigger.serialize()
    made: BaseTrigger = import_string(classpath)(**serialization.loads(serialization.dumps(kwargs)))
    assert made.serialize() == trigger.serialize()
    return made


async def _first(trigger: BaseTrigger) -> TriggerEvent:
    async with asyncio.timeout(WAIT_S):
        async for event in trigger.run():
            return event
    raise AssertionError("it ended without an event")


def test_a_moment_that_has_passed_fires_at_once() -> None:
    assert fired(DateTimeTrigger(DAY)) == TriggerEvent(DAY)


def test_a_moment_is_kept_in_utc() -> None:
    east = datetime(2026, 3, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert DateTimeTrigger(east).moment.isoformat() == "2026-03-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("moment", "error"),
    [("2026-03-01", TypeError), (datetime(2026, 3, 1), ValueError)],  # noqa: DTZ001 - the mistake that is tested
)
def test_a_moment_needs_a_time_zone(moment: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="time zone"):
        DateTimeTrigger(moment)


def test_a_while_is_stored_as_the_moment_of_its_end() -> None:
    """So a restart of the triggerer does not begin it anew."""
    trigger = TimeDeltaTrigger(timedelta(seconds=0.05))

    assert trigger.serialize()[0].endswith("DateTimeTrigger")
    assert fired(trigger).payload <= clock.utcnow()


def test_a_moment_may_end_the_task() -> None:
    assert isinstance(fired(DateTimeTrigger(DAY, end_from_trigger=True)), TaskSuccessEvent)


@pytest.mark.parametrize("pattern", ["a.txt", "*.txt", "*", "sub"])
def test_a_file_or_a_folder_with_one_fires(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "sub/b.txt"):
        (tmp_path / name).touch()

    assert fired(FileTrigger(str(tmp_path / pattern))) == TriggerEvent(True)


def test_a_file_is_waited_for(tmp_path: Path) -> None:
    async def scene() -> TriggerEvent:
        waiting = asyncio.ensure_future(
            _first(FileTrigger(str(tmp_path / "x"), poke_interval=0.01))
        )
        await asyncio.wait({waiting}, timeout=0.05)
        assert not waiting.done()
        (tmp_path / "x").touch()
        return await waiting

    assert asyncio.run(scene()) == TriggerEvent(True)


def test_a_watched_file_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "flag").touch()

    assert fired(FileDeleteTrigger(str(tmp_path / "flag"))) == TriggerEvent(True)
    assert not (tmp_path / "flag").exists()


def test_a_watched_file_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "flag").touch()
    trigger = DirectoryFileDeleteTrigger(directory=str(tmp_path), filename="flag")

    assert fired(trigger) == TriggerEvent({"filepath": str(tmp_path / "flag")})
    assert trigger.serialize()[1]["filename"] == "flag"


class Elsewhere(InMemoryPorts):
    """Answers with states that were put in."""

    def __init__(self, *rows: StateRow) -> None:
        super().__init__()
        self.rows = rows
        self.asked: list[StateQuery] = []

    def state_rows(self, query: StateQuery) -> Sequence[StateRow]:
        self.asked.append(query)
        return self.rows


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that sets what other DAGs did."""

    def put(*rows: StateRow) -> Elsewhere:
        answers = Elsewhere(*rows)
        monkeypatch.setattr(ports, "_current", answers)
        return answers

    return put


def row(state: str, task_id: str = "") -> StateRow:
    return StateRow("r", DAY, state, task_id)


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["success", "success"], "success"),
        (["success", "failed"], "failed"),
        (["success", "skipped"], "skipped"),
    ],
)
def test_other_tasks_end_the_waiting(elsewhere: Any, states: list[str], status: str) -> None:
    answers = elsewhere(row(states[0], "a"), row(states[1], "b"))
    trigger = WorkflowTrigger(
        "other",
        [DAY],
        ["a", "b"],
        failed_states=["failed"],
        skipped_states=["skipped"],
        allowed_states=["success"],
    )

    assert fired(trigger) == TriggerEvent({"status": status})
    assert answers.asked[0] == StateQuery("other", logical_dates=[DAY], task_ids=["a", "b"])


def test_a_group_counts_as_one(elsewhere: Any) -> None:
    elsewhere(row("success", "g.a"), row("success", "g.b"))

    trigger = WorkflowTrigger("other", [DAY], None, "g", allowed_states=["success"])

    assert fired(trigger) == TriggerEvent({"status": "success"})


def test_a_run_ends_the_waiting_and_tells_what_was_waited_for(elsewhere: Any) -> None:
    elsewhere(row("success"))
    trigger = DagStateTrigger("other", ["success", "failed"], run_ids=["r"])

    classpath, told = fired(trigger).payload

    assert (classpath, told["run_ids"], told["r"]) == (trigger.serialize()[0], ["r"], "success")


def test_a_task_that_never_begins_is_given_up(elsewhere: Any) -> None:
    elsewhere()
    trigger = TaskStateTrigger("other", [DAY], DAY, task_id="a")

    assert fired(trigger) == TriggerEvent({"status": "timeout"})
