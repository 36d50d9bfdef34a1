"""Params check and hold values as those of Airflow 2.10.5 do.

`data/ask_params.py` asked the real one; `data/params.json` has its answers.
"""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.params import Param, ParamsDict
from flowctl.authoring.settings import NOTSET
from flowctl.operators.decorators import task
from flowctl.operators.empty import EmptyOperator
from flowctl.parsing.convert import dag_spec
from tests.authoring.data.param_cases import VALUES

ANSWERS = json.loads((Path(__file__).parent / "data" / "params.json").read_text())


def answer(expression: str) -> str:
    """Return the value of an expression as text, or the class of what it raises."""
    try:
        return repr(eval(expression, {"P": Param, "D": ParamsDict}))
    except Exception as error:
        return f"! {type(error).__name__}"


@pytest.mark.parametrize("schema", ANSWERS["values"])
def test_a_schema_takes_the_values_that_airflow_takes(schema: str) -> None:
    """29 values of all types and formats."""
    taken = {
        value: "-" if answer(f"P({value}, {schema}).resolve()").startswith("!") else "+"
        for value in VALUES
    }

    assert taken == dict(zip(VALUES, ANSWERS["values"][schema], strict=True))


@pytest.mark.parametrize("expression", ANSWERS["dicts"])
def test_params_behave_as_in_airflow(expression: str) -> None:
    """As a dict, one by one, with and without a value."""
    assert answer(expression) == ANSWERS["dicts"][expression]


def test_what_a_form_needs_arrives_in_the_spec() -> None:
    """Whatever keyword a Param has belongs to its schema."""
    about: dict[str, Any] = {
        "type": "string",
        "enum": ["a", "b"],
        "section": "First",
        "examples": ["a"],
        "values_display": {"a": "A"},
        "description_md": "*which*",
        "custom_html_form": "<b/>",
    }
    with DAG("d", schedule=None, params={"x": Param("a", "which", **about)}) as dag:
        EmptyOperator(task_id="t", params={"x": "b", "own": 1})

    spec = dag_spec(dag, "d.py")

    assert spec.params == {"x": {"value": "a", "schema": about, "description": "which"}}
    assert spec.tasks[0].params["own"]["value"] == 1
    assert spec.tasks[0].params["x"]["value"] == "b"


def test_a_value_that_json_cannot_say_is_kept_for_the_tasks() -> None:
    """As in Airflow 2; the metastore has its text."""
    moment = datetime(2024, 1, 2)  # noqa: DTZ001 - as users do
    with DAG("d", schedule=None, params={"since": moment}) as dag:
        EmptyOperator(task_id="t")

    with pytest.warns(UserWarning, match="param 'since' of DAG 'd' cannot be written as JSON"):
        spec = dag_spec(dag, "d.py")

    assert spec.params["since"]["value"] == "2024-01-02 00:00:00"
    assert dag.params["since"] == moment


def test_a_subclass_of_param_keeps_what_it_adds() -> None:
    """Params of a DAG are copied for its tasks."""

    class Country(Param):
        def __init__(self, default: Any = NOTSET, **kwargs: Any) -> None:
            super().__init__(default, type="string", **kwargs)
            self.zone = "CET"

        def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
            return super().resolve(value, suppress_exception).upper()

    params = ParamsDict({"where": Country("ch")})
    other = copy.copy(params)
    other["where"] = "at"

    assert (params["where"], other["where"]) == ("CH", "AT")
    assert vars(other.get_param("where"))["zone"] == "CET"


@pytest.mark.parametrize(
    "bad", [Param(type="string"), Param(5, type="string"), Param(None, type="string")]
)
def test_a_dag_with_a_schedule_needs_good_defaults(bad: Param) -> None:
    """Nobody is there to give a value; one that is triggered by hand may lack them."""
    with pytest.raises(AirflowException, match=r"DAG 'd' has a schedule.*param 'x'"):
        DAG("d", schedule="@daily", params={"x": bad}).validate()

    DAG("d", schedule=None, params={"x": copy.copy(bad)}).validate()


def test_a_param_of_a_task_goes_before_that_of_the_dag_and_the_conf_before_both() -> None:
    """`dag.param` stands for the value as well."""
    seen = []

    @task
    def look(value: Any, params: Any = None) -> None:
        seen.append((value, dict(params)))

    with DAG("d", schedule=None, params={"a": 1, "b": 1}) as dag:
        look.override(params={"b": 2, "c": 2})(dag.param("d", 1))

    dag.test(run_conf={"c": 3, "d": 3})

    assert seen == [(3, {"a": 1, "b": 2, "c": 3, "d": 3})]
