"""Logging in and out with a browser, the caller's own account, and its tokens."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from flowctl.store import accounts, events, passes, passwords, trail
from flowctl.store.roles import EDIT
from flowctl.web.auth.login import COOKIE, csrf_of, digest_of, new_token
from flowctl.web.call import Call
from flowctl.web.problems import Forbidden, NotFound
from flowctl.web.reading import When, shown
from flowctl.web.routes import Anyone, Members, Needs, NoQuery, route

TOKEN_DAYS_MAX = 3660


class Credentials(msgspec.Struct):
    username: Annotated[str, msgspec.Meta(max_length=256)]
    password: Annotated[str, msgspec.Meta(max_length=passwords.LENGTH_MAX)]


class Me(msgspec.Struct):
    """Who the caller is, what his roles allow, and the CSRF token of his session."""

    username: str
    first_name: str
    last_name: str
    email: str
    roles: list[str]
    permissions: dict[str, list[str]]  # resource -> actions
    csrf_token: str | None = None


@route("POST", "/session", may=Anyone(), tag="Session", errors=(401, 429))
def post_session(call: Call[NoQuery, Credentials]) -> Me:
    """Log in: open a session, whose cookie the browser keeps."""
    login = call.login
    asked = call.body
    account = login.check(asked.username, asked.password, call.address, call.now)
    cookie = begin(call, account)
    with call.reading() as conn:
        may = accounts.permissions(conn, account.id)
    return _me(account, may, csrf_of(cookie))


def begin(call: Call[Any, Any], account: accounts.Account) -> str:
    """Open a session in place of an older one of this browser; return what its cookie holds."""
    if call.caller.session:
        call.login.close(call.caller.session)
    cookie = call.login.open(account, call.now)
    lasts_s = int(call.site.session_lasts.total_seconds())
    call.cookies[COOKIE] = cookie_options(call, cookie, lasts_s)
    with call.site.noting() as conn:
        events.record(conn, "session.open", account.username, at=call.now)
    return cookie


@route("DELETE", "/session", may=Members(), tag="Session")
def delete_session(call: Call[NoQuery, None]) -> None:
    """Log out: the session ends on the server, too."""
    if call.caller.session:
        call.login.close(call.caller.session)
        with call.site.noting() as conn:
            call.audit(conn, "session.close")
    call.cookies[COOKIE] = cookie_options(call, "", 0)


@route("GET", "/me", may=Members(), tag="Session")
def get_me(call: Call[NoQuery, None]) -> Me:
    """Return who the caller is."""
    account, session = _account(call), call.caller.session
    return _me(account, call.caller.permissions, csrf_of(session) if session else None)


class NewPassword(msgspec.Struct):
    old: Annotated[str, msgspec.Meta(max_length=passwords.LENGTH_MAX)]
    new: Annotated[str, msgspec.Meta(min_length=8, max_length=passwords.LENGTH_MAX)]


@route("PUT", "/me/password", may=Needs(EDIT, "My Password"), tag="Session", errors=(429,))
def put_password(call: Call[NoQuery, NewPassword]) -> None:
    """Change the caller's password; all sessions of the account are over then."""
    mine = _account(call)
    login = call.login
    login.check(mine.username, call.body.old, call.address, call.now, is_login=False)
    changed = replace(mine, password=passwords.hashed(call.body.new))
    with (
        call.writing() as conn,
        call.changing(conn, "user.password", trail.USER, mine.username),
    ):
        accounts.change(conn, mine, changed, call.now)


class SessionShown(msgspec.Struct):
    """A browser in which the caller is logged in."""

    id: str
    created_at: When
    seen_at: When
    is_this: bool  # the request comes from it


class Sessions(msgspec.Struct):
    sessions: list[SessionShown]
    total_entries: int


ID_LENGTH = 16  # of a digest, which lets nobody in, and of which nobody has two that begin alike


@route("GET", "/me/sessions", may=Members(), tag="Session")
def get_sessions(call: Call[NoQuery, None]) -> Sessions:
    """Return where the caller is logged in, the latest used first."""
    own = digest_of(call.caller.session) if call.caller.session else None
    listed = [
        SessionShown(
            one.digest[:ID_LENGTH], shown(one.created_at), shown(one.seen_at), one.digest == own
        )
        for one in call.login.sessions(_account(call).id, call.now)
    ]
    return Sessions(listed, len(listed))


