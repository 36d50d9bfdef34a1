"""A long history, written by SQL: finished runs of a DAG, with their tasks and tries."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from flowctl import clock
from flowctl.store.engine import writing
from tests.bench.stock import analyze

TASKS_PER_RUN = 500
RUNS_PER_BATCH = 100
BEGAN = timedelta(days=200)  # ago; what is much older, retention would delete meanwhile

RUN = text("""
    INSERT INTO dag_run (dag_id, run_id, run_type, state, version_id, logical_date,
        data_interval_start, data_interval_end, external_trigger, conf, queued_at, start_date,
        end_date, clear_number, revision, updated_at)
    SELECT dag_id, :run_id, 'manual', 'success', version_id, :at, :at, :at, :yes, '{}', :at, :at,
        :at, 0, 1, :at
    FROM dag WHERE dag_id = :dag_id
    RETURNING id""")

# The task ids come from one finished run of the DAG, as often as they are needed.
TASKS = text("""
    INSERT INTO task_instance (dag_run_id, task_id, map_index, state, try_number, max_tries,
        queued_at, start_date, end_date, operator, pool, pool_slots, priority_weight, queue,
        revision)
    SELECT run.id, old.task_id, -1, 'success', 1, 0, :at, :at, :at, old.operator, old.pool, 1, 1,
        old.queue, 1
    FROM dag_run run, task_instance old
    WHERE run.id > :after AND run.run_id LIKE 'old_%' AND old.dag_run_id = :model""")

TRIES = text("""
    INSERT INTO task_try (ti_id, try_number, state, term, queued_at, start_date, end_date)
    SELECT ti.id, 1, 'success', 1, :at, :at, :at
    FROM task_instance ti JOIN dag_run run ON run.id = ti.dag_run_id
    WHERE run.id > :after AND run.run_id LIKE 'old_%'""")


def insert_history(engine: Engine, dag_id: str, tasks: int) -> None:
    """Insert that many finished task instances of a DAG of 500 tasks that has run at least once."""
    with writing(engine) as conn:
        model, per_run = conn.execute(
            text("SELECT max(dag_run_id), count(*) / count(DISTINCT dag_run_id) FROM task_instance")
        ).one()
    runs = -(-tasks // int(per_run))
    for start in range(0, runs, RUNS_PER_BATCH):
        with writing(engine) as conn:
            _insert_batch(conn, dag_id, model, range(start, min(runs, start + RUNS_PER_BATCH)))
    analyze(engine)


def _insert_batch(conn: Connection, dag_id: str, model: int, numbers: range) -> None:
    after = conn.execute(text("SELECT max(id) FROM dag_run")).scalar_one()
    first = clock.utcnow() - BEGAN
    for number in numbers:
        at = first + timedelta(hours=number)
        conn.execute(
            RUN,
            {"dag_id": dag_id, "run_id": f"old_{number}", "at": _plain(conn, at), "yes": True},
        )
    moment = {"at": _plain(conn, clock.utcnow()), "after": after}
    conn.execute(TASKS, {**moment, "model": model})
    conn.execute(TRIES, moment)


def _plain(conn: Connection, at: datetime) -> datetime | str:
    """Return a moment as the store writes it: SQLite has text without a zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if conn.dialect.name == "sqlite" else at
