"""Passwords: kept as salted hashes, compared in the same time whoever asks.

A right password is remembered for a moment, as a digest keyed by a secret of this process: basic
authentication sends it with every request, and a good hash takes 50 ms on purpose.
"""

import hashlib
import hmac
import secrets
import time

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:32768:8:1"
LENGTH_MAX = 1024  # hashing more than this is only work for the server
REMEMBERED_S = 60.0
REMEMBERED_MAX = 1000

_KEY = secrets.token_bytes(32)
_NOBODY = generate_password_hash(secrets.token_hex(), METHOD)
_right: dict[bytes, float] = {}  # digest -> until when, by the monotonic clock


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return generate_password_hash(password, METHOD)


def is_outdated(kept: str) -> bool:
    """Say whether a kept hash was made in an older way."""
    return not kept.startswith(METHOD + "$")


def fits(password: str, kept: str | None) -> bool:
    """Say whether it is the password that was kept; for None, an unknown user, it is not."""
    if len(password) > LENGTH_MAX:
        return False
    if is_remembered(password, kept):
        return True
    if not check_password_hash(kept or _NOBODY, password) or kept is None:
        return False
    if len(_right) >= REMEMBERED_MAX:
        _right.clear()
    _right[_digest(password, kept)] = time.monotonic() + REMEMBERED_S
    return True


def is_remembered(password: str, kept: str | None) -> bool:
    """Say whether it was found right a moment ago; that is known without any work."""
    if kept is None or len(password) > LENGTH_MAX:
        return False
    return _right.get(_digest(password, kept), 0.0) > time.monotonic()


def _digest(password: str, kept: str) -> bytes:
    return hmac.new(_KEY, f"{kept}\0{password}".encode(), hashlib.sha256).digest()
