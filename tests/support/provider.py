"""A small OpenID Connect provider on loopback: it signs with real keys, and cheats when told."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from flowctl import clock

CLIENT, SECRET = "flowctl", "a secret with : and %"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """Lets everybody in as `claims` say; `cheat` changes the claims of a token, `key` signs it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.cheat: dict[str, Any] = {}
        self.public = self.key = new_key()
        self.algorithm = "RS256"
        self.calls = 0
        self._codes: dict[str, dict[str, str]] = {}

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.calls += 1
        return getattr(self, request.path.strip("/").rpartition("/")[2].replace("-", "_"))(request)(
            environ, start
        )

    def openid_configuration(self, _request: Request) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token",
                 "jwks_uri": "keys"}  # fmt: skip
        found = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        return _json({"issuer": self.issuer, **found})

    def authorize(self, request: Request) -> Response:
        asked = request.args.to_dict()
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"]}
        return Response(
            status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"}
        )

    def token(self, request: Request) -> Response:
        sent = request.form
        asked = self._codes.pop(sent["code"], None)
        basic = request.authorization
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or sent["redirect_uri"] != asked["redirect_uri"]
            or basic is None
            or basic.username != CLIENT
            or basic.password != "a+secret+with+%3A+and+%25"
        ):
            return Response(json.dumps({"error": "invalid_grant"}), 400)
        now = int(clock.utcnow().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60,
                  "nonce": asked["nonce"], **self.claims, **self.cheat}  # fmt: skip
        key: Any = self.key if self.algorithm != "HS256" else SECRET * 2
        token = jwt.encode(claims, key, self.algorithm, {"kid": "1"})
        return _json({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def keys(self, _request: Request) -> Response:
        public = json.loads(RSAAlgorithm.to_jwk(self.public.public_key()))
        return _json({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]})


def _json(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), mimetype="application/json")


@contextmanager
def running() -> Iterator[Provider]:
    """Give a provider that answers on a free port."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()
