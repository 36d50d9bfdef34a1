"""Ask a real Airflow 2.10.5 what `tasks clear` means where ExternalTaskMarkers lead on.

    python-with-airflow tests/store/data/ask_marks.py

Three DAGs, two days of runs: a >> to_b >> after in A; to_b marks x of B, where x >> y >> to_c;
to_c marks z of C a day later; C has z >> back, which marks a of A on a fixed date. A setup `s`
holds for y and is removed by `t`.
"""

import itertools
import json
import logging
import os
import sys
import tempfile
import warnings
from datetime import timedelta
from pathlib import Path

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-oracle-")
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
warnings.simplefilter("ignore")

from airflow import DAG  # noqa: E402 - Airflow reads its settings when it is imported
from airflow.models import DagBag  # noqa: E402
from airflow.operators.empty import EmptyOperator as E  # noqa: E402
from airflow.sensors.external_task import ExternalTaskMarker as Mark  # noqa: E402
from airflow.utils.db import initdb  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from airflow.utils.state import DagRunState  # noqa: E402
from airflow.utils.timezone import datetime  # noqa: E402
from airflow.utils.types import DagRunType  # noqa: E402

DAYS = (datetime(2024, 1, 1), datetime(2024, 1, 2))
TASKS = ("a$", "to_b", "x", "y", "to_c", "z", "back", "")
NEXT_DAY = "{{ (logical_date + macros.timedelta(days=1)).isoformat() }}"


def dags() -> list:
    """Return the three DAGs."""
    options = {"schedule": "@daily", "start_date": DAYS[0]}
    with DAG("A", **options) as first:
        to_b = Mark(task_id="to_b", external_dag_id="B", external_task_id="x", recursion_depth=3)
        E(task_id="a") >> to_b >> E(task_id="after")
    with DAG("B", **options) as second:
        s, t, y = E(task_id="s"), E(task_id="t"), E(task_id="y")
        to_c = Mark(
            task_id="to_c", external_dag_id="C", external_task_id="z", execution_date=NEXT_DAY
        )
        E(task_id="x") >> y >> to_c
        s >> y >> t.as_teardown(setups=s)
    with DAG("C", **options) as third:
        back = Mark(
            task_id="back",
            external_dag_id="A",
            external_task_id="a",
            execution_date=DAYS[1].isoformat(),
        )
        E(task_id="z") >> back
    return [first, second, third]


def cleared(bag: list, dag_id: str, pattern: str, day: int, downstream: bool, state: str) -> list:
    """Return what would be cleared, or the class of the error."""
    (dag,) = [one for one in bag if one.dag_id == dag_id]
    part = dag.partial_subset(pattern, include_downstream=downstream, include_upstream=False)
    try:
        found = part.clear(
            start_date=DAYS[day],
            end_date=DAYS[day],
            dry_run=True,
            include_subdags=True,
            only_failed=state == "failed",
        )
    except Exception as error:
        return [type(error).__name__]
    return sorted(f"{ti.dag_id} {ti.execution_date.day} {ti.task_id}" for ti in found)


def main() -> None:
    """Write all answers beside this file."""
    logging.disable()
    initdb(load_connections=False)
    bag = dags()
    found = []
    with create_session() as session:
        for dag in bag:
            dag.sync_to_db(session=session)
            for day in DAYS:
                run = dag.create_dagrun(
                    run_type=DagRunType.SCHEDULED,
                    execution_date=day,
                    state=DagRunState.SUCCESS,
                    data_interval=(day, day + timedelta(days=1)),
                    session=session,
                )
                for ti in run.get_task_instances(session=session):
                    ti.state = "failed" if ti.task_id in ("to_b", "x", "z") else "success"
        session.commit()
    DagBag.get_dag = lambda _self, dag_id, **_: next(one for one in bag if one.dag_id == dag_id)
    for dag_id, pattern, day, downstream, state in itertools.product(
        "ABC",
        ("a$", "to_b", "x", "y", "to_c", "z", "back", ""),
        (0, 1),
        (False, True),
        ("", "failed"),
    ):
        answer = cleared(bag, dag_id, pattern, day, downstream, state)
        if answer:
            found.append([dag_id, pattern, day, downstream, state, answer])
    lines = ",\n  ".join(json.dumps(row) for row in found)
    text = f'{{"airflow": "2.10.5", "cases": [\n  {lines}\n]}}\n'
    (Path(__file__).parent / "marks.json").write_text(text)
    sys.stdout.write(f"{len(found)} cases\n")


main()
