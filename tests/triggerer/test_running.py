"""Triggers in a loop: their events, their failures, their end, and who blocks."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring.loading import module_name
from flowctl.authoring.triggers import BaseTrigger, TriggerEvent
from flowctl.triggerer import logs
from flowctl.triggerer.classes import Classes, NoTrigger
from flowctl.triggerer.running import Running
from flowctl.triggerer.watchdog import Watchdog
from flowctl.triggerer.work import Result, Work

SOON_S = 20.0


class Script(BaseTrigger):
    """Does in `run` what a test says, and remembers what was called."""

    def __init__(self, body: Callable[["Script"], AsyncIterator[Any]]) -> None:
        super().__init__()
        self.body = body
        self.called: list[str] = []
        self.began = asyncio.Event()

    def run(self) -> AsyncIterator[TriggerEvent]:
        return self.body(self)

    async def cleanup(self) -> None:
        self.called.append("cleanup")

    async def on_kill(self) -> None:
        self.called.append("on_kill")


def work(name: str = "a", **options: Any) -> Work:
    return Work(("deferred", 1, 1), "bells.Bell", "", f"task {name!r}", **options)


def play(
    body: Callable[[Script], AsyncIterator[Any]],
    then: Callable[[Running, Script], Any] | None = None,
    *,
    goes_on: bool = False,
) -> tuple[list[Result], list[str]]:
    """Run one trigger to its end; `then` is called once it runs."""
    results: list[Result] = []

    def write(result: Result) -> None:
        results.append(result)
        result.is_written.set()

    async def scene() -> list[str]:
        trigger = Script(body)
        running = Running(lambda _: trigger, write)
        asyncio.get_running_loop().set_task_factory(running.task_factory)  # type: ignore[arg-type]
        running.start(work(goes_on=goes_on))
        if then is not None:
            await trigger.began.wait()
            then(running, trigger)
        async with asyncio.timeout(SOON_S):
            while running.keys:
                await asyncio.sleep(0.01)
        await running.close(1)
        return trigger.called

    called = asyncio.run(scene())
    return results, called


async def fires(_trigger: Script) -> AsyncIterator[Any]:
    yield TriggerEvent(1)
    yield TriggerEvent(2)


async def fails(_trigger: Script) -> AsyncIterator[Any]:
    raise ValueError("no bell")
    yield


async def ends(_trigger: Script) -> AsyncIterator[Any]:
    return
    yield


async def returns(_trigger: Script) -> Any:
    return TriggerEvent(1)


async def strange(_trigger: Script) -> AsyncIterator[Any]:
    yield "ding"


async def waits(trigger: Script) -> AsyncIterator[Any]:
    trigger.began.set()
    await asyncio.Event().wait()
    yield


def test_the_first_event_is_all_that_a_task_is_told() -> None:
    results, called = play(fires)

    assert [result.event for result in results] == [TriggerEvent(1)]
    assert called == ["cleanup"]


def test_a_trigger_of_no_task_goes_on_after_an_event() -> None:
    results, _ = play(fires, goes_on=True)

    assert [result.event for result in results] == [TriggerEvent(1), TriggerEvent(2)]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (fails, "ValueError: no bell"),
        (ends, "it ended without an event"),
        (returns, "is no async generator: let it yield its event"),
        (strange, "yielded 'ding'"),
    ],
)
def test_a_trigger_that_brings_no_event_says_why(body: Any, says: str) -> None:
    ((result,), called) = play(body)

    assert says in result.error
    assert called == ["cleanup"]


@pytest.mark.parametrize(("is_killed", "calls"), [(True, ["on_kill"]), (False, [])])
def test_a_cancelled_trigger_brings_nothing_and_cleans_up(
    is_killed: bool, calls: list[str]
) -> None:
    """It ends what it waits for only if somebody ended its task; not when the triggerer stops."""

    def cancel(running: Running, _trigger: Script) -> None:
        running.cancel(("deferred", 1, 1), is_killed=is_killed)

    results, called = play(waits, cancel)

    assert (results, called) == ([], [*calls, "cleanup"])


def test_a_trigger_that_blocks_the_loop_is_named_with_its_line() -> None:
    told: list[tuple[str, str]] = []
    seen = threading.Event()

    async def blocks(_trigger: Script) -> AsyncIterator[Any]:
        seen.wait(SOON_S)  # without await: nobody else runs
        yield TriggerEvent(1)

    def tell(blocking: Work, text: str) -> None:
        if "seen.wait(SOON_S)" in text:  # elsewhere it is the machine that stands still
            told.append((blocking.name, text))
            seen.set()

    async def scene() -> None:
        running = Running(lambda _: Script(blocks), lambda _: None)
        loop = asyncio.get_running_loop()
        loop.set_task_factory(running.task_factory)  # type: ignore[arg-type]
        watchdog = Watchdog(loop, running.owner, lambda: bool(running.keys), tell)
        watchdog.start()
        running.start(work("slow"))
        async with asyncio.timeout(SOON_S):
            while len(told) < 2:
                await asyncio.sleep(0.01)
                if not running.keys:
                    running.start(work("slow"))
        watchdog.stop()
        await running.close(1)

    asyncio.run(scene())

    (first, second, *_) = told
    assert first[0] == "bells.Bell of task 'slow'"
    assert "it blocks the triggerer" in first[1]
    assert "it blocked the triggerer for" in second[1]


def test_what_a_trigger_logs_goes_to_the_log_of_its_task(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    handler = logs._TaskLogs()
    path = tmp_path / "new" / "attempt=1.log"
    token = logs.CURRENT.set(work(log_path=str(path)))
    try:
        with caplog.at_level("INFO"):
            trigger = Script(fires)
            record = trigger.log.makeRecord("x", 20, "bell.py", 7, "ding %s", ("dong",), None)
            handler.emit(record)
            assert not logs._is_ours(record)
    finally:
        logs.CURRENT.reset(token)

    assert path.read_text().endswith("{bell.py:7} INFO - ding dong\n")
    assert logs._is_ours(record)


FILE = """
from airflow.triggers.base import BaseTrigger
class Bell(BaseTrigger):
    tone = {tone!r}
    class Small(BaseTrigger):
        pass
