"""What tasks ask about their run, the runs before it, and the other tasks in them."""

from datetime import datetime, timezone

from airflow import DAG
from airflow.models import DagRun
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from airflow.timetables.trigger import CronTriggerTimetable
from airflow.utils.session import provide_session
from airflow.utils.state import DagRunState, State
from airflow.utils.types import DagRunType


def names(found):
    return [None if one is None else [one.run_id, one.state] for one in found]


@provide_session
def of_tasks(run, session=None):
    first = run.get_task_instance("first", session=session)
    found = run.get_task_instances(state=State.SUCCESS, session=session)
    return {
        "succeeded": [ti.task_id for ti in found],
        "not_begun": [ti.task_id for ti in run.get_task_instances([None], session=session)],
        "nobody": run.get_task_instance("nobody", session=session),
        "key": list(first.key),
        "facts": [first.state, first.try_number, first.max_tries, first.operator, first.pool],
        "queue": [first.queue, first.pool_slots, first.priority_weight],
        "date": str(first.execution_date),
        "ended": first.end_date is not None,
        "pulled": first.xcom_pull(task_ids="first"),
        "text": str(first),
        "run": first.get_dagrun().run_id,
    }


def of_past(ti, **_):
    before = [ti.get_previous_ti(), ti.get_previous_ti(state=DagRunState.FAILED), ti.previous_ti]
    return {
        "tasks": [one and [one.task_id, one.run_id, one.state] for one in before],
        "success": ti.previous_ti_success and ti.previous_ti_success.run_id,
        "run": names([ti.get_previous_dagrun(), ti.get_previous_dagrun(state="failed")]),
        "date": str(ti.get_previous_execution_date(state="success")),
        "weights": [ti.priority_weight, ti.task.priority_weight_total, ti.pool_slots],
    }


def of_runs(dag, run_id, logical_date, **_):
    def find(**wanted):
        return names(DagRun.find(dag_id=dag.dag_id, execution_end_date=logical_date, **wanted))

    return {
        "all": find(),
        "succeeded": find(state=DagRunState.SUCCESS),
        "of_id": find(run_id=run_id),
        "of_ids": find(run_id=[run_id, "nothing"]),
        "of_date": find(execution_date=logical_date),
        "of_dates": find(execution_date=[logical_date]),
        "since": find(execution_start_date=logical_date),
        "manual": find(run_type=DagRunType.MANUAL),
        "scheduled": find(run_type=DagRunType.SCHEDULED, external_trigger=False),
        "no_backfills": find(no_backfills=True),
        "of_dags": names(DagRun.find(dag_id=["nobody", dag.dag_id], run_id=run_id)),
        "of_nobody": names(DagRun.find(dag_id="nobody")),
        "by_dag": names([dag.get_dagrun(run_id=run_id), dag.get_dagrun(logical_date)]),
        "between": names(dag.get_dagruns_between(datetime(2024, 1, 1, tzinfo=timezone.utc), logical_date)),
    }


with DAG(
    "run_asks",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 2),
    catchup=True,
    max_active_runs=1,
):
    first = BashOperator(task_id="first", bash_command="echo {{ ds }}")
    tasks = PythonOperator(task_id="tasks", python_callable=lambda dag_run: of_tasks(dag_run))
    past = PythonOperator(task_id="past", python_callable=of_past)
    runs = PythonOperator(task_id="runs", python_callable=of_runs)
    first >> tasks >> past >> runs

with DAG(
    "run_asks_last",
    schedule="@once",
    start_date=datetime(2024, 1, 1),
) as dag:
    last = PythonOperator(
        task_id="last",
        python_callable=lambda dag: [
            [str(date) for date in dag.get_active_runs()],
            dag.get_num_active_runs(),
            dag.get_last_dagrun().run_id,
            str(dag.latest_execution_date),
        ],
    )

DATES = (
    "{{ prev_execution_date }} {{ next_execution_date }} {{ prev_ds }} {{ next_ds }}"
    " {{ prev_execution_date_success }} {{ prev_data_interval_start_success }}"
)

with DAG(
    "run_asks_points",
    schedule=CronTriggerTimetable("0 6 * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 3),
    catchup=True,
    max_active_runs=1,
):
    BashOperator(task_id="dates", bash_command=f"echo '{DATES}'")
    BashOperator(
        task_id="begins_later", bash_command=f"echo '{DATES}'", start_date=datetime(2024, 1, 2)
    )

with DAG(
    "run_asks_later",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 3),
    catchup=True,
    max_active_runs=1,
):
    BashOperator(task_id="dates", bash_command=f"echo '{DATES}'")
    BashOperator(
        task_id="begins_later", bash_command=f"echo '{DATES}'", start_date=datetime(2024, 1, 2)
    )
