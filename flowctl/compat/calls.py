"""How do operators of provider packages call a function that may yield news about its outlets?"""

import inspect
import logging
from collections.abc import Callable
from typing import Any


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
        if inspect.isgenerator(result):
            return self.outlet_events.drain(result, self.logger)
        return result


create_executable_runner = ExecutionCallableRunner
