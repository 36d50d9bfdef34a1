"""A prepared statement does what SQLAlchemy would do with it, on every database."""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from flowctl.core.states import TaskState
from flowctl.store import schema
from flowctl.store.prepared import Prepared
from tests.store.rows import NOW, add_dag, add_run

COLUMNS = schema.task_instance.c
END = Prepared(
    update(schema.task_instance)
    .where(COLUMNS.id == bindparam("ti"), COLUMNS.state == TaskState.RUNNING.value)
    .values(
        state=TaskState.SUCCESS.value,
        start_date=func.coalesce(COLUMNS.start_date, bindparam("end")),
        end_date=bindparam("end"),
        rendered=bindparam("fields"),
    )
)


def test_values_reach_the_columns_as_their_types_say(conn: Connection) -> None:
    run = add_run(conn, "d", "r", [TaskState.RUNNING] * 3, version=add_dag(conn, "d"))
    ids = list(conn.scalars(select(COLUMNS.id).where(COLUMNS.dag_run_id == run).order_by("id")))
    rows = [
        {"ti": ti_id, "end": NOW + timedelta(hours=at), "fields": {"cmd": "ü"}, "more": "left out"}
        for at, ti_id in enumerate(ids)
    ]

    assert END.run(conn, rows[:1]).rowcount == 1
    assert END.run(conn, rows).rowcount == 2  # the first has left RUNNING

    wanted = select(COLUMNS.state, COLUMNS.start_date, COLUMNS.end_date, COLUMNS.rendered)
    found = conn.execute(wanted.order_by(COLUMNS.id)).all()
    moments = [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    assert [tuple(row) for row in found] == [
        ("success", moment, moment, {"cmd": "ü"}) for moment in moments
    ]


def test_rows_that_are_inserted_take_the_given_values(conn: Connection) -> None:
    statement = insert(schema.xcom).values(
        ti_id=bindparam("ti"), key="k", value=bindparam("value"), created_at=bindparam("now")
    )
    run = add_run(conn, "d", "r", [TaskState.RUNNING], version=add_dag(conn, "d"))
    ti_id = conn.scalar(select(COLUMNS.id).where(COLUMNS.dag_run_id == run))

    Prepared(statement).run(conn, [{"ti": ti_id, "value": "1", "now": NOW}])

    row = conn.execute(select(schema.xcom)).one()
    assert (row.ti_id, row.key, row.value, row.created_at) == (ti_id, "k", "1", NOW)
