"""Several statements for PostgreSQL in one message; see `store.together`.

The driver would send a `BEGIN` of its own before the first message of a transaction, and wait for
its answer. Here it goes with the message. The rest is as ever: errors, lost connections, isolation,
commit and rollback.

A message holds its values as text. What is done with them is planned once for a connection: the
server keeps it (`PREPARE`), and later messages call it by name. That takes half the server's time
of planning each row, and no more than the driver's way to send many (measured on 2026-11-22).
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    for end in ("rollback", "rollback_savepoint"):
        event.listen(engine, end, _doubt)


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
    kept = context.root_connection.info.setdefault(_MESSAGE, _Kept())
    kept.look(cursor)
    with kept.new(raw, statements) as parts:
        is_first = raw.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        if is_first and not raw.autocommit:
            parts.insert(0, _begin(raw))
            raw._autocommit = True  # for this call; what is public for it is closed meanwhile
            try:
                cursor.execute(b";".join(parts))
            finally:
                raw._autocommit = False
        else:
            cursor.execute(b";".join(parts))
    for _ in range(len(parts) - len(statements)):
        cursor.nextset()
    while True:
        rows = cursor.fetchall() if cursor.description else []
        found.append(Found(cursor.rowcount, rows))
        if not cursor.nextset():
            return True


def _doubt(conn: Connection, *_: Any) -> None:
    """Have it looked up what is kept: after a rollback the driver may end all that is."""
    if not conn.closed and not conn.invalidated and _MESSAGE in conn.info:
        conn.info[_MESSAGE].is_in_doubt = True


class _Kept:
    """The statements that the server keeps for a connection: it planned them."""

    def __init__(self) -> None:
        self.is_in_doubt = False
        self._names: dict[str, bytes] = {}
        self._numbers = itertools.count(1)

    def look(self, cursor: Any) -> None:
        """Ask the server what it still keeps, where that is in doubt."""
        if self.is_in_doubt:
            cursor.execute("SELECT name FROM pg_prepared_statements WHERE from_sql")
            found = {name.encode() for (name,) in cursor.fetchall()}
            self._names = {text: name for text, name in self._names.items() if name in found}
            self.is_in_doubt = False

    @contextmanager
    def new(self, raw: Any, statements: Sequence[Statement]) -> Iterator[list[bytes]]:
        """Give the parts of a message that has the server keep and execute these statements.

        A name that came with a message that failed is never used again.
        """
        new: dict[str, bytes] = {}
        parts: list[bytes] = []
        if raw.prepare_threshold is not None:  # else they are not to be kept: see the driver
            for text, values in statements:
                if text not in self._names and text not in new:
                    new[text] = f"flowctl_{next(self._numbers)}".encode()
                    parts.append(b"PREPARE %b AS %b" % (new[text], _numbered(text, values)))
        names = self._names | new if new else self._names
        writer = psycopg.adapt.Transformer(raw)
        parts += [_call(writer, names.get(text), text, values) for text, values in statements]
        yield parts
        self._names = names


def _numbered(text: str, values: Mapping[str, Any]) -> bytes:
    marks = {key: f"${number}" for number, key in enumerate(values, 1)}
    return (text % marks).encode()


def _call(writer: Any, name: bytes | None, text: str, values: Mapping[str, Any]) -> bytes:
    """Write a statement with its values in it, or the name of one that the server keeps."""
    written = [
        b"NULL" if value is None else bytes(writer.as_literal(value)) for value in values.values()
    ]
    if name is not None:
        return b"EXECUTE %b(%b)" % (name, b",".join(written))
    return text.encode() % dict(zip((key.encode() for key in values), written, strict=True))


def _begin(raw: Any) -> bytes:
    """Return how a transaction of this connection begins."""
    words = ["BEGIN"]
    if raw.isolation_level is not None:
        words.append("ISOLATION LEVEL " + raw.isolation_level.name.replace("_", " "))
    if raw.read_only is not None:
        words.append("READ ONLY" if raw.read_only else "READ WRITE")
    if raw.deferrable is not None:
        words.append("DEFERRABLE" if raw.deferrable else "NOT DEFERRABLE")
    return " ".join(words).encode()
