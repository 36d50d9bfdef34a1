"""How do operators of provider packages call a function that may yield news about its outlets?"""

import logging
from collections.abc import Callable
from typing import Any

from flowctl.authoring.assets import Metadata


class ExecutionCallableRunner:
    """Calls a function; what a generator yields is about the outlets of the task."""

    def __init__(
        self, func: Callable[..., Any], outlet_events: Any, *, logger: logging.Logger | None = None
    ) -> None:
        self.func = func
        self.outlet_events = outlet_events
        self.logger = logger or logging.getLogger(__name__)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the function returns."""
        result = self.func(*args, **kwargs)
        return self._drained(result) if hasattr(result, "gi_frame") else result

    def _drained(self, generator: Any) -> Any:
        while True:
            try:
                said = next(generator)
            except StopIteration as end:
                return end.value
            if isinstance(said, Metadata):
                self.outlet_events.take(said)
            else:
                self.logger.warning("what was yielded is not Metadata, and is dropped: %r", said)


create_executable_runner = ExecutionCallableRunner
