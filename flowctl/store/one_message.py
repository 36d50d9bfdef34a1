"""Several statements for PostgreSQL in one message; see `store.together`.

The driver would send a `BEGIN` of its own before the first message of a transaction, and wait for
its answer. Here it goes with the message. The rest is as ever: errors, lost connections, isolation,
commit and rollback.

A message holds its values as text. What is done with them is planned once for a connection: the
server keeps it (`PREPARE`), and later messages call it by name. That takes half the server's time
of planning each row, and no more than the driver's way to send many (measured on 2026-11-22).
"""

import itertools
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
    if raw.prepare_threshold is not None:  # else nothing is to be kept: see the driver
        kept.look(cursor)
        kept.keep(cursor, statements)
    writer = psycopg.adapt.Transformer(raw)
    _send(cursor, [kept.call(writer, *statement) for statement in statements])
    while True:
        rows = cursor.fetchall() if cursor.description else []
        found.append(Found(cursor.rowcount, rows))
        if not cursor.nextset():
            return True


def _send(cursor: Any, parts: list[bytes]) -> None:
    """Have the server do all this, in a transaction; its first result is that of the first part."""
    raw = cursor.connection
    is_automatic = raw.autocommit
    begins = raw.info.transaction_status is psycopg.pq.TransactionStatus.IDLE and not is_automatic
    message = b";\n".join([_begin(raw), *parts] if begins else parts)
    try:
        raw._autocommit = is_automatic or begins  # what is public for it is closed meanwhile
        cursor.execute(message, prepare=False)
    finally:
        raw._autocommit = is_automatic
    if begins:
        cursor.nextset()


def _doubt(conn: Connection, *_: Any) -> None:
    """Have it looked up what is kept: at a rollback the driver may end all that is."""
    if conn.closed or conn.invalidated or _MESSAGE not in conn.info:
        return
    raw: Any = conn.connection.driver_connection
    if raw.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        conn.info[_MESSAGE].is_in_doubt = True


Form = tuple[str, ...]  # a text, and the names of its values in their order


class _Kept:
    """The statements that the server keeps for a connection: it planned them."""

    def __init__(self) -> None:
        self.is_in_doubt = False
        self._names: dict[Form, bytes] = {}
        self._numbers = itertools.count(1)

    def look(self, cursor: Any) -> None:
        """Ask the server what it still keeps, where that is in doubt."""
        if self.is_in_doubt and self._names:
            asked = "SELECT name FROM pg_prepared_statements WHERE from_sql"
            cursor.execute(asked, prepare=False)
            found = {name.encode() for (name,) in cursor.fetchall()}
            self._names = {form: name for form, name in self._names.items() if name in found}
        self.is_in_doubt = False

    def keep(self, cursor: Any, statements: Sequence[Statement]) -> None:
        """Have the server keep those of these statements that it does not keep yet.

        They go before the message: the server keeps the whole of what a statement came with.
        """
        new: dict[Form, bytes] = {}
        for text, values in statements:
            form = (text, *values)
            if form not in self._names and form not in new:
                new[form] = f"flowctl_{next(self._numbers)}".encode()
        if new:
            _send(cursor, [b"PREPARE %b AS %b" % (new[form], _numbered(*form)) for form in new])
            self._names |= new

    def call(self, writer: Any, text: str, values: Mapping[str, Any]) -> bytes:
        """Write a statement with its values, by its name where it is kept."""
        written = [
            b"NULL" if value is None else bytes(writer.as_literal(value))
            for value in values.values()
        ]
        name = self._names.get((text, *values))
        if name is None:
            keys = (key.encode() for key in values)
            return text.encode() % dict(zip(keys, (b"(%b)" % w for w in written), strict=True))
        return b"EXECUTE %b(%b)" % (name, b",".join(written)) if written else b"EXECUTE " + name


def _numbered(text: str, *names: str) -> bytes:
    return (text % {name: f"${number}" for number, name in enumerate(names, 1)}).encode()


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
