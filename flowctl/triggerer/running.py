"""The triggers that run: started, followed to their event, cancelled.

Each is one asyncio task. Classes are loaded and objects made in a thread, one after the other: an
import may take a second, and the loop belongs to those that wait already.
"""

import asyncio
import contextlib
import inspect
import logging
import traceback
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flowctl.authoring.loading import in_words
from flowctl.authoring.triggers import BaseTrigger, TriggerEvent
from flowctl.triggerer.logs import CURRENT
from flowctl.triggerer.work import Key, Result, Work

LOG = logging.getLogger("flowctl.triggerer")

ON_KILL_S = 10.0  # how long a trigger may take to end what it waits for
NO_EVENT = "it ended without an event"

Make = Callable[[Work], BaseTrigger]


class Running:
    """See the module. All methods are called in the loop's thread."""

    def __init__(self, make: Make, bring: Callable[[Result], object]) -> None:
        """Take what makes a trigger, and what is told each result."""
        self._make = make
        self._bring = bring
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._killed: set[Key] = set()
        self._ending: set[Key] = set()  # they clean up
        self._owners: weakref.WeakKeyDictionary[Any, Work] = weakref.WeakKeyDictionary()
        self._maker = ThreadPoolExecutor(1, "triggers")
        self._log = logging.getLogger("airflow.task")

    @property
    def keys(self) -> set[Key]:
        """Return those that have not come to their end."""
        return set(self._tasks)

    def owner(self, task: "asyncio.Task[Any]") -> Work | None:
        """Return the trigger that a task of the loop belongs to; from any thread."""
        return self._owners.get(task)

    def task_factory(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> "asyncio.Task[Any]":
        """Make a task of the loop, and remember for which trigger."""
        task = asyncio.Task(coro, loop=loop, **options)
        work = CURRENT.get()
        if work is not None:
            self._owners[task] = work
        return task

    def start(self, work: Work) -> None:
        """Run a trigger."""
        token = CURRENT.set(work)
        try:
            task = asyncio.get_running_loop().create_task(self._run(work), name=work.name)
        finally:
            CURRENT.reset(token)
        self._tasks[work.key] = task
        task.add_done_callback(lambda _: self._forget(work.key))

    def _forget(self, key: Key) -> None:
        del self._tasks[key]
        self._ending.discard(key)
        self._killed.discard(key)

    def cancel(self, key: Key, *, is_killed: bool) -> None:
        """End a trigger without a result.

        Args:
            is_killed: somebody ended its task; then it may end what it waits for.
        """
        task = self._tasks.get(key)
        if task is not None and key not in self._ending:
            if is_killed:
                self._killed.add(key)
            self._ending.add(key)
            task.cancel()

    async def close(self, timeout_s: float) -> None:
        """Cancel all, and let each clean up, for at most so long."""
        tasks = list(self._tasks.values())
        for key in list(self._tasks):
            self.cancel(key, is_killed=False)
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        self._maker.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------------ one trigger

    async def _run(self, work: Work) -> None:
        trigger: BaseTrigger | None = None
        try:
            trigger = await asyncio.get_running_loop().run_in_executor(
                self._maker, self._made, work
            )
            self._log.info("Trigger %s started", work.trigger)
            await self._follow(work, trigger)
        except asyncio.CancelledError:
            await self._on_kill(work, trigger)
        except BaseException as error:  # user code: whatever it raises is an answer
            lines = "".join(traceback.format_exception(error))
            self._log.error("Trigger failed: %s", in_words(error))
            self._bring(Result(work, error=in_words(error), traceback=lines))
        finally:
            self._ending.add(work.key)
            if trigger is not None:
                with contextlib.suppress(Exception, asyncio.CancelledError):
                    await trigger.cleanup()

    def _made(self, work: Work) -> BaseTrigger:
        token = CURRENT.set(work)
        try:
            return self._make(work)
        finally:
            CURRENT.reset(token)

    async def _follow(self, work: Work, trigger: BaseTrigger) -> None:
        events: Any = trigger.run()
        if inspect.iscoroutine(events):
            events.close()
            raise TypeError(
                f"run of {work.trigger} is no async generator: let it yield its event, as in"
                " `yield TriggerEvent(...)`, and not return it"
            )
        has_fired = False
        async for event in events:
            if not isinstance(event, TriggerEvent):
                raise TypeError(
                    f"{work.trigger} yielded {event!r}; a trigger yields TriggerEvent(...)"
                )
            self._log.info("Trigger fired: %r", event)
            result = Result(work, event=event)
            self._bring(result)
            has_fired = True
            if not work.goes_on:
                await events.aclose()
                return
            await result.is_written.wait()  # it may let go of what it found behind its yield
        if has_fired:
            return
        self._log.error("Trigger %s: %s", work.trigger, NO_EVENT)
        self._bring(Result(work, error=NO_EVENT))

    async def _on_kill(self, work: Work, trigger: BaseTrigger | None) -> None:
        if trigger is None or work.key not in self._killed:
            return
        try:
            async with asyncio.timeout(ON_KILL_S):
                await trigger.on_kill()
        except Exception as error:
            self._log.warning("on_kill of %s failed: %s", work.trigger, in_words(error))
