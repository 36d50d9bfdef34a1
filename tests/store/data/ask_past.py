"""Ask a real Airflow 2.10.5 whether a task may start, looking at the run before it.

    python-with-airflow tests/store/data/ask_past.py > tests/store/data/past.json

Each case is a DAG of two tasks, one >> two, with three daily runs; the answer is what
`PrevDagrunDep` says about `one` in the last run.
"""

import itertools
import json
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-oracle-")
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
warnings.simplefilter("ignore")

from airflow import DAG  # noqa: E402 - Airflow reads its settings when it is imported
from airflow.models import TaskInstance  # noqa: E402
from airflow.operators.empty import EmptyOperator  # noqa: E402
from airflow.ti_deps.dep_context import DepContext  # noqa: E402
from airflow.ti_deps.deps.prev_dagrun_dep import PrevDagrunDep  # noqa: E402
from airflow.utils.db import initdb  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from airflow.utils.state import DagRunState  # noqa: E402
from airflow.utils.timezone import datetime  # noqa: E402
from airflow.utils.types import DagRunType  # noqa: E402

FIELDS = [
    "catchup",
    "previous_type",
    "one",
    "two",
    "wait",
    "ignore_first",
    "starts_later",
    "has_prior",
]
PLAIN = ("success", "skipped", "upstream_failed", "running", "none", "removed")
WAITS = ((False, "success"), (True, "success"), (True, "none"), (True, "failed"))
TYPES = ("scheduled", "manual", "backfill")
BOTH = (False, True)


def cases() -> Iterator[tuple[Any, ...]]:
    """Yield the values of `FIELDS`."""
    for catchup, kind, (wait, two) in itertools.product(BOTH, TYPES, WAITS):
        for one in PLAIN:
            yield catchup, kind, one, two, wait, True, False, True
        for one, *rest in itertools.product(("failed", "absent"), BOTH, BOTH, BOTH):
            yield catchup, kind, one, two, wait, *rest


def is_met(
    number: int,
    catchup: bool,
    kind: str,
    one: str,
    two: str,
    wait: bool,
    ignore_first: bool,
    starts_later: bool,
    has_prior: bool,
) -> bool:
    """Return Airflow's answer."""
    with DAG(f"d{number}", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=catchup):
        first = EmptyOperator(
            task_id="one",
            depends_on_past=True,
            wait_for_downstream=wait,
            ignore_first_depends_on_past=ignore_first,
            start_date=datetime(2024, 1, 3) if starts_later else None,
        )
        first >> EmptyOperator(task_id="two")
    dag = first.dag
    with create_session() as session:
        dag.sync_to_db(session=session)
        for day, run_type, states in (
            (1, "scheduled", {"one": "success" if has_prior else "absent", "two": "success"}),
            (2, kind, {"one": one, "two": two}),
            (3, "scheduled", {"one": "none", "two": "none"}),
        ):
            moment = datetime(2024, 1, day)
            run = dag.create_dagrun(
                run_type=DagRunType(run_type),
                run_id=f"run_{day}",
                execution_date=moment,
                state=DagRunState.RUNNING,
                data_interval=(moment, moment),
                session=session,
            )
            if day == 1 or starts_later:  # tasks that Airflow left out are put where the case says
                run.dag = dag
            present = {ti.task_id: ti for ti in run.get_task_instances(session=session)}
            for task_id, state in states.items():
                ti = present.get(task_id)
                if state == "absent":
                    if ti is not None:
                        session.delete(ti)
                    continue
                if ti is None:
                    ti = TaskInstance(dag.get_task(task_id), run_id=run.run_id)
                    session.add(ti)
                ti.state = None if state == "none" else state
            session.flush()
        ti = run.get_task_instance("one", session=session)
        ti.task = first
        answer: bool = PrevDagrunDep().is_met(ti=ti, dep_context=DepContext(), session=session)
        session.rollback()
    return answer


def main() -> None:
    """Print all cases with their answers."""
    logging.disable()
    initdb(load_connections=False)
    rows = [[*case, is_met(number, *case)] for number, case in enumerate(cases())]
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    fields = json.dumps([*FIELDS, "may_start"])
    sys.stdout.write(f'{{"airflow": "2.10.5", "fields": {fields}, "cases": [\n  {lines}\n]}}\n')


main()
