"""What a request is answered that cannot be done: problem details, as Airflow's API gives them.

Source: RFC 9457; status codes and the members are those of Airflow 2.10's stable API.
"""

import msgspec

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    413: "Request Entity Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Error(msgspec.Struct):
    """The body of every answer from 400 on."""

    type: str
    title: str
    status: int
    detail: str | None = None


class Problem(Exception):
    """A request cannot be done; the detail is for the person who sent it."""

    status = 400

    def __init__(self, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}


class BadRequest(Problem):
    """What was sent makes no sense."""


class Unauthenticated(Problem):
    """Nobody known asks."""

    status = 401


class Forbidden(Problem):
    """Who asks may not do this."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or none that who asks may see."""

    status = 404


class NotAcceptable(Problem):
    """The answer is not there in the form asked for."""

    status = 406


class Conflict(Problem):
    """There is such a thing already, or it is in a state that does not allow this."""

    status = 409


class TooMany(Problem):
    """The same was tried too often."""

    status = 429


class Unavailable(Problem):
    """What is needed for the answer does not work now."""

    status = 503


def error(status: int, detail: str | None) -> Error:
    """Return the body for a status."""
    return Error("about:blank", TITLES.get(status, "Error"), status, detail)
