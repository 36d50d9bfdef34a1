"""Have a real Airflow run DAG files, and write down what came of it.

Run it with an interpreter that has Apache Airflow 2.10.5; nothing of flowctl is imported:

    python tests/oracle/run_airflow.py tests/oracle/runs > tests/oracle/runs.json
    python tests/oracle/run_airflow.py --manual FILE... > answers.json

Runs are made as Airflow's scheduler makes them, and decided by `DagRun.update_state` and
`schedule_tis`; tasks run one after the other in this process, as `dag.test()` runs them. With
`--manual` each DAG gets one run by hand for a fixed moment instead. Only facts are written: states,
dates, tries, rendered fields, XComs.
"""

import json
import logging
import os
import sys
import tempfile
import threading
import warnings
from contextlib import redirect_stdout, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ |= {
    "AIRFLOW_HOME": tempfile.mkdtemp(prefix="airflow-oracle-"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
warnings.simplefilter("ignore")

import airflow  # noqa: E402 - Airflow reads its settings when it is imported
from airflow.exceptions import ParamValidationError  # noqa: E402
from airflow.models import DagBag, DagRun, TaskInstance, XCom  # noqa: E402
from airflow.models.dag import _run_task  # noqa: E402
from airflow.models.renderedtifields import RenderedTaskInstanceFields  # noqa: E402
from airflow.models.serialized_dag import SerializedDagModel  # noqa: E402
from airflow.utils import timezone  # noqa: E402
from airflow.utils.db import initdb  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from airflow.utils.state import DagRunState, TaskInstanceState  # noqa: E402
from airflow.utils.types import DagRunType  # noqa: E402

BY_HAND = timezone.coerce_datetime(datetime(2024, 5, 1, 12, 34, 56, tzinfo=UTC))
WAIT_S = 0.02  # between two looks at a run in which a sensor waits
QUIET_LOOKS = 12  # a run is over when so many looks in a row start nothing


def moment(value: datetime | None) -> str | None:
    """Return a moment as ISO text in UTC."""
    return None if value is None else datetime.fromtimestamp(value.timestamp(), UTC).isoformat()


def plain(value: Any) -> Any:
    """Return what JSON has no word for as its text, marked with its type."""
    try:
        return json.loads(json.dumps(value, sort_keys=True))
    except (TypeError, ValueError):
        return f"{type(value).__name__}: {value}"


def scheduled_intervals(dag: Any) -> list[Any]:
    """Return the intervals of all runs that Airflow's scheduler would make up to now."""
    found, last = [], None
    while info := dag.next_dagrun_info(last):
        if info.run_after > timezone.utcnow():
            break
        found.append(info)
        last = info.data_interval
    return found


def new_runs(dag: Any, by_hand: bool, session: Any) -> list[Any]:
    """Make the runs of a DAG."""
    common = {"state": DagRunState.RUNNING, "session": session}
    if by_hand or not dag.timetable.can_be_scheduled:
        interval = dag.timetable.infer_manual_data_interval(run_after=BY_HAND)
        return [
            dag.create_dagrun(
                run_type=DagRunType.MANUAL,
                execution_date=BY_HAND,
                data_interval=interval,
                external_trigger=True,
                **common,
            )
        ]
    return [
        dag.create_dagrun(
            run_type=DagRunType.SCHEDULED,
            execution_date=info.logical_date,
            data_interval=info.data_interval,
            **common,
        )
        for info in scheduled_intervals(dag)
    ]


def look(dag: Any, run_id: str) -> list[tuple[str, int]]:
    """Let Airflow decide about a run; return the ids and indexes of what it wants to run now."""
    with create_session() as session:
        run = session.query(DagRun).filter_by(dag_id=dag.dag_id, run_id=run_id).one()
        run.dag = dag
        ready, _callback = run.update_state(session=session)
        run.schedule_tis(ready, session)
        session.flush()
        scheduled = run.get_task_instances(state=[TaskInstanceState.SCHEDULED], session=session)
        return sorted((ti.task_id, ti.map_index) for ti in scheduled)


def is_waiting(dag: Any, run_id: str) -> bool:
    """Say whether a sensor of a run is to look again later."""
    with create_session() as session:
        waiting = {"dag_id": dag.dag_id, "run_id": run_id, "state": "up_for_reschedule"}
        return session.query(TaskInstance).filter_by(**waiting).count() > 0


def carry_out(dag: Any, run_id: str) -> None:
    """Bring one run to its end, or to where nothing goes on.

    Every step has a session of its own: user code may close that of its thread.
    """
    quiet = 0
    while quiet < QUIET_LOOKS:
        ready = look(dag, run_id)
        if is_waiting(dag, run_id):
            threading.Event().wait(WAIT_S)
        else:
            quiet = 0 if ready else quiet + 1
        for task_id, index in ready:
            with create_session() as session:
                names = {"dag_id": dag.dag_id, "run_id": run_id, "task_id": task_id}
                ti = session.query(TaskInstance).filter_by(**names, map_index=index).one()
                ti.task = dag.get_task(task_id)
                with suppress(BaseException):  # how it ended stands in the table
                    _run_task(ti=ti, session=session)


def name(ti: TaskInstance) -> str:
    """Return the task's id, with the index of an instance of a mapped task."""
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def facts_of_task(ti: TaskInstance, session: Any) -> dict[str, Any]:
    """Return how one task instance ended, what it rendered and what it left."""
    kept = session.get(RenderedTaskInstanceFields, (ti.dag_id, ti.task_id, ti.run_id, ti.map_index))
    left = session.query(XCom.key, XCom.value).filter_by(
        dag_id=ti.dag_id, task_id=ti.task_id, run_id=ti.run_id, map_index=ti.map_index
    )
    called = {} if ti.rendered_map_index is None else {"called": ti.rendered_map_index}
    return called | {
        "state": str(ti.state or "none"),
        "try_number": ti.try_number,
        "max_tries": ti.max_tries,
        "rendered": plain(kept.rendered_fields) if kept else None,
        "xcoms": {row.key: plain(XCom.deserialize_value(row)) for row in left},
    }


def facts_of_run(run: Any, session: Any) -> dict[str, Any]:
    """Return what Airflow has in its tables about one run."""
    instances = run.get_task_instances(session=session)
    return {
        "state": str(run.state),
        "run_type": str(run.run_type),
        "logical_date": moment(run.execution_date),
        "data_interval_start": moment(run.data_interval_start),
        "data_interval_end": moment(run.data_interval_end),
        "tasks": {name(ti): facts_of_task(ti, session) for ti in instances},
    }


def runs_of(dag: Any, by_hand: bool) -> dict[str, Any]:
    """Carry out all runs of a DAG, one after the other; return the facts by run id."""
    with create_session() as session:
        dag.sync_to_db(session=session)
        SerializedDagModel.write_dag(dag, session=session)  # where sensors look for task groups
        run_ids = [run.run_id for run in new_runs(dag, by_hand, session)]
    for run_id in run_ids:
        carry_out(dag, run_id)
    with create_session() as session:
        runs = session.query(DagRun).filter_by(dag_id=dag.dag_id)
        return {run.run_id: facts_of_run(run, session) for run in runs}


def runs_in(file: Path, by_hand: bool) -> dict[str, Any]:
    """Carry out the runs of all DAGs of a file; return the facts by DAG and run id."""
    bag = DagBag(str(file), include_examples=False, read_dags_from_db=False)
    for error in bag.import_errors.values():
        sys.stderr.write(f"{file.name}: left out: {error.strip().splitlines()[-1]}\n")
    answer = {}
    for dag_id, dag in bag.dags.items():
        try:
            answer[dag_id] = runs_of(dag, by_hand)
        except ParamValidationError as error:
            sys.stderr.write(f"{dag_id}: left out: {error}\n")
    return answer


def main(names: list[str]) -> None:
    """Write the facts of every DAG in the given files or folders."""
    by_hand = "--manual" in names
    paths = [Path(name) for name in names if name != "--manual"]
    files = [file for path in paths for file in (sorted(path.glob("*.py")) or [path])]
    logging.disable()
    initdb(load_connections=False)  # their passwords would be masked wherever they occur
    with redirect_stdout(sys.stderr):  # what DAG files print is no part of the answer
        answer = {file.name: runs_in(file, by_hand) for file in files}
    written = {"airflow": airflow.__version__, "files": answer}
    sys.stdout.write(json.dumps(written, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