@route("DELETE", "/me/sessions/{session_id}", may=Members(), tag="Session")
def delete_my_session(call: Call[NoQuery, None], session_id: str) -> None:
    """Log the caller out in one of his browsers."""
    for one in call.login.sessions(_account(call).id, call.now):
        if one.digest[:ID_LENGTH] == session_id:
            with call.writing() as conn:
                passes.close_session(conn, one.digest)
                call.audit(conn, "session.close")
            return
    raise NotFound(f"you have no session {session_id!r}")


class TokenShown(msgspec.Struct):
    id: int
    name: str
    is_read_only: bool
    created_at: When | None
    expires_at: When | None
    last_used_at: When | None


class Tokens(msgspec.Struct):
    tokens: list[TokenShown]
    total_entries: int


class NewToken(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
    days: Annotated[int, msgspec.Meta(ge=1, le=TOKEN_DAYS_MAX)] = 90
    is_read_only: bool = False


class IssuedToken(msgspec.Struct):
    """A new token; this answer is the only place where it can be read."""

    id: int
    token: str
    expires_at: When | None


@route("GET", "/me/tokens", may=Members(), tag="Session")
def get_tokens(call: Call[NoQuery, None]) -> Tokens:
    """Return the caller's tokens, newest first; not what lets somebody in."""
    with call.reading() as conn:
        found = passes.tokens(conn, _account(call).id)
    listed = [
        TokenShown(
            one.id,
            one.name,
            one.is_read_only,
            shown(one.created_at),
            shown(one.expires_at),
            shown(one.seen_at),
        )
        for one in found
    ]
    return Tokens(listed, len(listed))


@route("POST", "/me/tokens", may=Members(), tag="Session", status=201, errors=(403,))
def post_token(call: Call[NoQuery, NewToken]) -> IssuedToken:
    """Make a token that lets a program in as the caller, until it expires or is revoked.

    A token makes none: whoever finds one would have it live on after its end.
    """
    if call.caller.is_program:
        raise Forbidden("a token cannot make tokens; log in by password")
    asked, secret = call.body, new_token()
    expires_at = call.now + timedelta(days=asked.days)
    with call.writing() as conn:
        pk = passes.issue_token(
            conn,
            _account(call).id,
            digest_of(secret),
            asked.name,
            expires_at,
            call.now,
            is_read_only=asked.is_read_only,
        )
        expires = {"expires_at": shown(expires_at), "is_read_only": asked.is_read_only}
        call.audit(conn, "token.create", detail={"id": pk, "name": asked.name, **expires})
    return IssuedToken(pk, secret, shown(expires_at))


@route("DELETE", "/me/tokens/{token_id}", may=Members(), tag="Session")
def delete_token(call: Call[NoQuery, None], token_id: int) -> None:
    """Revoke one of the caller's tokens."""
    with call.writing() as conn:
        if not passes.revoke_token(conn, _account(call).id, token_id):
            raise NotFound(f"you have no token {token_id}")
        call.audit(conn, "token.delete", detail={"id": token_id})


def _account(call: Call[Any, Any]) -> accounts.Account:
    assert call.caller.account is not None  # `Members` let nobody else through
    return call.caller.account


def _me(account: accounts.Account, may: Any, csrf_token: str | None) -> Me:
    allowed: dict[str, list[str]] = {}
    for action, resource in sorted(may):
        allowed.setdefault(resource, []).append(action)
    return Me(
        account.username,
        account.first_name,
        account.last_name,
        account.email,
        list(account.roles),
        allowed,
        csrf_token,
    )


def cookie_options(call: Call[Any, Any], value: str, max_age: int) -> dict[str, Any]:
    """Return how a cookie is set that is for this site alone."""
    base = call.site.conf.text("webserver", "base_url")
    return {
        "value": value,
        "max_age": max_age,
        "path": call.base_path,
        "httponly": True,
        "secure": call.is_secure or base.startswith("https:"),
        "samesite": "Lax",
    }
