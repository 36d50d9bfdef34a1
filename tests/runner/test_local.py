"""A whole run in this process."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import ports
from flowctl.authoring.connection import Connection
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowRescheduleException, TaskDeferred
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.ports import InMemoryPorts
from flowctl.authoring.triggers import BaseTrigger, TaskSuccessEvent, TriggerEvent
from flowctl.authoring.variable import Variable
from flowctl.core.spec import ScheduleSpec
from flowctl.core.states import TaskState
from flowctl.errors import FlowctlError
from flowctl.runner.local import run_dag, run_task
from flowctl.runner.local_memory import LocalRun
from flowctl.triggers.temporal import DateTimeTrigger
from tests.runner.fakes import Dag, Task, ticking


def dag_of(*tasks: Task, **attributes: Any) -> Dag:
    return Dag(*tasks, schedule_spec=ScheduleSpec(), **attributes)


def run(dag: Dag, **options: Any) -> LocalRun:
    return run_dag(dag, now=ticking(), **options)


def named(task_id: str, does: Any = None, after: str = "", **attributes: Any) -> Task:
    return Task(
        does or (lambda *_: task_id),
        task_id=task_id,
        upstream_task_ids=set(after.split()),
        **attributes,
    )


def fails(*_: Any) -> None:
    raise ValueError("broken")


def test_tasks_run_after_their_upstream_tasks_and_find_their_results() -> None:
    def pull(_task: Task, context: Any) -> Any:
        return context["ti"].xcom_pull(task_ids=["a", "b"])

    local = run(dag_of(named("c", pull, after="a b"), named("b", after="a"), named("a")))

    assert list(local.outcomes) == ["a", "b", "c"]
    assert local.outcomes["c"][0].xcoms == {"return_value": '["a","b"]'}
    assert local.state == "success"


def test_trigger_rules_decide_what_runs() -> None:
    local = run(
        dag_of(
            named("a", fails),
            named("b", after="a"),
            named("clean", after="a", trigger_rule="all_done"),
            named("never", after="clean", trigger_rule="one_failed"),
        )
    )

    assert local.states == {
        "a": "failed",
        "b": "upstream_failed",
        "clean": "success",
        "never": "skipped",
    }
    assert local.state == "failed"


def test_a_branch_skips_what_it_does_not_follow() -> None:
    def branch(_task: Task, context: Any) -> None:
        context["ti"].skip_tasks(["b"], {"followed": ["c"]})

    local = run(dag_of(named("a", branch), named("b", after="a"), named("c", after="a")))

    assert local.states == {"a": "success", "b": "skipped", "c": "success"}


def test_a_failed_try_is_repeated_at_once() -> None:
    def flaky(_task: Task, context: Any) -> None:
        if context["ti"].try_number < 3:
            raise ValueError

    local = run(dag_of(named("a", flaky, retries=5)))

    assert [outcome.state for outcome in local.outcomes["a"]] == [
        TaskState.UP_FOR_RETRY,
        TaskState.UP_FOR_RETRY,
        TaskState.SUCCESS,
    ]


def test_marked_tasks_are_not_run() -> None:
    local = run(
        dag_of(named("wait_for_file", fails), named("load", after="wait_for_file")),
        mark_success_pattern="^wait_",
    )

    assert local.states == {"wait_for_file": "success", "load": "success"}
    assert list(local.outcomes) == ["load"]


def test_the_conf_and_the_callbacks_of_the_dag_are_there() -> None:
    heard: list[Any] = []
    dag = dag_of(
        named("a"),
        on_success_callback=lambda context: heard.append(
            (context["reason"], context["dag_run"].conf, context["dag_run"].state)
        ),
    )
    run(dag, conf={"day": 1})

    assert heard == [("success", {"day": 1}, "success")]


def test_variables_and_connections_come_from_files(tmp_path: Path) -> None:
    variables, connections = tmp_path / "v.yaml", tmp_path / "c.env"
    variables.write_text("plain: text\ntree: {a: [1]}\n")
    connections.write_text("# where it goes\ndb=postgres://me@host/base\n")

    def look(*_: Any) -> Any:
        tree = Variable.get("tree", deserialize_json=True)
        return [Variable.get("plain"), tree, Connection.get_connection_from_secrets("db").host]

    local = run(dag_of(named("a", look)), variables_file=variables, connections_file=connections)

    assert json.loads(local.outcomes["a"][0].xcoms["return_value"]) == ["text", {"a": [1]}, "host"]


def test_what_no_file_has_is_asked_for_behind() -> None:
    behind = InMemoryPorts()
    behind.set_variable("far", "away")
    local = run(dag_of(named("a", lambda *_: Variable.get("far"))), behind=behind)

    assert local.outcomes["a"][0].xcoms == {"return_value": '"away"'}


@pytest.mark.parametrize(("name", "text"), [("x.json", "{"), ("x.txt", ""), ("x.env", "nothing")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FlowctlError, match=name):
        run(dag_of(named("a")), variables_file=tmp_path / name)


def test_the_ports_of_the_process_come_back() -> None:
    before = ports.current()
    run(dag_of(named("a", fails)))

    assert ports.current() is before


def test_one_task_runs_whatever_its_upstream_tasks_did() -> None:
    dag = dag_of(named("a", fails), named("b", lambda _t, c: c["test_mode"], after="a"))

    assert run_task(dag, "b", now=ticking()).xcoms == {"return_value": "true"}


def test_a_circle_is_named() -> None:
    with pytest.raises(FlowctlError, match="cycle: a >> b >> a"):
        run(dag_of(named("a", after="b"), named("b", after="a")))


def test_a_sensor_that_gives_its_place_back_looks_again_in_the_same_try() -> None:
    looks: list[tuple[int, int]] = []

    def look(_task: Task, context: Any) -> str:
        looks.append((context["ti"].try_number, context["ti"].max_tries))
        if len(looks) < 3:
            raise AirflowRescheduleException(datetime(2024, 3, 11, tzinfo=UTC))
        return "seen"

    local = run(dag_of(named("a", look, retries=1)))

    assert looks == [(1, 1)] * 3
    assert (local.states["a"], len(local.outcomes["a"])) == (TaskState.SUCCESS, 3)


class Deferring(Task):
    """Defers to a trigger, and says then what it brought."""

    def resume_execution(self, method: str, given: dict[str, Any], _context: Any) -> Any:
        """Go on."""
        return getattr(self, method)(**given)

    def go_on(self, event: Any, more: int) -> Any:
        """Say what came."""
        return [event.isoformat(), more]


def test_what_a_deferred_task_waits_for_is_waited_for_here() -> None:
    """There is no triggerer: its trigger runs in this process."""
    past = datetime(2024, 1, 1, tzinfo=UTC)

    def defer(end: bool) -> Any:
        trigger = DateTimeTrigger(past, end_from_trigger=end)
        raise TaskDeferred(trigger=trigger, method_name="go_on", kwargs={"more": 3})

    seen: list[Any] = []
    goes_on = Deferring(lambda *_: defer(end=False), task_id="goes_on")
    ended = Deferring(lambda *_: defer(end=True), task_id="ended")
    shows = named(
        "shows", lambda _, c: seen.append(c["ti"].xcom_pull(task_ids="goes_on")), after="goes_on"
    )

    local = run(dag_of(goes_on, ended, shows))

    assert set(local.states.values()) == {TaskState.SUCCESS}
    assert seen == [["2024-01-01T00:00:00+00:00", 3]]
    assert len(local.outcomes["ended"]) == 1


class Bell(BaseTrigger):
    """Rings, or not, as it is told."""

    def __init__(self, rings: str) -> None:
        super().__init__()
        self.rings = rings

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.Bell", {"rings": self.rings}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        if self.rings == "ends":
            yield TaskSuccessEvent(xcoms={"k": 7})
        elif self.rings == "fails":
            raise ValueError("no bell")
        elif self.rings == "never":
            await asyncio.Event().wait()
        yield TriggerEvent(self.rings)


class Waits(BaseOperator):
    """Goes on when its bell rings."""

    def __init__(self, rings: str, **given: Any) -> None:
        super().__init__(**given)
        self.rings = rings

    def execute(self, context: Any) -> None:  # noqa: ARG002 - an operator's signature
        wait = timedelta(seconds=0.05) if self.rings == "never" else None
        self.defer(trigger=Bell(self.rings), method_name="wake", kwargs={"n": 1}, timeout=wait)

    def wake(self, context: Any, event: Any, n: int) -> list[Any]:
        return [event, n, context["ti"].try_number]


@pytest.mark.parametrize(
    ("rings", "state", "xcom"),
    [
        ("ding", TaskState.SUCCESS, '["ding",1,1]'),
        ("ends", TaskState.SUCCESS, None),
        ("fails", TaskState.FAILED, None),
        ("never", TaskState.FAILED, None),
    ],
)
def test_a_task_is_deferred_without_a_triggerer(
    rings: str, state: TaskState, xcom: str | None
) -> None:
    with DAG("d_bell", schedule=None) as made:
        Waits(rings=rings, task_id="waits")

    local = run_dag(made)

    assert local.states == {"waits": state}
    found = {row.key: row.value for row in local.ports.xcom_rows.values()}
    assert found.get("return_value") == xcom
    assert found.get("k") == ("7" if rings == "ends" else None)
