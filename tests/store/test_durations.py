"""How long tasks take, and how long the lists are that they leave, by their latest runs."""

from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from flowctl.core.states import RunState, TaskState
from flowctl.store import schema
from flowctl.store.queries import durations
from tests.store.rows import NOW, add_dag, add_run


def ran(conn: Connection, day: int, took_s: float, state: RunState = RunState.SUCCESS) -> int:
    """Let the DAG `d` have run once; return the key of its task instance."""
    version = conn.execute(select(schema.dag.c.version_id)).scalar_one()
    run = add_run(conn, "d", f"r{day}", [TaskState.SUCCESS], day=day, state=state, version=version)
    ti = schema.task_instance
    values = {"start_date": NOW, "end_date": NOW + timedelta(seconds=took_s)}
    conn.execute(update(ti).where(ti.c.dag_run_id == run).values(values))
    return int(conn.execute(ti.select().where(ti.c.dag_run_id == run)).one().id)


def test_a_task_takes_the_median_of_its_latest_good_runs(conn: Connection) -> None:
    add_dag(conn, "d")
    for day in range(durations.RECENT_RUNS):
        ran(conn, -100 - day, 1000)  # long ago
    for day in range(durations.RECENT_RUNS):
        ran(conn, -day, day)
    ran(conn, 1, 5000, RunState.FAILED)

    (took,) = durations.typical(conn, ["d"]).values()

    assert took == timedelta(seconds=durations.RECENT_RUNS // 2)


def test_other_dags_do_not_count(conn: Connection) -> None:
    add_dag(conn, "d")
    ran(conn, 0, 10)

    assert durations.typical(conn, ["e"]) == {}


def test_a_list_is_as_long_as_it_usually_was(conn: Connection) -> None:
    add_dag(conn, "d")
    for day, length in enumerate((3, 9, 4)):
        ti_id = ran(conn, day, 10)
        conn.execute(
            insert(schema.xcom).values(
                ti_id=ti_id, key="return_value", value="[]", length=length, created_at=NOW
            )
        )

    assert list(durations.lengths(conn, ["d"]).values()) == [4]
