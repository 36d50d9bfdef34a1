"""What is answered when a request cannot be done: every error becomes a problem of `problems`."""

import logging
from collections.abc import Callable, Collection, Mapping

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from flowctl.errors import FlowctlError
from flowctl.store.accounts import Taken
from flowctl.store.engine import in_words, is_transient
from flowctl.store.marks import RunGone
from flowctl.web import dispatch
from flowctl.web.problems import Problem, error

LOG = logging.getLogger("flowctl.web")

IN_ITS_WORDS: Mapping[type[Exception], int] = {Taken: 409, RunGone: 404, FlowctlError: 400}
"""The status of errors whose own words are for the person who asked."""


def answer_errors(app: Flask, methods: Mapping[str, Collection[str]]) -> None:
    """Have errors answered as problems.

    Args:
        methods: what each path allows; `/connections/{id}` does not speak for `/connections/test`.
    """
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, lambda raised: _http(raised, methods))
    for kind, status in IN_ITS_WORDS.items():
        app.register_error_handler(kind, _in_its_words(status))
    app.register_error_handler(IntegrityError, _late)
    app.register_error_handler(DBAPIError, _away)
    app.register_error_handler(NoConnection, _away)
    app.register_error_handler(Exception, _bug)


def _problem(raised: Problem) -> Response:
    return _answer(raised.status, raised.detail, raised.headers)


def _http(raised: HTTPException, methods: Mapping[str, Collection[str]]) -> Response:
    status = raised.code or 500
    said = f"{request.method} {request.path}: {raised.name}"
    allowed = methods.get(request.path) or getattr(raised, "valid_methods", None) or ()
    return _answer(status, said, {"Allow": ", ".join(sorted(allowed))} if allowed else {})


def _in_its_words(status: int) -> Callable[[Exception], Response]:
    return lambda raised: _answer(status, str(raised), {})


def _late(_raised: IntegrityError) -> Response:
    return _answer(409, "somebody else changed the same at this moment; look again", {})


def _away(raised: DBAPIError | NoConnection) -> Response:
    if not is_transient(raised):
        return _bug(raised)
    LOG.warning("the metastore does not answer: %s", in_words(raised))
    return _answer(503, "the metastore does not answer now; try again", {"Retry-After": "1"})


def _bug(raised: Exception) -> Response:
    LOG.error("%s %r failed", request.method, request.path, exc_info=raised)
    return _answer(500, "flowctl failed here; its log says where", {})


def _answer(status: int, detail: str, headers: dict[str, str]) -> Response:
    body = dispatch.encoded(error(status, detail))
    return Response(body, status, headers, content_type="application/problem+json")
