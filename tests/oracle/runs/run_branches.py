"""Branches and short circuits, with tasks that join again under several rules."""

from datetime import datetime

from airflow import DAG
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup

ONE_DAY = {
    "schedule": "@daily",
    "start_date": datetime(2024, 1, 1),
    "end_date": datetime(2024, 1, 1),
    "catchup": True,
}

with DAG("run_branch", **ONE_DAY):
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: ["a", "group"])
    a = EmptyOperator(task_id="a")
    b = BashOperator(task_id="b", bash_command="echo b")
    after_b = EmptyOperator(task_id="after_b")
    with TaskGroup("group") as group:
        inside = BashOperator(task_id="inside", bash_command="echo inside")
        inside >> EmptyOperator(task_id="last")
    both = EmptyOperator(task_id="both")
    any_of = EmptyOperator(task_id="any_of", trigger_rule="none_failed_min_one_success")
    choose >> Label("yes") >> a
    choose >> Label("no") >> b >> after_b
    choose >> group
    [a, after_b] >> both
    [a, after_b, group] >> any_of
    choose >> any_of

with DAG("run_branch_none", **ONE_DAY):
    nothing = BranchPythonOperator(task_id="nothing", python_callable=lambda: None)
    nothing >> [EmptyOperator(task_id="left"), EmptyOperator(task_id="right")]

with DAG("run_branch_wrong", **ONE_DAY):
    wrong = BranchPythonOperator(task_id="wrong", python_callable=lambda: "nowhere")
    wrong >> EmptyOperator(task_id="somewhere")

with DAG("run_branch_decorated", **ONE_DAY):

    @task.branch
    def pick(options, ti=None):
        return options[ti.try_number - 1]

    left, right = EmptyOperator(task_id="left"), EmptyOperator(task_id="right")
    pick(["right", "left"]) >> [left, right]
    [left, right] >> EmptyOperator(task_id="join", trigger_rule="none_failed")

with DAG("run_short_circuit", **ONE_DAY):
    go = ShortCircuitOperator(task_id="go", python_callable=lambda: "yes")
    stop = ShortCircuitOperator(task_id="stop", python_callable=lambda: "")
    go >> EmptyOperator(task_id="reached")
    stop >> EmptyOperator(task_id="not_reached") >> EmptyOperator(task_id="nor_this")
    rules = ShortCircuitOperator(
        task_id="rules", python_callable=lambda: 0, ignore_downstream_trigger_rules=False
    )
    one = PythonOperator(task_id="one", python_callable=lambda: 1)
    rules >> one >> EmptyOperator(task_id="all_done", trigger_rule="all_done")
