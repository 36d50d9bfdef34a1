"""What one attempt does, in which order, and what its end means."""

import logging
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowctl.authoring import masking
from flowctl.authoring.context import context_to_airflow_vars, get_current_context
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferred,
    TaskNotFound,
)
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.ports import InMemoryPorts
from flowctl.authoring.triggers import BaseTrigger
from flowctl.core.attempt import Order, RetryPolicy
from flowctl.core.deferral import Deferral
from flowctl.core.states import TaskState
from flowctl.runner.callbacks import run_callbacks
from flowctl.runner.execute import execute
from flowctl.runner.meaning import failed
from flowctl.runner.site import Site
from tests.runner.fakes import RUN, Dag, Task, attempt, order_for, state_of, ticking


def raising(error: BaseException) -> Task:
    def does(_task: Task, _context: Any) -> None:
        raise error

    return Task(does)


def test_the_steps_of_a_try_come_in_airflows_order() -> None:
    task = Task(lambda *_: None)
    task.on_execute_callback = lambda _context: task.events.append("on_execute")  # type: ignore[attr-defined]
    task.on_success_callback = [lambda _context: task.events.append("on_success")]  # type: ignore[attr-defined]

    done = attempt(task)
    assert task.events == ["render", "pre_execute", "on_execute", "execute", "post_execute"]
    done.finish()
    assert task.events[-1] == "on_success"


def test_a_result_goes_out_with_the_outcome() -> None:
    outcome = attempt(Task(lambda *_: {"rows": 3})).outcome

    assert outcome.state == TaskState.SUCCESS
    assert outcome.xcoms == {"return_value": '{"rows":3}'}
    assert outcome.started_at == datetime(2024, 3, 11, tzinfo=UTC)
    assert outcome.ended_at == datetime(2024, 3, 11, 0, 0, 1, tzinfo=UTC)


def test_no_result_leaves_no_xcom() -> None:
    assert attempt(Task(lambda *_: None)).outcome.xcoms == {}
    assert attempt(Task(lambda *_: 1, do_xcom_push=False)).outcome.xcoms == {}


def test_each_entry_of_multiple_outputs_is_an_xcom() -> None:
    outcome = attempt(Task(lambda *_: {"a": 1, "b": [2]}, multiple_outputs=True)).outcome

    assert outcome.xcoms == {"a": "1", "b": "[2]", "return_value": '{"a":1,"b":[2]}'}


@pytest.mark.parametrize("result", [[1], {1: 2}])
def test_multiple_outputs_must_be_a_dict_with_texts_as_keys(result: Any) -> None:
    outcome = attempt(Task(lambda *_: result, multiple_outputs=True)).outcome

    assert outcome.state == TaskState.FAILED
    assert "multiple_outputs" in outcome.reason


def test_a_result_that_cannot_be_stored_fails_the_task_and_says_where() -> None:
    outcome = attempt(Task(lambda *_: {"file": sys})).outcome

    assert outcome.state == TaskState.FAILED
    assert "value['file'] is a builtins.module" in outcome.reason


def test_an_explicit_push_goes_out_at_once_and_stays_when_the_task_fails() -> None:
    ports = InMemoryPorts()
    ports.instances[7] = ("sales", RUN.run_id, "load", -1)

    def does(_task: Task, context: Any) -> None:
        context["ti"].xcom_push("progress", 40)
        raise AirflowFailException("enough")

    assert attempt(Task(does), ports).outcome.xcoms == {}
    assert ports.xcom_rows[7, "progress"].value == "40"


