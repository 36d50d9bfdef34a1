"""One declaration for each route: what it takes, what it answers, and who may use it.

`@route` reads the types of the handler: `Call[Query, Body]`, one argument for each part of the
path, and what it returns. The server checks requests by it, and the OpenAPI document says it.
A route cannot be declared without saying who may use it.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from flowctl.store import roles

PREFIX = "/api/v1"
PART = re.compile(r"{(\w+)}")


class NoQuery(msgspec.Struct):
    """A route without parameters in its query."""


class Needs(NamedTuple):
    """What a caller needs: an action on a resource; on a DAG route also one on the DAG."""

    action: str
    resource: str
    dag: str | None = None  # the action that the DAG of the path must allow


class Anyone(NamedTuple):
    """A route for everybody, logged in or not."""


class Members(NamedTuple):
    """A route for everybody who is logged in."""


May = Needs | Anyone | Members


class Text(NamedTuple):
    """An answer that is no JSON."""

    content: str | Iterable[bytes]  # what comes bit by bit is sent so
    media: str = "text/plain; charset=utf-8"


class Route(NamedTuple):
    """One route; `body` and `answer` are None where there is none."""

    method: str
    path: str  # below `PREFIX`
    name: str  # the operation id
    handler: Callable[..., Any]
    may: May
    path_types: dict[str, type]
    query: type
    body: Any
    answer: Any
    status: int
    errors: tuple[int, ...]
    tag: str
    summary: str
    media: str = "text/plain"  # of an answer that is no JSON


ROUTES: list[Route] = []


def on_dag(action: str, resource: str) -> Needs:
    """Need an action on a DAG; or on what belongs to one, and to see or edit that DAG."""
    if resource == roles.DAGS:
        return Needs(action, resource, action)
    return Needs(action, resource, roles.READ if action == roles.READ else roles.EDIT)


def route(
    method: str,
    path: str,
    *,
    may: May,
    tag: str,
    errors: tuple[int, ...] = (),
    status: int = 0,
    media: str = "text/plain",
    name: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the decorated handler as a route; a handler may be declared for several paths.

    Args:
        path: below `PREFIX`, with its parts as `{name}`.
        may: who may use it.
        tag: the chapter of the documentation.
        errors: status codes that it may answer beside those that follow from the declaration;
            400: it may refuse also what has the declared form.
        status: of a success; by default 200, or 204 where nothing is answered.
        media: the type of an answer that is no JSON.
        name: the operation id, by default the name of the handler.
    """

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        hints = typing.get_type_hints(handler)
        query, body = typing.get_args(hints.pop("call"))
        answer = hints.pop("return")
        answer = None if answer is type(None) else answer
        ROUTES.append(
            Route(
                method,
                path,
                name or handler.__name__,
                handler,
                may,
                {part: hints[part] for part in PART.findall(path)},
                query,
                None if body is type(None) else body,
                answer,
                status or (204 if answer is None else 200),
                errors,
                tag,
                inspect.getdoc(handler) or "",
                media,
            )
        )
        return handler

    return declare


def limits(part: str) -> tuple[int, int]:
    """Return the least and greatest whole number that a part of a path can be."""
    return (0, 10**18 - 1) if part.endswith("_id") else (1 - 10**9, 10**9 - 1)


def statuses(declared: Route) -> tuple[int, ...]:
    """Return every status from 400 on that a route may answer."""
    known = set(declared.errors) | {503}
    if not isinstance(declared.may, Anyone):
        known |= {401, 429}  # nobody known asks; too many wrong passwords came from there
    if isinstance(declared.may, Needs):
        known |= {403}
    if declared.path_types:
        known |= {404, 414}
    if declared.body is not None:
        known |= {400, 413, 415}
    if declared.query is not NoQuery:
        known |= {400, 414}
    if declared.method != "GET":
        known |= {403}  # a foreign origin, a missing CSRF token
    return tuple(sorted(known))
