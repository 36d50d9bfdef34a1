"""`@task.run_if` and `@task.skip_if` ask before a task runs."""

from typing import Any

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowSkipException
from flowctl.operators.decorators import task


def hook_of(decorator: Any, **options: Any) -> Any:
    """Return what a task decorated with `decorator` does before it runs."""
    with DAG("d", schedule=None):

        @decorator
        @task(**options)
        def work() -> None:
            """Do nothing."""

        return work().operator.pre_execute


@pytest.mark.parametrize(
    ("decorator", "is_skipped"),
    [
        (task.run_if(lambda context: context["go"]), False),
        (task.run_if(lambda context: not context["go"]), True),
        (task.skip_if(lambda context: context["go"]), True),
        (task.skip_if(lambda _: False), False),
        (task.skip_if(lambda _: (False, "never read")), False),
    ],
)
def test_a_condition_decides(decorator: Any, is_skipped: bool) -> None:
    hook = hook_of(decorator)

    if is_skipped:
        with pytest.raises(AirflowSkipException, match="Task was skipped due to condition"):
            hook({"go": True})
    else:
        hook({"go": True})


@pytest.mark.parametrize(
    ("decorator", "words"),
    [
        (task.run_if(lambda _: False, "not today"), "not today"),
        (task.skip_if(lambda _: (True, "because of you"), "not today"), "because of you"),
        (task.skip_if(lambda _: (True, None), "not today"), "not today"),
    ],
)
def test_a_skip_has_its_reason(decorator: Any, words: str) -> None:
    with pytest.raises(AirflowSkipException, match=words):
        hook_of(decorator)({})


def test_what_the_task_does_before_comes_first() -> None:
    order: list[str] = []
    hook = hook_of(
        task.skip_if(lambda _: bool(order.append("asked"))),  # type: ignore[func-returns-value]
        pre_execute=lambda _: order.append("own"),
    )

    hook({})

    assert order == ["own", "asked"]


def test_a_condition_stands_above_the_task() -> None:
    with pytest.raises(TypeError, match=r"@task\.run_if stands above @task"):
        task.run_if(lambda _: True)(lambda: None)


def test_a_stub_does_nothing() -> None:
    with DAG("d", schedule=None):

        @task.stub(queue="java")
        def elsewhere() -> None:
            """Say what it does."""

        @task.stub
        def busy() -> int:
            return 1

        assert elsewhere().operator.queue == "java"
        with pytest.raises(ValueError, match="the function of task 'busy' is a stub"):
            busy()


def test_an_unknown_decorator_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        AttributeError, match=r"no decorator @task\.virtualenf; there are @task.pyt"
    ):
        _ = task.virtualenf
