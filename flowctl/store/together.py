"""Statements of one short transaction, written so that none waits for what another returns.

A statement that needs what one before it found asks for it by a sub-select, and the caller judges
all answers when the batch is over. So they could reach the database in one trip. PostgreSQL's
pipeline mode did that (two trips a tick and two a commit, instead of five and four) and lost: a
process that is suspended between the first message of a batch and its last leaves a server that
waits within a statement, where `idle_in_transaction_session_timeout` does not part them. Its locks
then kept every standby out (seen on 2026-11-21, once in five takeovers).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from flowctl.store.prepared import Prepared


class Answer:
    """What a statement found and did; there once the batch is over."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        """Return how many rows it changed."""
        changed: int = self._cursor.rowcount
        return changed

    def all(self) -> list[tuple[Any, ...]]:
        """Return the rows that it returned."""
        return list(self._cursor.fetchall())


class Batch:
    """Executes statements; see the module."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn

    def run(self, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> Answer:
        """Execute a statement for each of these rows of parameters, at least one."""
        return Answer(statement.run(self.conn, rows))


@contextmanager
def together(conn: Connection) -> Iterator[Batch]:
    """Give a batch; when the block ends all its statements are executed.

    Raises:
        DBAPIError: the database refuses one of them; those after it were not executed.
    """
    yield Batch(conn)
