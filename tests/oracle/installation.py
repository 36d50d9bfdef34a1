"""A whole flowctl for one test: a home, a metastore, a scheduler process, and what it recorded."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, func, select

from flowctl import clock, config
from flowctl.authoring import serialization
from flowctl.core.states import RunState, RunType
from flowctl.core.timetables import timetable_of
from flowctl.store import metastore, runs, schema, snapshot
from flowctl.store.engine import reading, writing
from flowctl.store.queries import tasks
from flowctl.store.versions import Versions

COMMAND = Path(sys.executable).with_name("flowctl")
DEADLINE_S = 120
LOOK_EVERY_S = 0.1
STILL_S = 60  # nothing moves for so long: it is stuck; how long all of it takes is the machine's
STOP_S = 30
LOG_SHOWN = 5000  # characters of what the scheduler said last
FINISHED = (RunState.SUCCESS.value, RunState.FAILED.value)


class Installation:
    """A home with DAG files, whose scheduler runs while the object is used as a context."""

    def __init__(
        self,
        home: Path,
        url: str | None,
        executor: str,
        files: Iterable[Path],
        command: Sequence[str | Path] = (COMMAND,),
        **environ: str,
    ) -> None:
        """Make the home and its metastore.

        Args:
            home: a folder that is not there yet.
            url: the metastore; None is SQLite in the home.
            executor: its name.
            files: DAG files, which are copied.
            command: how flowctl is called, if not as in this environment.
            environ: further variables of the environment.
        """
        dags = home / "dags"
        dags.mkdir(parents=True)
        for file in files:
            shutil.copy(file, dags)
        self.home = home
        self.environ = os.environ | {
            "FLOWCTL_HOME": str(home),
            "AIRFLOW__CORE__EXECUTOR": executor,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            **environ,
        }
        self._command = command
        if url is not None:
            self.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = url
        subprocess.run(
            [*command, "db", "migrate"], env=self.environ, check=True, timeout=DEADLINE_S
        )
        self.engine: Engine = metastore.open_engine(config.load(environ=self.environ), pool_size=1)
        self.log = home / "scheduler.log"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have scheduler and triggerer run; end them and what they started afterwards."""
        with self.log.open("ab") as log:
            self._scheduler, triggerer = (
                subprocess.Popen([*self._command, name], env=self.environ, stdout=log, stderr=log)
                for name in ("scheduler", "triggerer")
            )
        try:
            yield
        finally:
            for process in (self._scheduler, triggerer):
                process.send_signal(signal.SIGTERM)
            for process in (self._scheduler, triggerer):
                process.wait(STOP_S)
            subprocess.run(
                [*self._command, "stop"], env=self.environ, check=False, timeout=DEADLINE_S
            )
            self.engine.dispose()

    def wait_for(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """Wait until the runs `wanted` (by DAG) have ended."""
        missing = {(dag_id, run_id) for dag_id, run_ids in wanted.items() for run_id in run_ids}
        self._wait(lambda: missing - self._ended(), "these runs to end")

    def wait_for_dags(self, dag_ids: Iterable[str]) -> None:
        """Wait until these DAGs can be triggered."""
        missing = set(dag_ids)
        self._wait(lambda: missing - self._known(), "these DAGs to be read")

    def _wait(self, missing: Any, what: str) -> None:
        moved, moved_s = self._moved(), time.monotonic()
        pause = threading.Event()
        while left := missing():
            if (now := self._moved()) != moved:
                moved, moved_s = now, time.monotonic()
            if self._scheduler.poll() is not None or time.monotonic() - moved_s > STILL_S:
                said = self.log.read_text()[-LOG_SHOWN:]
                raise AssertionError(f"waited for {what}: {sorted(left)}\n{said}")
            pause.wait(LOOK_EVERY_S)

    def _moved(self) -> tuple[object, ...]:
        """Return what is another when a DAG was read, a run made, or anything of a run moved."""
        dags = select(func.count()).select_from(schema.dag).scalar_subquery()
        asked = select(func.count(), func.sum(schema.dag_run.c.revision), dags)
        with reading(self.engine) as conn:
            return tuple(conn.execute(asked.select_from(schema.dag_run)).one())

    def _known(self) -> set[str]:
        with reading(self.engine) as conn:
            return set(conn.execute(select(schema.dag.c.dag_id)).scalars())

    def _ended(self) -> set[tuple[str, str]]:
        columns = schema.dag_run.c
        with reading(self.engine) as conn:
            rows = conn.execute(
                select(columns.dag_id, columns.run_id).where(columns.state.in_(FINISHED))
            )
            return {(dag_id, run_id) for dag_id, run_id in rows}

    def trigger(self, dag_id: str, moment: datetime) -> None:
        """Make a run by hand for `moment`, as the command `dags trigger` does."""
        with writing(self.engine) as conn:
            (dag,) = snapshot.read_dags(conn, Versions(), [dag_id])
            runs.create(
                conn,
                graph=dag.graph,
                version_pk=dag.version_pk,
                run_id=f"manual__{moment.isoformat()}",
                run_type=RunType.MANUAL,
                logical_date=moment,
                interval=timetable_of(dag.graph.spec.schedule).manual_interval(moment),
                now=clock.utcnow(),
            )

    def facts(self) -> dict[str, dict[str, Any]]:
        """Return all runs by DAG and run id, in the shape of `run_airflow.py`."""
        answer: dict[str, dict[str, Any]] = {}
        with reading(self.engine) as conn:
            for run in conn.execute(select(schema.dag_run)).all():
                instances = {_name(row): _task(conn, row) for row in tasks.of_run(conn, run.id)}
                answer.setdefault(run.dag_id, {})[run.run_id] = _run(run, instances)
        return answer


def _run(run: Row[Any], instances: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": run.state,
        "run_type": run.run_type,
        "logical_date": run.logical_date.isoformat(),
        "data_interval_start": run.data_interval_start.isoformat(),
        "data_interval_end": run.data_interval_end.isoformat(),
        "tasks": instances,
    }


def _name(task: Row[Any]) -> str:
    return task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]"


def _task(conn: Any, task: Row[Any]) -> dict[str, Any]:
    left = select(schema.xcom.c.key, schema.xcom.c.value).where(schema.xcom.c.ti_id == task.id)
    called = {"called": task.rendered_map_index} if task.rendered_map_index is not None else {}
    return called | {
        "state": task.state,
        "try_number": task.try_number - task.resumed,
        "max_tries": task.max_tries - task.resumed,
        "rendered": task.rendered,
        "xcoms": {key: plain(serialization.loads(value)) for key, value in conn.execute(left)},
    }


def plain(value: Any) -> Any:
    """Return what JSON has no word for as its text, marked with its type."""
    try:
        return json.loads(json.dumps(value, sort_keys=True))
    except (TypeError, ValueError):
        return f"{type(value).__name__}: {value}"