"""


@pytest.fixture
def classes(tmp_path: Path) -> Classes:
    """Give what finds classes of a DAG folder, with two versions of a file."""
    (tmp_path / "d.py").write_text(FILE.format(tone="now"))
    return Classes(tmp_path, {"old": FILE.format(tone="then").encode()}.get)


def of_file(tmp_path: Path, name: str, source_hash: str = "old") -> Work:
    classpath = f"{module_name(tmp_path / 'd.py')}.{name}"
    return Work(("deferred", 1, 1), classpath, "", "t", "d.py", source_hash)


@pytest.mark.parametrize("name", ["Bell", "Bell.Small"])
def test_a_class_of_a_dag_file_is_of_the_version_of_its_run(
    classes: Classes, tmp_path: Path, name: str
) -> None:
    found = classes.find(of_file(tmp_path, name))

    assert found.__qualname__ == name
    assert classes.find(of_file(tmp_path, "Bell")).tone == "then"  # type: ignore[attr-defined]
    assert classes.find(of_file(tmp_path, "Bell", "")).tone == "now"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("classpath", "says"),
    [
        ("nowhere.at.All", "No module named 'nowhere'"),
        ("json.Bell", "module 'json' has no 'Bell'"),
        ("json.dumps", "is no trigger; derive it from BaseTrigger"),
    ],
)
def test_a_class_that_cannot_be_had_is_named(classes: Classes, classpath: str, says: str) -> None:
    with pytest.raises(NoTrigger, match=says):
        classes.find(Work(("deferred", 1, 1), classpath, "", "t"))
