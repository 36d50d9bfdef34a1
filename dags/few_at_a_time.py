"""Keep greedy tasks from running all at once."""

from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator

POOL_SLOTS = 128  # what default_pool has, unless it was changed

with DAG(
    dag_id="few_at_a_time",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    tags=["example"],
    doc_md="""
    **Teaches:** pools. A pool is a number of slots, and a running task occupies some of them. Each
    task here takes half of `default_pool`, so that no more than two of the six run at a time;
    among those that wait, the one with the highest `priority_weight` goes first.

    For something that really is scarce, make a pool of its own and name it in the task:
    `flowctl pools set printer 2 "two printers"`, then `pool="printer"`.
    """,
) as dag:
    for number in range(1, 7):
        BashOperator(
            task_id=f"print_{number}",
            bash_command=f"echo sheet {number}; sleep 0.2",
            pool_slots=POOL_SLOTS // 2,
            priority_weight=number,
        )

if __name__ == "__main__":
    dag.test()
