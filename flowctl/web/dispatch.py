"""One request, from the declaration of its route to the answer."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Request, Response, request

from flowctl import clock
from flowctl.store import events, roles
from flowctl.web import reading
from flowctl.web.auth.caller import Caller
from flowctl.web.auth.login import Login, address_of
from flowctl.web.call import Call
from flowctl.web.live import Hub
from flowctl.web.problems import BadRequest, Forbidden, NotFound, Unauthenticated
from flowctl.web.routes import Anyone, Members, Needs, Route, Text
from flowctl.web.site import Site

_ENCODER = msgspec.json.Encoder()
CHALLENGE = {"WWW-Authenticate": 'Basic realm="flowctl"'}


def view(route: Route, site: Site, login: Login, hub: Hub) -> Callable[..., Response]:
    """Return the function that answers a route's requests."""
    decoder = None if route.body is None else msgspec.json.Decoder(route.body)

    def answer(**path: Any) -> Response:
        now = clock.utcnow()
        caller = login.caller(request, now, is_open=isinstance(route.may, Anyone))
        if any("\0" in part for part in path.values() if isinstance(part, str)):
            raise NotFound("nothing has such a name")
        check_access(route, caller, path)
        call: Call[Any, Any] = Call(
            site=site,
            login=login,
            hub=hub,
            caller=caller,
            now=now,
            query=reading.query(route.query, request.args.to_dict(flat=False)),
            body=None if decoder is None else reading.body(decoder, _content(request)),
            address=address_of(request),
            base_path=(request.script_root or "") + "/",
            is_secure=request.is_secure,
            accepts=request.headers.get("Accept", ""),
        )
        with events.coming_from(call.address):
            response = _response(route, route.handler(call, **path))
        response.headers.extend(call.headers)
        for name, options in call.cookies.items():
            response.set_cookie(name, **options)
        return response

    return answer


def check_access(route: Route, caller: Caller, path: dict[str, Any]) -> None:
    """Let only those through whom the route lets in.

    Raises:
        Unauthenticated: nobody known asks.
        Forbidden: who asks may not.
    """
    may = route.may
    if isinstance(may, Needs | Members) and caller.account is None:
        # A script of the pages asks for the login itself; a challenge would make the browser ask.
        is_script = request.headers.get("Sec-Fetch-Mode") in ("cors", "same-origin")
        raise Unauthenticated("log in first", headers={} if is_script else CHALLENGE)
    if not isinstance(may, Needs):
        return
    dag_id = path.get("dag_id", "~")
    is_on_dags = may.resource == roles.DAGS
    if not is_on_dags and not caller.may_of_dag(may.action, may.resource, dag_id):
        raise Forbidden(f"{caller.name} has no role that allows {may.action} on {may.resource}")
    if may.dag is None:
        return
    if dag_id == "~":  # of all DAGs: the handler leaves out what the caller may not see
        if caller.dags(may.dag) == frozenset():
            raise Forbidden(f"{caller.name} may not do this with any DAG")
    elif not caller.may_dag(may.dag, dag_id):
        raise Forbidden(f"{caller.name} has no role that allows {may.dag} on this DAG")


def _content(sent: Request) -> bytes:
    kind = sent.mimetype
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise BadRequest(f"the body is {kind}; send application/json")
    return sent.get_data(cache=False)


def _response(route: Route, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    if isinstance(result, Text):
        return Response(result.content, route.status, content_type=result.media)
    if route.answer is None:
        return Response(status=route.status)
    return Response(encoded(result), route.status, content_type="application/json")


def encoded(value: Any) -> bytes:
    """Return the JSON of an answer."""
    return _ENCODER.encode(value)
