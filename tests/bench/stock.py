"""Fills a metastore with what years of use would leave in it: DAGs, runs, tasks, logs.

The rows are the store's own, written as fast as the database takes them: 5,000 tasks in each of
100 runs are half a million. `python -m tests.bench.stock` fills the home of FLOWCTL_HOME.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, case, func, insert, literal, select

from flowctl import clock, config
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, GroupSpec, ScheduleSpec, TaskSpec
from flowctl.store import dags, metastore, schema
from flowctl.store.engine import writing

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
PER_CHAIN = 10
PER_GROUP = 100
LINE = b"[2026-01-01T00:00:00.000+0000] {task.py:12} INFO - some words of a task that says much\n"
FAILS = 97  # one task of so many fails


def fill_dag(conn: Connection, dag_id: str, *, tasks: int, runs: int, grouped: bool = False) -> int:
    """Record a DAG with finished runs, a day each; return the key of the newest run."""
    spec = DagSpec(
        dag_id=dag_id,
        file=f"{dag_id}.py",
        tasks=tuple(_tasks(tasks, grouped=grouped)),
        groups=tuple(GroupSpec(one) for one in _groups(tasks)) if grouped else (),
        schedule=ScheduleSpec("cron", expression="0 0 * * *", summary="@daily"),
        start_date=FIRST,
        tags=("bench", "x"),
        description="a DAG to be looked at",
    )
    dags.record(conn, ParsedFile(spec.file, "1:1:1", (spec,), b"#"), clock.utcnow())
    version = conn.scalar(select(schema.dag.c.version_id).where(schema.dag.c.dag_id == dag_id))
    keys = [_run(conn, dag_id, version, number) for number in range(runs)]
    if keys:
        _instances(conn, keys, [task.task_id for task in spec.tasks])
    return keys[-1] if keys else 0


def _groups(tasks: int) -> list[str]:
    return [f"group_{number:02}" for number in range(-(-tasks // PER_GROUP))]


def _tasks(count: int, *, grouped: bool) -> Iterator[TaskSpec]:
    """Yield chains of ten, the begin of each after the begin of the one before."""
    ids = []
    for number in range(count):
        group = f"group_{number // PER_GROUP:02}" if grouped else None
        ids.append(f"{group}.t{number}" if group else f"t{number}")
        before = number - 1 if number % PER_CHAIN else number - PER_CHAIN
        yield TaskSpec(
            ids[-1],
            (ids[before],) if before >= 0 else (),
            operator="BashOperator",
            module="flowctl.operators.bash",
            group=group,
        )


def _run(conn: Connection, dag_id: str, version: int | None, number: int) -> int:
    at = FIRST + timedelta(days=number)
    row = insert(schema.dag_run).values(
        dag_id=dag_id,
        run_id=f"r{number}",
        run_type="scheduled",
        state="failed" if number % 9 == 0 else "success",
        version_id=version,
        logical_date=at,
        data_interval_start=at,
        data_interval_end=at + timedelta(days=1),
        queued_at=at,
        start_date=at,
        end_date=at + timedelta(minutes=1 + number % 13),
        updated_at=at,
    )
    key: int = conn.execute(row.returning(schema.dag_run.c.id)).scalar_one()
    return key


def _instances(conn: Connection, keys: Sequence[int], task_ids: Sequence[str]) -> None:
    """Write the tasks of the first run, and of the others by a copy of them."""
    ti = schema.task_instance
    end = FIRST + timedelta(minutes=1)
    same = {"operator": "BashOperator", "try_number": 1, "start_date": FIRST, "end_date": end}
    rows = [
        {"dag_run_id": keys[0], "task_id": task_id, "state": "success", **same}
        for task_id in task_ids
    ]
    conn.execute(insert(ti), rows)
    copied = [
        ti.c.task_id, ti.c.map_index, ti.c.operator, ti.c.try_number, ti.c.start_date,
        ti.c.end_date, ti.c.resumed, ti.c.max_tries, ti.c.pool, ti.c.pool_slots,
        ti.c.priority_weight, ti.c.queue, ti.c.revision,
    ]  # fmt: skip
    for key in keys[1:]:
        fails = func.mod(ti.c.id + literal(key * 31), FAILS) == 0
        state = case((fails, "failed"), else_="success")
        made = select(literal(key), state, *copied).where(ti.c.dag_run_id == keys[0])
        names = ["dag_run_id", "state", *(column.name for column in copied)]
        conn.execute(insert(ti).from_select(names, made))


def fill_log(conn: Connection, folder: Path, run_pk: int, task_id: str, *, size_bytes: int) -> str:
    """Write the log of the one try of a task, to about a size; return its name."""
    folder.mkdir(exist_ok=True)
    name = f"{run_pk}_{task_id}.log"
    block = LINE * (2**20 // len(LINE))
    with (folder / name).open("wb") as file:
        for _ in range(size_bytes // len(block)):
            file.write(block)
        file.write(LINE * ((size_bytes % len(block)) // len(LINE)))
    ti = schema.task_instance
    wanted = select(ti.c.id).where(ti.c.dag_run_id == run_pk, ti.c.task_id == task_id)
    conn.execute(
        insert(schema.task_try).values(
            ti_id=conn.scalar(wanted), try_number=1, state="success", queued_at=FIRST,
            start_date=FIRST, end_date=FIRST, log_path=name,
        )
    )  # fmt: skip
    return name


def analyze(engine: Engine) -> None:
    """Let the database learn how many rows there are, as it does by itself in time."""
    with engine.connect() as plain:
        plain.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def main() -> None:
    """Fill the home of FLOWCTL_HOME with what the pages must be fast with."""
    conf = config.load()
    engine = metastore.open_engine(conf, name="stock", pool_size=1)
    logs = conf.path("logging", "base_log_folder")
    with writing(engine) as conn:
        for number in range(500):
            fill_dag(conn, f"dag_{number:03}", tasks=5, runs=14)
        fill_dag(conn, "wide", tasks=500, runs=30)
        fill_dag(conn, "huge", tasks=5_000, runs=100)
        fill_dag(conn, "drawn", tasks=2_000, runs=3)
        newest = fill_dag(conn, "grouped", tasks=2_000, runs=3, grouped=True)
        fill_log(conn, logs, newest, "group_00.t0", size_bytes=200_000 * len(LINE))
        fill_log(conn, logs, newest, "group_00.t1", size_bytes=200 << 20)
    analyze(engine)


if __name__ == "__main__":
    main()
