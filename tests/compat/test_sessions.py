"""Who asks for a session with the metastore is told what to ask instead."""

import pytest

from flowctl.compat.sessions import NEW_SESSION, NoSession, create_session, provide_session
from flowctl.errors import FlowctlError


@provide_session
def asked(number: int, session: object = NEW_SESSION) -> tuple[int, object]:
    """Return what it was given."""
    return number, session


def test_a_function_gets_a_session_only_where_its_caller_gives_none() -> None:
    """By position or by name."""
    assert isinstance(asked(1)[1], NoSession)
    assert asked(1, "own") == (1, "own")
    assert asked(1, session="own") == (1, "own")


def test_the_first_use_of_a_session_says_what_to_ask() -> None:
    """Opening and closing one is no use of it."""
    with create_session() as session:
        session.commit()
        with pytest.raises(FlowctlError, match=r"session\.query: .* ask Variable"):
            session.query(object)