@pytest.mark.parametrize(
    ("error", "first_of_two", "last"),
    [
        (AirflowSkipException("nothing to do"), TaskState.SKIPPED, TaskState.SKIPPED),
        (AirflowFailException("no"), TaskState.FAILED, TaskState.FAILED),
        (AirflowException("broken"), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (ValueError("broken"), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (AirflowTaskTimeout(), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (KeyboardInterrupt(), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (MemoryError(), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (SystemExit(3), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (SystemExit("no"), TaskState.UP_FOR_RETRY, TaskState.FAILED),
        (SystemExit(0), TaskState.SUCCESS, TaskState.SUCCESS),
        (SystemExit(None), TaskState.SUCCESS, TaskState.SUCCESS),
    ],
)
def test_what_an_exception_means(
    error: BaseException, first_of_two: TaskState, last: TaskState
) -> None:
    assert state_of(raising(error), max_tries=1) == first_of_two
    assert state_of(raising(error), max_tries=1, try_number=2) == last


def test_the_next_try_waits_for_the_retry_delay() -> None:
    retry = RetryPolicy(delay=timedelta(minutes=2))
    outcome = attempt(raising(ValueError("x")), max_tries=1, retry=retry).outcome

    assert outcome.retry_at == outcome.ended_at + timedelta(minutes=2)
    assert outcome.reason == "ValueError: x"


def for_ever(*_: Any) -> None:
    """Run without an end; `signal.pause` would miss a signal that comes right before it."""
    while True:
        pass


def test_a_task_over_its_time_is_stopped_and_told() -> None:
    task = Task(for_ever)
    outcome = attempt(task, timeout_s=0.05).outcome

    assert outcome.state == TaskState.FAILED
    assert "execution_timeout of 0.05 s is over" in outcome.reason
    assert task.events[-1] == "on_kill"
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_task_within_its_time_is_left_alone_afterwards() -> None:
    handler = signal.getsignal(signal.SIGALRM)

    assert state_of(Task(lambda *_: None), timeout_s=60) == TaskState.SUCCESS
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == handler


def test_the_operators_own_limit_counts_where_the_order_names_none() -> None:
    task = Task(for_ever, execution_timeout=timedelta(milliseconds=50))

    assert "is over" in attempt(task).outcome.reason


class Bell(BaseTrigger):
    """A trigger that can be kept."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "bells.Bell", {"at": datetime(2024, 1, 1, tzinfo=UTC)}


def test_a_task_may_be_deferred() -> None:
    """What it waits for is kept as text; the shorter of two timeouts ends the waiting."""
    asked = TaskDeferred(
        trigger=Bell(), method_name="execute", kwargs={"n": 1}, timeout=timedelta(hours=1)
    )
    task = raising(asked)
    task.execution_timeout = timedelta(minutes=1)
    outcome, finish = attempt(task)
    finish()

    assert outcome.state == TaskState.DEFERRED
    assert outcome.deferral == Deferral(
        "bells.Bell",
        '{"at":{"__type__":"datetime","value":"2024-01-01T00:00:00+00:00"}}',
        "execute",
        '{"n":1}',
        timedelta(hours=1),
    )
    assert outcome.retry_at == outcome.started_at + timedelta(minutes=1)
    assert outcome.waiting_since == outcome.started_at


class Waiting(BaseOperator):
    """Is deferred, and goes on in a method of its own."""

    def __init__(self, *, until: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.until = until

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the signature of all
        self.defer(trigger=Bell(), method_name="wake", kwargs={"until": self.until})

    def wake(self, context: Any, event: Any = None, until: int = 0) -> int:  # noqa: ARG002
        return until


class EmptyWork(Waiting):
    """Is done at once."""

    def execute(self, context: Any) -> None:
        """Do nothing."""


def test_an_instance_of_a_mapped_task_may_be_deferred() -> None:
    """The method in which it goes on is the operator's, of which the mapped task has none."""
    with DAG("waits", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        Waiting.partial(task_id="t").expand(until=[1, 2])
    order = order_for(dag.get_task("t"), map_index=1)

    outcome = execute(order, dag, ports=InMemoryPorts(), now=ticking()).outcome

    assert outcome.state == TaskState.DEFERRED
    assert outcome.deferral is not None
    assert (outcome.deferral.method, outcome.deferral.method_kwargs) == ("wake", '{"until":2}')


def test_a_name_that_map_index_template_lacks_is_told_with_the_cure() -> None:
    with DAG("named", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        EmptyWork.partial(task_id="t", map_index_template="{{ shop }}").expand(until=[1])
    order = order_for(dag.get_task("t"), map_index=0)

    outcome = execute(order, dag, ports=InMemoryPorts(), now=ticking()).outcome

    assert outcome.state == TaskState.FAILED
    assert "'shop' is undefined (in map_index_template '{{ shop }}'" in outcome.reason


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (TaskDeferred(trigger=None, method_name="execute"), "is no trigger; derive it from"),
        (TaskDeferred(trigger=Bell(), method_name="wake"), "has no method 'wake' to go on with"),
        (
            TaskDeferred(trigger=Bell(), method_name="execute", kwargs={"f": print}),
            "kwargs of execute must be plain data: value['f'] is a",
        ),
    ],
)
def test_a_task_fails_that_could_not_go_on(asked: TaskDeferred, says: str) -> None:
    outcome = attempt(raising(asked)).outcome

    assert outcome.state == TaskState.FAILED
    assert says in outcome.reason


def test_a_task_may_give_its_slot_back_and_go_on_later() -> None:
    task = raising(AirflowRescheduleException(datetime(2024, 3, 11, 5)))  # noqa: DTZ001 - as users do
    task.on_success_callback = task.on_retry_callback = lambda _context: pytest.fail("not over")  # type: ignore[attr-defined]
    outcome, finish = attempt(task)
    finish()

    assert outcome.state == TaskState.UP_FOR_RESCHEDULE
    assert outcome.retry_at == datetime(2024, 3, 11, 5, tzinfo=UTC)
    assert outcome.waiting_since == outcome.started_at
    assert (outcome.reason, outcome.callback) == ("", "")


def test_a_continued_try_shows_the_number_and_the_start_it_had() -> None:
    seen: dict[str, Any] = {}

    def look(_task: Task, context: Any) -> None:
        ti = context["ti"]
        seen.update(numbers=(ti.try_number, ti.max_tries), start=ti.start_date)
        raise AirflowRescheduleException(RUN.logical_date)

    before = datetime(2024, 3, 10, 23, tzinfo=UTC)
    given: dict[str, Any] = {"try_number": 9, "max_tries": 8, "resumed": 7, "waiting_since": before}
    outcome = attempt(Task(look), **given).outcome

    assert seen == {"numbers": (2, 1), "start": before}
    assert outcome.waiting_since == before


def test_a_retry_of_a_continued_try_waits_as_long_as_of_any_other() -> None:
    """The back-off doubles by tries, not by looks."""
    doubling = RetryPolicy(timedelta(seconds=60), factor=2.0)
    failing = raising(ValueError("x"))
    one = attempt(failing, max_tries=1, retry=doubling).outcome
    many = attempt(failing, try_number=9, max_tries=9, resumed=8, retry=doubling).outcome

    assert one.retry_at == many.retry_at


def test_a_task_told_to_end_calls_on_kill_and_may_retry() -> None:
    before = signal.getsignal(signal.SIGTERM)
    task = Task(lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    outcome = attempt(task, max_tries=1).outcome

    assert outcome.state == TaskState.UP_FOR_RETRY
    assert task.events[-1] == "on_kill"
    assert signal.getsignal(signal.SIGTERM) == before


def test_template_fields_are_rendered_in_the_copy_and_kept() -> None:
    task = Task(lambda task, _context: task.text, text="{{ ds }}")
    outcome = attempt(task).outcome

    assert outcome.rendered == {"text": "2024-03-10"}
    assert outcome.xcoms == {"return_value": '"2024-03-10"'}
    assert task.text == "{{ ds }}"


def test_a_long_rendered_field_is_cut_and_a_secret_one_hidden() -> None:
    masking.mask_secret("hunter2")
    try:
        long = attempt(Task(lambda *_: None, text="x" * 5000)).outcome.rendered
        secret = attempt(Task(lambda *_: None, text={"password": "a", "b": "hunter2"})).outcome
    finally:
        masking.forget()

    assert long is not None
    assert len(long["text"]) < 4200
    assert secret.rendered == {"text": {"password": "***", "b": "***"}}


def test_a_template_that_names_something_unknown_fails_the_task() -> None:
    outcome = attempt(Task(lambda *_: None, text="{{ nonsense }}")).outcome

    assert outcome.state == TaskState.FAILED
    assert outcome.reason == (
        "UndefinedError: 'nonsense' is undefined (field 'text' of task 'load' of DAG 'sales')"
    )


@pytest.mark.parametrize(
    ("error", "max_tries", "event", "seen"),
    [
        (ValueError("x"), 0, "failure", "ValueError('x')"),
        (ValueError("x"), 1, "retry", "ValueError('x')"),
        (SystemExit(4), 0, "failure", "'Task failed due to SystemExit(4)'"),
        (AirflowSkipException("x"), 0, "skipped", "None"),
    ],
)
def test_the_callback_of_the_event_finds_the_exception(
    error: BaseException, max_tries: int, event: str, seen: str
) -> None:
    heard: list[str] = []
    task = raising(error)
    for name in ("success", "failure", "retry", "skipped"):
        setattr(
            task,
            f"on_{name}_callback",
            lambda context, name=name: heard.append(
                f"{name} {context.get('exception')!r} {context['ti'].state}"
            ),
        )

    done = attempt(task, max_tries=max_tries)
    assert heard == []
    assert done.outcome.callback == event
    done.finish()
    assert heard == [f"{event} {seen} {done.outcome.state}"]


@pytest.mark.parametrize("error", [RuntimeError("in the callback"), SystemExit("in the callback")])
def test_a_failing_callback_is_logged_and_the_next_one_runs(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def breaks(_context: Any) -> None:
        raise error

    task = Task(lambda *_: None, on_success_callback=[breaks, lambda _: heard.append("second")])
    attempt(task).finish()

    assert heard == ["second"]
    assert "in the callback" in caplog.text


def test_the_traceback_begins_at_user_code(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        attempt(raising(ValueError("here")))

    assert "raise error" in caplog.text
    assert "runner/execute.py" not in caplog.text


def test_branches_tell_what_to_skip_only_if_they_succeed() -> None:
    def branch(_task: Task, context: Any) -> None:
        context["ti"].skip_tasks(["b", "c"], {"followed": ["a"]})

    outcome = attempt(Task(branch)).outcome
    assert outcome.skip == ("b", "c")
    assert outcome.branch == '{"followed": ["a"]}'

    def fails(task: Task, context: Any) -> None:
        branch(task, context)
        raise ValueError

    assert attempt(Task(fails)).outcome.skip == ()


def test_user_code_finds_its_context_and_the_environment() -> None:
    def does(_task: Task, context: Any) -> Any:
        assert get_current_context() is context
        return {key: os.environ[key] for key in os.environ if key.startswith("AIRFLOW_CTX_")}

    outcome = attempt(Task(does)).outcome
    assert '"AIRFLOW_CTX_TASK_ID":"load"' in outcome.xcoms["return_value"]
    assert '"AIRFLOW_CTX_TRY_NUMBER":"1"' in outcome.xcoms["return_value"]


def test_what_is_exported_is_what_the_context_says() -> None:
    """Both are Airflow's; one is made without the context, because that is cheaper."""

    def does(_task: Task, context: Any) -> bool:
        names = context_to_airflow_vars(context, in_env_var_format=True)
        return names == {key: os.environ[key] for key in names} and len(names) == 6

    assert attempt(Task(does)).outcome.xcoms == {"return_value": "true"}


def test_bad_params_fail_the_task_before_it_runs() -> None:
    task = Task(lambda *_: None)
    task.params["n"] = 1

    def refuse() -> None:
        raise ValueError("n must be a text")

    dag = Dag(task)
    dag.params.validate = refuse  # type: ignore[method-assign,assignment]
    outcome = attempt(task, dag=_dag_with_params(task, refuse)).outcome

    assert outcome.state == TaskState.FAILED
    assert task.events == []


def _dag_with_params(task: Task, refuse: Any) -> Dag:
    class Strict(dict[str, Any]):
        def validate(self) -> None:
            refuse()

    return Dag(task, params=Strict(n=0))


def test_a_task_that_is_gone_is_named() -> None:
    with pytest.raises(TaskNotFound, match="no task 'load'"):
        execute(
            order_for(Task(lambda *_: None)),
            Dag(),
            ports=InMemoryPorts(),
            now=ticking(),
            site=Site(),
        )


def test_an_attempt_that_never_reached_its_task_may_retry() -> None:
    moment = datetime(2024, 3, 11, tzinfo=UTC)
    order = order_for(Task(lambda *_: None), max_tries=1)
    outcome = failed(order, ImportError("no module"), moment, moment, Site())

    assert outcome.state == TaskState.UP_FOR_RETRY
    assert outcome.reason == "ImportError: no module"
    assert outcome.callback == "retry"


def test_callbacks_of_a_lost_attempt_find_the_reason() -> None:
    heard: list[Any] = []
    task = Task(
        lambda *_: None, on_failure_callback=lambda context: heard.append(context["exception"])
    )
    order = order_for(task, callback_id=3, event="failure", reason="killed by signal 9 (SIGKILL)")
    run_callbacks(order, Dag(task), ports=InMemoryPorts(), site=Site())

    assert heard == ["killed by signal 9 (SIGKILL)"]


def test_callbacks_of_a_run_find_the_reason_in_the_context_of_a_task() -> None:
    heard: list[Any] = []
    task = Task(lambda *_: None)
    dag = Dag(
        task,
        on_failure_callback=lambda context: heard.append(
            (context["reason"], context["ti"].task_id, context["run_id"])
        ),
    )
    order = Order(RUN, 0, 0, callback_id=4, event="failure", reason="timed_out")
    run_callbacks(order, dag, ports=InMemoryPorts(), site=Site())

    assert heard == [("timed_out", "load", RUN.run_id)]


def test_a_try_whose_clock_goes_back_does_not_end_before_it_began() -> None:
    """DESIGN 6: durations use the monotonic clock."""
    moments = iter([RUN.logical_date, *[RUN.logical_date - timedelta(hours=1)] * 9])
    task = Task(lambda *_: None)

    outcome = execute(
        order_for(task), Dag(task), ports=InMemoryPorts(), now=lambda: next(moments)
    ).outcome

    assert outcome.ended_at >= outcome.started_at
