"""Params: plain, with a schema, and as an argument of a `@dag` function."""

from datetime import datetime

from airflow.decorators import dag, task
from airflow.models.dag import DAG
from airflow.models.param import Param, ParamsDict
from airflow.operators.bash import BashOperator

with DAG(
    "v2_params",
    start_date=datetime(2024, 1, 1),
    schedule=None,
    params={
        "names": Param(["Ada", "Grace"], type="array", description="who is greeted"),
        "loud": Param(False, type="boolean", title="Loud"),
        "times": Param(3, type="integer", minimum=1, maximum=5),
        "word": "hello",
    },
    render_template_as_native_obj=True,
):

    @task
    def greet(**context) -> None:
        params: ParamsDict = context["params"]
        print(params["names"])

    greet() >> BashOperator(
        task_id="echo", bash_command="echo {{ params.word }}", params={"own": 1}
    )


@dag(start_date=datetime(2024, 1, 1), schedule=None)
def v2_params_of_function(email: str = "a@example.org"):
    BashOperator(task_id="echo", bash_command=f"echo {email}")


v2_params_of_function()
