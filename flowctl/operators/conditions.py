"""`@task.run_if` and `@task.skip_if`: a task that asks a condition before it runs."""

from collections.abc import Callable
from typing import Any

from flowctl.authoring.exceptions import AirflowSkipException
from flowctl.authoring.taskflow import TaskFactory

Condition = Callable[[Any], Any]
"""Gets the context; returns whether it is met, or that and a message in a tuple."""

_MESSAGE = "Task was skipped due to condition."


def run_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """Let a task run only where `condition` is met, and be skipped elsewhere."""
    return _asking(condition, skip_message, "run_if", skips_when=False)


def skip_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """Let a task be skipped where `condition` is met."""
    return _asking(condition, skip_message, "skip_if", skips_when=True)


def _asking(
    condition: Condition, message: str | None, name: str, *, skips_when: bool
) -> Callable[[Any], Any]:
    def ask(context: Any) -> None:
        answer = condition(context)
        said = message or _MESSAGE
        if isinstance(answer, tuple):
            answer, own = answer
            said = own or said
        if bool(answer) is skips_when:
            raise AirflowSkipException(said)

    def decorate(factory: Any) -> Any:
        if not isinstance(factory, TaskFactory):
            raise TypeError(
                f"@task.{name} stands above @task or one of its kind; it was given {factory!r}"
            )
        return factory.override(pre_execute=_both(factory.options.get("pre_execute"), ask))

    return decorate


def _both(first: Condition | None, second: Condition) -> Condition:
    if first is None:
        return second

    def one_after_the_other(context: Any) -> None:
        first(context)
        second(context)

    return one_after_the_other
