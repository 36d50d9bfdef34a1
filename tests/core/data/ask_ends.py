"""Ask a real Airflow 2.10.5 how a run ends whose tasks have ended in every mix of states.

    python-with-airflow tests/core/data/ask_ends.py > tests/core/data/ends.json

The tasks are a >> b, and c alone; "absent" means that the run has no such task. The answers are
those of `DagRun.update_state`.
"""

import itertools
import json
import logging
import os
import sys
import tempfile
import warnings
from contextlib import redirect_stdout

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-oracle-")
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
warnings.simplefilter("ignore")

from airflow import DAG  # noqa: E402 - Airflow reads its settings when it is imported
from airflow.operators.empty import EmptyOperator  # noqa: E402
from airflow.utils.db import initdb  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from airflow.utils.state import DagRunState  # noqa: E402
from airflow.utils.timezone import datetime  # noqa: E402
from airflow.utils.types import DagRunType  # noqa: E402

STATES = ("success", "failed", "skipped", "upstream_failed", "absent")


def ended(number: int, *states: str) -> str:
    """Return the state that Airflow gives a run whose tasks a, b and c are in `states`."""
    with DAG(f"d{number}", schedule="@daily", start_date=datetime(2024, 1, 1)) as dag:
        EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
        EmptyOperator(task_id="c")
    with create_session() as session:
        dag.sync_to_db(session=session)
        run = dag.create_dagrun(
            run_type=DagRunType.SCHEDULED,
            execution_date=datetime(2024, 1, 1),
            state=DagRunState.RUNNING,
            data_interval=(datetime(2024, 1, 1), datetime(2024, 1, 2)),
            session=session,
        )
        for task_id, state in zip("abc", states, strict=True):
            ti = run.get_task_instance(task_id, session=session)
            if state == "absent":
                session.delete(ti)
            else:
                ti.state = state
        session.flush()
        session.expire_all()
        run.dag = dag
        run.update_state(session=session)
        answer = str(run.state)
        session.rollback()
    return answer


def main() -> None:
    """Print all mixes with their answers."""
    logging.disable()
    initdb(load_connections=False)
    mixes = enumerate(itertools.product(STATES, repeat=3))
    with redirect_stdout(sys.stderr):  # Airflow says there how runs end
        rows = [[*states, ended(number, *states)] for number, states in mixes]
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    sys.stdout.write(f'{{"airflow": "2.10.5", "cases": [\n  {lines}\n]}}\n')


main()
