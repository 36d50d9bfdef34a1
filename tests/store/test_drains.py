"""Draining is one row that says who and since when, on every database."""

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from flowctl.core.drain import Drain
from flowctl.store import drains
from flowctl.store.schema import drain
from tests.core.worlds import NOON


def test_the_first_one_is_remembered_until_somebody_ends_it(conn: Connection) -> None:
    """Who begins or ends it twice changes nothing."""
    assert not drains.end(conn, "ann", NOON)
    assert drains.begin(conn, "ann", NOON)
    assert not drains.begin(conn, "bob", NOON)
    assert drains.read(conn) == Drain("ann", NOON)
    assert drains.left(conn) == 0
    assert drains.end(conn, "bob", NOON)
    assert drains.read(conn) is None


def test_there_is_only_one(conn: Connection) -> None:
    with pytest.raises(IntegrityError):
        conn.execute(insert(drain).values(id=2, by="bob", since=NOON))
