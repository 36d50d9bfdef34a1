"""How does a task wait without a process, and how does it go on?"""

from datetime import timedelta
from typing import Any, NoReturn

from flowctl.authoring.exceptions import TaskDeferralError, TaskDeferralTimeout, TaskDeferred
from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.authoring.triggers import BaseTrigger

RESUME_FAILED = "__fail__"
"""The method that a deferred task is told to go on with when its trigger brought no event."""
TRIGGER_FAILURE = "Trigger failure"
TRIGGER_TIMEOUT = "Trigger/execution timeout"


class Deferrable(LoggingMixin):
    """A task that may hand its waiting over to a trigger."""

    def defer(
        self,
        *,
        trigger: BaseTrigger,
        method_name: str | None,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> NoReturn:
        """End this process; the task goes on once the trigger fires.

        Args:
            trigger: what to wait for; it runs in the triggerer.
            method_name: the method of this operator that goes on, with the context, what the
                trigger brings as `event`, and `kwargs`. None: the trigger ends the task itself.
            kwargs: plain data for that method.
            timeout: the longest to wait; after it the task fails.
        """
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any
    ) -> Any:
        """Go on after the task was deferred, in the method it named.

        Raises:
            TaskDeferralTimeout: the trigger did not fire in time.
            TaskDeferralError: the trigger failed.
        """
        given = next_kwargs or {}
        if next_method != RESUME_FAILED:
            return getattr(self, next_method)(context, **given)
        error = given.get("error", "Unknown")
        if given.get("traceback"):
            self.log.error("Trigger failed:\n%s", "\n".join(given["traceback"]))
        raise (TaskDeferralTimeout if error == TRIGGER_TIMEOUT else TaskDeferralError)(error)
