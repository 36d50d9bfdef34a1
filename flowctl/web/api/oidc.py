"""Logging in by an OpenID Connect provider: there, and back with a session."""

from dataclasses import replace
from typing import Any

import msgspec
from flask import request
from sqlalchemy import Connection

from flowctl.store import accounts, events, roles, trail
from flowctl.store.accounts import Account
from flowctl.web.api.session import begin, cookie_options
from flowctl.web.auth.oidc import VISIT, Person
from flowctl.web.call import Call
from flowctl.web.places import within
from flowctl.web.problems import Forbidden, NotFound, TooMany
from flowctl.web.routes import Anyone, NoQuery, route

COOKIE = "flowctl_visit"
ACTOR = "oidc"


class Ways(msgspec.Struct):
    """How people may log in."""

    password: bool
    oidc: bool


@route("GET", "/session/ways", may=Anyone(), tag="Session")
def get_ways(call: Call[NoQuery, None]) -> Ways:
    """Say how people may log in."""
    return Ways(password=True, oidc=call.login.provider is not None)


class Start(msgspec.Struct):
    next: str | None = None


@route("GET", "/session/oidc", may=Anyone(), tag="Session", status=302, errors=(403, 404))
def get_oidc(call: Call[Start, None]) -> None:
    """Send the browser to the provider; `next` is the page that it comes back to."""
    provider = _provider(call)
    place = within(call.base_path, call.query.next)
    address, kept = provider.leave(place, call.site.cipher, call.now)
    call.headers["Location"] = address
    call.cookies[COOKIE] = cookie_options(call, kept, int(VISIT.total_seconds()))


class Back(msgspec.Struct):
    code: str = ""
    state: str = ""
    error: str | None = None


@route("GET", "/session/oidc/callback", may=Anyone(), tag="Session", status=302,
       errors=(403, 404, 409, 429))  # fmt: skip
def get_oidc_callback(call: Call[Back, None]) -> None:
    """Log in who comes back from the provider, and send him to the page where he began."""
    provider, asked = _provider(call), call.query
    call.cookies[COOKIE] = cookie_options(call, "", 0)
    if asked.error:
        raise Forbidden(f"the provider says: {asked.error[:200]}")
    if call.login.throttle.wait_s(call.address, ACTOR) > 0:
        raise TooMany("too many logins failed; wait")
    cookie = request.cookies.get(COOKIE, "")
    try:
        person, place = provider.come_back(
            asked.code, asked.state, cookie, call.site.cipher, call.now
        )
        with call.site.noting() as conn:
            account = _account(call, conn, person)
    except Forbidden:
        call.login.throttle.failed(call.address, ACTOR)
        raise
    begin(call, account)
    call.headers["Location"] = place


def _provider(call: Call[Any, None]) -> Any:
    if call.login.provider is None:
        raise NotFound("[oidc] issuer is not set: people log in with their passwords")
    return call.login.provider


def _account(call: Call[Any, None], conn: Connection, person: Person) -> Account:
    """Return the account of a person, with the roles of now; make one where that is allowed.

    It is found by what the provider never changes. A name leads only to an account that nobody
    came into yet: many providers let people choose their names. An account with a password belongs
    to whoever knows it: no provider lets anybody into that.
    """
    before = accounts.of_subject(conn, person.subject) or accounts.one(conn, person.username)
    if before is None:
        return _made(call, conn, person)
    is_other = before.subject not in (None, person.subject)
    if before.password is not None or is_other or not before.is_active:
        raise Forbidden(f"the user {before.username!r} does not log in by the provider")
    given = before.roles if person.roles is None else person.roles
    after = replace(before, roles=given, subject=person.subject)
    if after == before:
        return before
    with trail.change(conn, trail.USER, before.username) as change:
        accounts.change(conn, before, after, call.now)
    events.record(conn, "user.edit", ACTOR, at=call.now, detail=change.detail)
    return _require(conn, before.username)


def _made(call: Call[Any, None], conn: Connection, person: Person) -> Account:
    conf = call.site.conf
    default = conf.text("oidc", "default_role")
    given = person.roles or ((default,) if default else ())
    if not conf.flag("oidc", "create_users") or not given:
        raise Forbidden(f"{person.username!r} is no user here, and nothing makes him one")
    names = tuple(name for name in given if name in roles.listed(conn))
    if names != given:
        raise Forbidden(f"[oidc] names roles that are not there: {', '.join(given)}")
    wanted = Account(
        person.username,
        person.first_name,
        person.last_name,
        person.email,
        names,
        subject=person.subject,
    )
    with trail.change(conn, trail.USER, person.username) as change:
        accounts.create(conn, wanted, call.now)
    events.record(conn, "user.create", ACTOR, at=call.now, detail=change.detail)
    return _require(conn, person.username)


def _require(conn: Connection, username: str) -> Account:
    found = accounts.one(conn, username)
    assert found is not None  # it was written in this unit of work
    return found
