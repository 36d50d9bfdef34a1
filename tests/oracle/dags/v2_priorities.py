"""Priority weights under the three rules."""

from datetime import datetime

from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils.weight_rule import WeightRule

for rule in ("downstream", "upstream", WeightRule.ABSOLUTE):
    with DAG(
        f"v2_priorities_{rule}",
        start_date=datetime(2024, 1, 1),
        schedule=None,
        default_args={"weight_rule": rule},
    ) as dag:
        a, b, c, d, e = (
            EmptyOperator(task_id=name, priority_weight=weight)
            for name, weight in zip("abcde", (1, 2, 3, 5, 8))
        )
        a >> [b, c] >> d >> e
    globals()[dag.dag_id] = dag
