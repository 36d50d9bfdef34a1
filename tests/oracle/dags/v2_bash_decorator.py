"""`@task.bash`: the function returns the command."""

from datetime import datetime

from airflow.decorators import dag, task


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False)
def v2_bash_decorator():
    @task.bash
    def run_me(n: int) -> str:
        return f"echo {n}"

    @task.bash(append_env=True, env={"A": "1"}, trigger_rule="all_done")
    def then() -> str:
        return "echo $A"

    run_me(1) >> then()


v2_bash_decorator()
