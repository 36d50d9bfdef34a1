"""Logging in by an OpenID Connect provider: the code flow, with PKCE, state and nonce.

What one visit needs to remember lies in an encrypted cookie of the browser, so that nobody leaves
a row here who does not get in. The provider's addresses come from its own document, and its tokens
must be signed by its keys, for this client, in this visit.

Source: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700.
"""

import base64
import hashlib
import hmac
import importlib.util
import json
import secrets
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

from flowctl.config import Config, ConfigError
from flowctl.late import Late
from flowctl.store.crypto import Cipher, CipherError
from flowctl.web.problems import Forbidden

if TYPE_CHECKING:
    from urllib import request as web

    import jwt
else:
    jwt, web = Late("jwt"), Late("urllib.request")

VISIT = timedelta(minutes=10)  # from the first click to the return
PATIENCE_S = 10.0  # with the provider
ANSWER_MAX_BYTES = 1 << 20
LEEWAY_S = 30.0  # by which clocks may differ
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Person(NamedTuple):
    """Who comes back from the provider."""

    username: str
    subject: str  # never changes, and is of nobody else: the provider's address and its word
    email: str
    first_name: str
    last_name: str
    roles: tuple[str, ...] | None  # what the mapping gives; None: there is no mapping


class Visit(NamedTuple):
    """What is remembered between leaving and coming back."""

    state: str
    nonce: str
    verifier: str
    place: str  # where in the pages the visit began
    until: float


class Provider:
    """One provider, known by its address."""

    def __init__(self, conf: Config) -> None:
        """Take [oidc].

        Raises:
            ConfigError: something is missing there, or its library.
        """
        self._conf = conf
        self.issuer = self._conf.text("oidc", "issuer")
        self._client_id = self._conf.text("oidc", "client_id")
        if not self._client_id:
            raise ConfigError("[oidc] issuer is set, and so client_id must be")
        _require_safe(self.issuer)
        if importlib.util.find_spec("jwt") is None:
            raise ConfigError("[oidc] issuer is set, which needs: pip install 'flowctl[oidc]'")
        self._back = (
            conf.text("webserver", "base_url").rstrip("/") + "/api/v1/session/oidc/callback"
        )

    # -------------------------------------------------------------------------- there

    def leave(self, place: str, cipher: Cipher, now: datetime) -> tuple[str, str]:
        """Return where the browser is sent, and what its cookie holds meanwhile."""
        until = (now + VISIT).timestamp()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        visit = Visit(state, nonce, verifier, place, until)
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._back,
            "scope": self._conf.text("oidc", "scope"),
            "state": visit.state,
            "nonce": visit.nonce,
            "code_challenge": _encoded(hashlib.sha256(visit.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        start = self._document["authorization_endpoint"]
        joint = "&" if urlsplit(start).query else "?"
        return f"{start}{joint}{urlencode(asked)}", cipher.encrypt(json.dumps(visit))

    # ---------------------------------------------------------------------- and back

    def come_back(
        self, code: str, state: str, cookie: str, cipher: Cipher, now: datetime
    ) -> tuple[Person, str]:
        """Return who comes back, and where in the pages he began.

        Raises:
            Forbidden: the visit is not one that began in this browser, or the provider does not
                vouch for anybody.
        """
        try:
            visit = Visit(*json.loads(cipher.decrypt(cookie, "visit")))
        except (CipherError, ValueError, TypeError):
            raise Forbidden("this login did not begin in this browser; begin again") from None
        if visit.until < now.timestamp() or not _equal(visit.state, state):
            raise Forbidden("this login is over, or did not begin in this browser; begin again")
        claims = self._claims(self._redeem(code, visit.verifier))
        if not _equal(str(claims.get("nonce", "")), visit.nonce):
            raise Forbidden("the provider's token is not of this login")
        return self._person(claims), visit.place

    def _redeem(self, code: str, verifier: str) -> str:
        """Return the ID token for a code."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        secret = self._conf.text("oidc", "client_secret")
        ways = self._document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret and "client_secret_basic" in ways:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        elif secret:
            sent["client_secret"] = secret
        answer = _json(self._document["token_endpoint"], urlencode(sent).encode(), headers)
        return str(answer.get("id_token", ""))

    def _claims(self, token: str) -> dict[str, Any]:
        """Return what a token says, once it is known to be the provider's and for this client."""
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=list(SIGNED_BY),
                audience=self._client_id,
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise Forbidden(f"the provider's token does not hold: {error}") from error
        if claims.get("azp", self._client_id) != self._client_id:
            raise Forbidden("the provider's token is for another client")
        return claims

    def _person(self, claims: dict[str, Any]) -> Person:
        name_of = self._conf.text("oidc", "username_claim")
        username = claims.get(name_of)
        if not isinstance(username, str) or not username:
            raise Forbidden(f"the provider's token has no {name_of!r}, which [oidc] asks for")
        if name_of == "email" and claims.get("email_verified") is not True:
            raise Forbidden("the provider does not say that the address is verified")
        subject = f"{self.issuer} {claims['sub']}"
        first, last = str(claims.get("given_name", "")), str(claims.get("family_name", ""))
        email = claims.get("email") or f"{claims['sub']}@{urlsplit(self.issuer).hostname}"
        return Person(username, subject, str(email), first[:256], last[:256], self._roles(claims))

    def _roles(self, claims: dict[str, Any]) -> tuple[str, ...] | None:
        path = self._conf.text("oidc", "roles_claim")
        if not path:
            return None
        found: Any = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        mapping = self._conf.setting("oidc", "role_mapping").value
        return tuple(sorted({str(mapping[one]) for one in map(str, listed) if one in mapping}))

    @cached_property
    def _document(self) -> dict[str, Any]:
        """Return what the provider says of itself.

        Raises:
            Forbidden: it does not answer, or speaks for another.
        """
        found = _json(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise Forbidden(f"the provider calls itself {found.get('issuer')!r}: see [oidc] issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _require_safe(str(found.get(name)))
        return found

    @cached_property
    def _keys(self) -> "jwt.PyJWKClient":
        return jwt.PyJWKClient(self._document["jwks_uri"], timeout=PATIENCE_S)


def _json(
    address: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Ask the provider."""
    try:
        asked = web.Request(address, body, headers or {})
        with web.urlopen(asked, timeout=PATIENCE_S) as answer:
            found = json.loads(answer.read(ANSWER_MAX_BYTES))
    except (OSError, ValueError) as error:
        raise Forbidden(f"the provider does not help: {error}") from error
    if not isinstance(found, dict):
        raise Forbidden("the provider does not help: its answer is no JSON object")
    return found


def _require_safe(address: str) -> None:
    """Let secrets go over TLS only, or not leave this machine.

    Raises:
        ConfigError: they would.
    """
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise ConfigError(f"[oidc] {address!r}: the provider must be reached by https")


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
