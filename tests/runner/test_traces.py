"""Only a plain command leaves its process as it found it."""

from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Undefined

from flowctl.authoring import extra_links, plugins, policies
from flowctl.authoring.dag import DAG
from flowctl.authoring.retry_policy import ExceptionRetryPolicy
from flowctl.authoring.settings import stored
from flowctl.operators.bash import BashOperator
from flowctl.operators.python import PythonOperator
from flowctl.runner import traces


class Own(BashOperator):
    """An operator of the user's."""


class Text(str):
    """A text with code of its own."""


def leaves_none(kind: type = BashOperator, dag: dict[str, Any] | None = None, **given: Any) -> bool:
    """Ask about one task."""
    with DAG("d", schedule=None, **(dag or {})) as made:
        task = kind(task_id="t", **given)
    return traces.leaves_none(made, task)


@pytest.mark.parametrize(
    "given",
    [
        {"bash_command": "true"},
        {"bash_command": "echo {{ ds }} {{ params.x }}", "params": {"x": 1}},
        {"bash_command": "true", "env": {"A": "{{ ds }}"}, "cwd": "/tmp", "append_env": True},
        {"bash_command": "true", "retries": 3, "pool": "three", "email": "a@b.c"},
    ],
)
def test_a_plain_command_leaves_none(given: dict[str, Any]) -> None:
    assert leaves_none(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"output_processor": str.upper},
        {"on_execute_callback": print},
        {"on_success_callback": print},
        {"on_failure_callback": [print]},
        {"on_retry_callback": print},
        {"on_skipped_callback": print},
        {"pre_execute": print},
        {"post_execute": print},
        {"retry_policy": ExceptionRetryPolicy(rules=[])},
        {"env": {"A": Text("x")}},
        {"cwd": Text("/tmp")},
        {"kind": Own},
        {"dag": {"user_defined_macros": {"f": print}}},
        {"dag": {"user_defined_filters": {"f": print}}},
        {"dag": {"jinja_environment_kwargs": {"finalize": str}}},
        {"dag": {"template_undefined": Undefined}},
        {"dag": {"default_args": {"on_success_callback": print}}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_code_of_the_user_may_leave_one(given: dict[str, Any]) -> None:
    assert not leaves_none(**({"bash_command": "true"} | given))


def test_a_method_of_the_task_alone_may_leave_one() -> None:
    with DAG("d", schedule=None) as dag:
        task: Any = BashOperator(task_id="t", bash_command="true")
    task.pre_execute = print

    assert not traces.leaves_none(dag, task)


def test_so_may_any_other_operator() -> None:
    assert not leaves_none(PythonOperator, python_callable=print)


@pytest.fixture
def _plugin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load a plugin that has one thing of a kind."""
    plugin: Any = SimpleNamespace(**{request.param: [print]})
    monkeypatch.setattr(plugins.current, "loaded", [plugin])


@pytest.mark.parametrize("_plugin", ["listeners", "macros"], indirect=True)
@pytest.mark.usefixtures("_plugin")
def test_code_of_a_plugin_may_leave_one() -> None:
    assert not leaves_none(bash_command="true")


@pytest.mark.parametrize("_plugin", ["timetables"], indirect=True)
@pytest.mark.usefixtures("_plugin")
def test_a_plugin_that_attempts_never_call_leaves_none() -> None:
    assert leaves_none(bash_command="true")


def test_a_link_of_a_plugin_may_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is worked out in the attempt."""
    monkeypatch.setattr(extra_links, "ADDED", [SimpleNamespace(name="docs", operators=())])

    assert not leaves_none(bash_command="true")


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (policies, "_functions", {"get_airflow_context_vars": [print]}),
        (stored, "xcom_backend", "of.our.Own"),
        (stored, "secrets_backend", "of.our.Secrets"),
        (stored, "secrets_kept_s", 900.0),
    ],
)
def test_code_of_the_site_may_leave_one(
    owner: object, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What names the variables of a task, or keeps its results or what it was told."""
    monkeypatch.setattr(owner, name, value)

    assert not leaves_none(bash_command="true")
