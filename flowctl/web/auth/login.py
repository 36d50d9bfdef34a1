"""Who sends this request? A bearer token, a user name and password, or a session of the browser.

What the header says beats the cookie. A session lets through what changes something only with its
CSRF token. A browser sends a cookie by itself, and a password that it was once told: both change
something from this site alone.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from flask import Request

from flowctl.store import accounts, passes, passwords
from flowctl.store.accounts import Account
from flowctl.web.auth.caller import Caller
from flowctl.web.auth.oidc import Provider
from flowctl.web.auth.throttle import Throttle
from flowctl.web.problems import Forbidden, TooMany, Unauthenticated
from flowctl.web.site import Site

COOKIE = "flowctl_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_PREFIX = "flowctl_"
SESSION_IDLE_MAX = timedelta(days=7)

BASIC, DENY_ALL = "basic_auth", "deny_all"
WRONG = "user name or password is wrong"
QUEUE_S = 10.0  # how long a password waits for those before it


class Login:
    """Lets requests in; one for all workers, made before they are forked."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.throttle = Throttle()
        self.provider = Provider(site.conf) if site.conf.text("oidc", "issuer") else None
        self._one_at_a_time = threading.Lock()
        listed = site.conf.words("api", "auth_backends")
        self._backends = frozenset(name.rpartition(".")[2] for name in listed)

    def caller(self, request: Request, now: datetime, *, is_open: bool = False) -> Caller:
        """Return who sent a request, anonymous where it does not say.

        Args:
            is_open: it is for everybody: no password and no token is looked at, and a session
                needs no CSRF token, to log in anew.

        Raises:
            Unauthenticated: it says, and that is wrong.
            Forbidden: a session wants to change something without its CSRF token, or from another
                site.
            TooMany: passwords were guessed.
        """
        said = "" if is_open else request.headers.get("Authorization", "")
        scheme, _, value = said.partition(" ")
        if scheme and DENY_ALL in self._backends:
            raise Forbidden("[api] auth_backends has deny_all: only the pages may use the API")
        if scheme.lower() == "bearer":
            return self._by_token(value.strip(), request.method, now)
        if request.method not in SAFE:
            self._check_origin(request)
        if scheme.lower() == "basic":
            return self._by_password(value, address_of(request), now)
        cookie = request.cookies.get(COOKIE)
        if cookie:
            return self._by_session(cookie, request, now, is_open=is_open)
        return Caller()

    def _by_token(self, shown: str, method: str, now: datetime) -> Caller:
        digest = digest_of(shown)
        with self._site.reading() as conn:
            found = passes.by_token(conn, digest, now)
            may = accounts.permissions(conn, found[0].id) if found else frozenset()
        if found is None:
            raise Unauthenticated("the token is unknown or over")
        holder, token = found
        if token.is_read_only and method not in SAFE:
            raise Forbidden(f"the token {token.name!r} is for reading only")
        self._seen(digest, token.seen_at, now)
        return Caller(holder, may, is_program=True, digest=digest)

    def _by_password(self, value: str, address: str, now: datetime) -> Caller:
        if BASIC not in self._backends:
            raise Unauthenticated(
                "basic authentication is off; send a token, or add"
                " airflow.api.auth.backend.basic_auth to [api] auth_backends"
            )
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            if "\0" in name:
                raise ValueError
        except ValueError:  # of the characters, of base64, of UTF-8
            raise Unauthenticated("the header Authorization is not understood") from None
        holder = self.check(name, password, address, now, is_login=False)
        with self._site.reading() as conn:
            return Caller(holder, accounts.permissions(conn, holder.id))

    def _by_session(self, cookie: str, request: Request, now: datetime, *, is_open: bool) -> Caller:
        digest = digest_of(cookie)
        with self._site.reading() as conn:
            found = passes.by_session(
                conn, digest, now - self._idle, now - self._site.session_lasts
            )
            may = accounts.permissions(conn, found[0].id) if found else frozenset()
        if found is None:
            return Caller()
        if request.method not in SAFE:
            shown = request.headers.get(CSRF_HEADER, "")
            if not is_open and not hmac.compare_digest(shown.encode(), csrf_of(cookie).encode()):
                raise Forbidden(f"the header {CSRF_HEADER} is missing or wrong; load the page anew")
        self._seen(digest, found[1], now)
        return Caller(found[0], may, session=cookie, digest=digest)

    def changed(self, callers: Collection[Caller], now: datetime) -> set[Caller]:
        """Return those who would not be let in any more, or may something else than they did.

        Five questions, whatever their number.
        """
        pks = {one.account.id for one in callers if one.account}
        digests = {one.digest for one in callers if one.digest}
        with self._site.reading() as conn:
            epochs = accounts.epochs(conn, pks)
            may = accounts.permissions_of(conn, pks)
            opened_after = now - self._site.session_lasts
            valid = passes.valid(conn, digests, now - self._idle, opened_after, now)
        return {
            one
            for one in callers
            if one.account is None
            or epochs.get(one.account.id) != one.account.epoch
            or may[one.account.id] != one.permissions
            or (one.digest is not None and one.digest not in valid)
        }

    def sessions(self, pk: int, now: datetime) -> list[passes.Session]:
        """Return the sessions of an account."""
        with self._site.reading() as conn:
            return passes.sessions(conn, pk, now - self._idle, now - self._site.session_lasts)

    @property
    def _idle(self) -> timedelta:
        return min(SESSION_IDLE_MAX, self._site.session_lasts)

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise Forbidden("this request comes from another site")

    def _seen(self, digest: str, before: datetime | None, now: datetime) -> None:
        if before is None or now - before > passes.SEEN_EVERY:
            with self._site.noting() as conn:
                passes.seen(conn, digest, now)

    # ------------------------------------------------------------------ logging in and out

    def check(
        self, name: str, password: str, address: str, now: datetime, *, is_login: bool = True
    ) -> Account:
        """Return the account that name and password belong to.

        Raises:
            Unauthenticated: to none.
            TooMany: too many wrong ones came from this address.
        """
        with self._site.reading() as conn:
            found = accounts.one(conn, name)
        kept = found.password if found else None
        if not passwords.is_remembered(password, kept):
            self._guess(name, password, kept, address)
        if found is None or not found.is_active:
            raise Unauthenticated(WRONG)
        if is_login:
            self._note_login(found, password, now)
        return found

    def _guess(self, name: str, password: str, kept: str | None, address: str) -> None:
        """Let a right password through, and count a wrong one.

        One at a time: a hash takes 32 MB, and whoever sends many guesses at once gets no more of
        them in than one after the other.
        """
        if not self._one_at_a_time.acquire(timeout=QUEUE_S):
            raise TooMany("too many people log in at this moment", headers={"Retry-After": "5"})
        try:
            wait_s = self.throttle.wait_s(address, name)
            if wait_s > 0:
                retry = {"Retry-After": str(int(wait_s) + 1)}
                raise TooMany("too many wrong passwords; wait", headers=retry)
            is_right = passwords.fits(password, kept)
            note = self.throttle.forget if is_right else self.throttle.failed
            note(address, name)
        finally:
            self._one_at_a_time.release()
        if not is_right:
            with self._site.noting() as conn:
                accounts.refused(conn, name)
            raise Unauthenticated(WRONG)

    def _note_login(self, account: Account, password: str, now: datetime) -> None:
        with self._site.noting() as conn:
            accounts.logged_in(conn, account.id, now)
            if account.password and passwords.is_outdated(account.password):
                accounts.keep_hash(conn, account.id, passwords.hashed(password))
            passes.drop_sessions(conn, now - self._idle, now - self._site.session_lasts)

    def open(self, account: Account, now: datetime) -> str:
        """Open a session; return what its cookie holds."""
        cookie = secrets.token_urlsafe(32)
        with self._site.noting() as conn:
            passes.open_session(conn, account, digest_of(cookie), now)
        return cookie

    def close(self, cookie: str) -> None:
        """End a session."""
        with self._site.noting() as conn:
            passes.close_session(conn, digest_of(cookie))


def digest_of(secret: str) -> str:
    """Return as what a session or token is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(cookie: str) -> str:
    """Return the CSRF token of a session: whoever cannot read the page cannot know it."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def new_token() -> str:
    """Return a secret to be shown once to the holder of a new token."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.remote_addr or ""
