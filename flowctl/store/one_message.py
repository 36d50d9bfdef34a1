"""Several statements for PostgreSQL in one message; see `store.together`.

The driver would send a `BEGIN` of its own before them, and wait for its answer. Here it goes with
them, and the driver, which is told that it is in autocommit mode, leaves it to us until the
transaction is over. The rest is as ever: errors, lost connections, commit and rollback.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, event

from flowctl.late import Late

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = Late("psycopg")  # installed where there is PostgreSQL

_ANSWERS = "flowctl_answers"  # execution option: where the answers go
_BEGAN = "flowctl_began"  # of a connection: that its last `BEGIN` was ours
_IDLE = 0  # no transaction, as libpq says it


class Found(NamedTuple):
    """What a statement did."""

    rowcount: int
    rows: list[tuple[Any, ...]]


def enable(engine: Engine) -> None:
    """Have an engine for PostgreSQL understand `send`."""
    event.listen(engine, "begin", _leave_begin_to_the_driver)
    event.listen(engine, "do_execute_no_params", _execute)


def send(conn: Connection, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Found]:
    """Execute statements that are given with their parameters, as the driver takes both.

    Raises:
        DBAPIError: one is refused; those after it were not executed.
    """
    raw: Any = conn.connection.driver_connection
    writer = psycopg.ClientCursor(raw)
    message = ";".join(writer.mogrify(text, values) for text, values in statements)
    answers: list[Found] = []
    conn.exec_driver_sql(
        message, execution_options={"no_parameters": True, _ANSWERS: (conn.info, answers)}
    )
    return answers


def _leave_begin_to_the_driver(conn: Connection) -> None:
    if conn.info.pop(_BEGAN, False):
        raw: Any = conn.connection.driver_connection
        raw.autocommit = False


def _execute(cursor: Any, statement: str, context: Any) -> bool:
    """Do the work of a dialect, for the messages of `send`; say whether it is done."""
    asked = context.execution_options.get(_ANSWERS)
    if asked is None:
        return False
    info, answers = asked
    is_first = cursor.connection.pgconn.transaction_status == _IDLE
    if is_first:
        cursor.connection.autocommit = info[_BEGAN] = True
        statement = f"BEGIN;{statement}"
    cursor.execute(statement)
    if is_first:
        cursor.nextset()
    while True:
        rows = cursor.fetchall() if cursor.description else []
        answers.append(Found(cursor.rowcount, rows))
        if not cursor.nextset():
            return True
