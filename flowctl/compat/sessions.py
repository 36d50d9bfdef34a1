"""What do DAG files get that ask for a session with the metastore? A clear no.

User code has no way into flowctl's tables, as it has none in Airflow 3. `provide_session` and
`create_session` are there because provider packages decorate methods with them which never use the
session; the first use of one says what to ask instead.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, TypeVar

from flowctl.errors import FlowctlError

R = TypeVar("R")


class NoSession:
    """Stands where Airflow 2 hands out an SQLAlchemy session, and refuses what it is asked."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take what `settings.Session()` takes."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise FlowctlError(
            f"session.{name}: DAG files and tasks have no session with flowctl's metastore; ask"
            " Variable, Connection, XCom, ti and dag_run instead, or the REST API"
        )

    def close(self) -> None:
        """Close nothing."""

    def commit(self) -> None:
        """Commit nothing: nothing was changed."""

    def flush(self) -> None:
        """Write nothing: nothing was changed."""

    def rollback(self) -> None:
        """Take nothing back."""

    def __enter__(self) -> "NoSession":
        return self

    def __exit__(self, *_: object) -> None:
        """End."""


NEW_SESSION: Any = None
"""The default of parameters that `provide_session` fills."""


@contextmanager
def create_session(**_: Any) -> Iterator[NoSession]:
    """Give the block something called a session."""
    yield NoSession()


def provide_session(func: Callable[..., R]) -> Callable[..., R]:
    """Fill the argument `session` of a function where its caller does not."""

    @wraps(func)
    def with_session(*args: Any, **kwargs: Any) -> R:
        return (
            func(*args, **kwargs)
            if given(args, kwargs)
            else func(*args, session=NoSession(), **kwargs)
        )

    place = func.__code__.co_varnames.index("session")

    def given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        return "session" in kwargs or len(args) > place

    return with_session
