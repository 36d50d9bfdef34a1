"""The trigger of a deferred task, run to its event in this process, where no triggerer is."""

import asyncio
import traceback
from typing import Any

from flowctl.authoring import serialization
from flowctl.authoring.deferring import TRIGGER_FAILURE
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.ports import Resumption
from flowctl.authoring.triggers import BaseTaskEndEvent, TriggerEvent
from flowctl.core.deferral import Deferral


def fire(deferral: Deferral) -> BaseTaskEndEvent | Resumption:
    """Wait for the event; return it if it ends the task, else how the task goes on."""
    timeout_s = None if deferral.timeout is None else deferral.timeout.total_seconds()
    try:
        trigger = import_string(deferral.classpath)(**serialization.loads(deferral.kwargs))
        event = asyncio.run(asyncio.wait_for(_first_event(trigger), timeout_s))
        if isinstance(event, BaseTaskEndEvent):
            return event
        return Resumption(deferral.method_kwargs, event=serialization.dumps(event.payload))
    except TimeoutError:
        return Resumption()
    except Exception:  # user code
        return Resumption(error=TRIGGER_FAILURE, traceback=traceback.format_exc())


async def _first_event(trigger: Any) -> TriggerEvent:
    async for event in trigger.run():
        found: TriggerEvent = event
        return found
    raise RuntimeError(f"{type(trigger).__name__} ended without an event")
