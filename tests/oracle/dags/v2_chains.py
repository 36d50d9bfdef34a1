"""Every way to write a link."""

from datetime import datetime

from airflow.models.baseoperator import chain, chain_linear, cross_downstream
from airflow.models.dag import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup

with DAG(
    "v2_chains", start_date=datetime(2024, 1, 1), schedule="*/15 * * * *", catchup=False
) as dag:
    t = [EmptyOperator(task_id=f"t{i:02}") for i in range(20)]
    with TaskGroup("group") as group:
        EmptyOperator(task_id="g1") >> EmptyOperator(task_id="g2")

    t[0] >> [t[1], t[2]] >> t[3]
    t[4] << [t[3]]
    chain(t[4], [t[5], t[6]], [t[7], t[8]], t[9])
    cross_downstream([t[9], t[10]], [t[11], t[12]])
    chain_linear([t[11], t[12]], [t[13], t[14], t[15]], t[16])
    chain(t[16], Label("into the group"), group, t[17])
    t[17] >> Label("plain") >> t[18]
    t[19] << Label("backwards") << t[18]
