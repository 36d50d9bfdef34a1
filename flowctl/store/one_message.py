"""Several statements for PostgreSQL in one message; see `store.together`.

The driver would send a `BEGIN` of its own before the first message of a transaction, and wait for
its answer. Here it goes with the message. The rest is as ever: errors, lost connections, isolation,
commit and rollback.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, event

from flowctl.late import Late

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = Late("psycopg")  # installed where there is PostgreSQL

Statement = tuple[str, Mapping[str, Any]]  # with its parameters, as the driver takes both

_MESSAGE = "flowctl_message"  # execution option: statements, and a list for what they do


class Found(NamedTuple):
    """What a statement did."""

    rowcount: int
    rows: list[tuple[Any, ...]]


def enable(engine: Engine) -> None:
    """Have an engine for PostgreSQL understand `send`."""
    event.listen(engine, "do_execute_no_params", _execute)


def send(conn: Connection, statements: Sequence[Statement]) -> list[Found]:
    """Execute these statements.

    Raises:
        DBAPIError: one is refused, or a value cannot be written; none after it was executed.
    """
    found: list[Found] = []
    conn.exec_driver_sql(
        ";".join(text for text, _ in statements),
        execution_options={"no_parameters": True, _MESSAGE: (statements, found)},
    )
    return found


def _execute(cursor: Any, _text: str, context: Any) -> bool:
    """Do the work of a dialect, for the messages of `send`; say whether it is done."""
    asked = context.execution_options.get(_MESSAGE)
    if asked is None:
        return False
    statements, found = asked
    raw = cursor.connection
    writer = psycopg.ClientCursor(raw)
    message = ";".join(writer.mogrify(text, values) for text, values in statements)
    if raw.info.transaction_status is psycopg.pq.TransactionStatus.IDLE and not raw.autocommit:
        raw._autocommit = True  # for this call; what is public for it is closed in a transaction
        try:
            cursor.execute(f"{_begin(raw)};{message}")
        finally:
            raw._autocommit = False
        cursor.nextset()
    else:
        cursor.execute(message)
    while True:
        rows = cursor.fetchall() if cursor.description else []
        found.append(Found(cursor.rowcount, rows))
        if not cursor.nextset():
            return True


def _begin(raw: Any) -> str:
    """Return how a transaction of this connection begins."""
    words = ["BEGIN"]
    if raw.isolation_level is not None:
        words.append("ISOLATION LEVEL " + raw.isolation_level.name.replace("_", " "))
    if raw.read_only is not None:
        words.append("READ ONLY" if raw.read_only else "READ WRITE")
    if raw.deferrable is not None:
        words.append("DEFERRABLE" if raw.deferrable else "NOT DEFERRABLE")
    return " ".join(words)
