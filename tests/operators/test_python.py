"""A function gets what its signature names, and nothing is made that it does not ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from flowctl.authoring.context import Context
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.operators.decorators import task
from flowctl.operators.keywords import keywords
from flowctl.operators.python import PythonOperator


def refuse_to_be_made(_: Context) -> Any:
    raise AssertionError("nobody asked for this")


def test_only_what_the_signature_names_is_made() -> None:
    context = Context({"ds": "2024-01-01"}, {"dear": refuse_to_be_made})

    assert keywords(lambda ds, own=3: (ds, own), (), {}, context) == {"ds": "2024-01-01"}


def test_a_function_without_a_signature_gets_what_the_user_gave() -> None:
    call = PythonOperator(task_id="t", python_callable=max, op_args=[1, 3])

    assert call.execute(Context({"ds": "2024-01-01"})) == 3


def test_an_argument_in_the_place_of_a_context_name_is_named() -> None:
    with pytest.raises(ValueError, match="op_args would fill 'ds', which the context fills"):
        keywords(lambda ds: ds, ["mine"], {}, {"ds": "2024-01-01"})


def test_the_result_may_be_kept_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    loud = PythonOperator(task_id="a", python_callable=lambda: "secret")
    quiet = PythonOperator(
        task_id="b", python_callable=lambda: "secret", show_return_value_in_logs=False
    )
    caplog.set_level("INFO")

    quiet.execute(Context())
    assert "secret" not in caplog.text
    loud.execute(Context())
    assert "Done. Returned value was: secret" in caplog.text


class Rendering:
    """A task instance that has the results of other tasks."""

    def __init__(self, **results: Any) -> None:
        self.results = results
        self.dag_id = "d"

    def xcom_pull(self, task_ids: str, key: str, default: Any, map_indexes: Any = None) -> Any:
        assert map_indexes is None
        return self.results.get(f"{task_ids}.{key}", default)


def test_results_of_other_tasks_take_the_place_of_what_stood_for_them() -> None:
    first = PythonOperator(task_id="first", python_callable=dict)
    second = PythonOperator(
        task_id="second",
        python_callable=lambda *args, **named: (args, named["late"]),
        op_args=["{{ ds }}", [first.output], {"deep": (first.output["part"],)}],
        op_kwargs={"late": "{{ ds }}!"},
    )
    context = Context(
        {"ds": "2024-01-01", "ti": Rendering(**{"first.return_value": [1], "first.part": 2})}
    )
    second.render_template_fields(context)

    assert second.execute(context) == (("2024-01-01", [[1]], {"deep": (2,)}), "2024-01-01!")


@pytest.mark.parametrize("returned", ["", "  ", None, 3])
def test_a_bash_task_wants_a_command(returned: Any) -> None:
    call = task.bash(task_id="t")(lambda: returned)().operator

    with pytest.raises(AirflowException, match="wants a command, as text"):
        call.execute(Context())


def test_the_command_that_a_bash_task_returns_is_a_template() -> None:
    @task.bash
    def command(word: str, ds: str | None = None) -> str:
        return f"echo {word} {ds} '{{{{ ds }}}}'"

    call = command("hello").operator

    assert call.execute(Context({"ds": "2024-01-01"})) == "hello 2024-01-01 2024-01-01"


@pytest.fixture(autouse=True)
def _in_a_dag() -> Iterator[None]:
    with DAG("d", schedule=None, auto_register=False):
        yield
