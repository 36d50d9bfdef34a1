"""Which texts must never be shown, and how are they hidden?

A secret becomes known here when user code reads it (a connection's password, a variable named
"api_token") or calls `mask_secret`. From then on `redact` puts *** in its place, in log lines, in
what is printed, and in rendered template fields. While nothing is known, hiding costs one test.
"""

import errno
import json
import logging
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from flowctl.late import Late

if TYPE_CHECKING:
    import base64
else:
    base64 = Late("base64")

HIDDEN = "***"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

DEPTH_MAX = 5  # of nested values; deeper ones are left as they are

CONF_LENGTH_MIN = 5

USUAL_NAMES = (
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "keyfile_dict",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "secret",
    "service_account",
    "token",
)
"""A name that contains one of these holds a secret, unless the configuration says otherwise.

Source: Airflow 2.10.
"""

_names: tuple[str, ...] = USUAL_NAMES
_secrets: set[str] = set()
_pattern: re.Pattern[str] | None = None


def name_secrets(names: Iterable[str]) -> None:
    """Say of which names those of secrets contain one."""
    global _names
    _names = tuple(name.strip().lower() for name in names if name.strip())


def is_sensitive(name: object) -> bool:
    """Say whether a variable, a field or a key of this name holds a secret."""
    if not isinstance(name, str):
        return False
    name = name.strip().lower()
    return any(word in name for word in _names)


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Hide `secret` from now on.

    Args:
        secret: a text; or a mapping or a collection whose texts are taken. In a mapping only the
            values under sensitive names are secrets; all of them if `name` is one.
        name: if given, the secret is hidden only if this name is a sensitive one.
    """
    if isinstance(secret, str):
        if secret and (name is None or is_sensitive(name)):
            _add(secret)
    elif isinstance(secret, Mapping):
        for key, value in secret.items():
            mask_secret(value, name if is_sensitive(name) else str(key))
    elif isinstance(secret, Iterable) and not isinstance(secret, bytes):
        for value in secret:
            mask_secret(value, name)


def mask_conf(value: Any, name: str = "") -> None:
    """Hide what a run was given under sensitive names.

    Not a very short text: whoever triggers a run must not blank the words of its logs.
    """
    if isinstance(value, Mapping):
        for key, part in value.items():
            mask_conf(part, name if is_sensitive(name) else str(key))
    elif isinstance(value, list):
        for part in value:
            mask_conf(part, name)
    elif isinstance(value, str) and len(value) >= CONF_LENGTH_MIN:
        mask_secret(value, name)


def _add(secret: str) -> None:
    global _pattern
    if secret in _secrets:
        return
    _secrets.update(_disguises(secret))
    longest_first = sorted(_secrets, key=len, reverse=True)
    _pattern = re.compile("|".join(map(re.escape, longest_first)))


def _disguises(secret: str) -> set[str]:
    """Return the forms in which a secret usually appears: plain, in a URL, in JSON, in base64."""
    forms = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    if len(secret) > 4:  # a shorter one gives base64 that could be any word
        forms.add(base64.b64encode(secret.encode()).decode().rstrip("="))
    return forms


def redact(value: Any, name: str | None = None, max_depth: int = DEPTH_MAX) -> Any:
    """Return `value` with every known secret hidden, and all of it if `name` is a sensitive one."""
    if name is not None and is_sensitive(name):
        return _blank(value, max_depth)
    if isinstance(value, str):
        return _pattern.sub(HIDDEN, value) if _pattern else value
    if max_depth <= 0:
        return value
    if isinstance(value, dict):
        return {key: redact(item, key, max_depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [redact(item, None, max_depth - 1) for item in value]
    if isinstance(value, tuple | set):
        return tuple(redact(item, None, max_depth - 1) for item in value)
    return value


def _blank(value: Any, max_depth: int) -> Any:
    """Hide every text in `value`, whatever it says; its shape stays to be seen."""
    if isinstance(value, str):
        return HIDDEN
    if max_depth <= 0:
        return value
    if isinstance(value, dict):
        return {key: _blank(item, max_depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_blank(item, max_depth - 1) for item in value]
    return value


class SecretsFilter(logging.Filter):
    """Hides secrets in log records, in their tracebacks as well."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _pattern:
            record.msg, record.args = redact(record.getMessage()), None
            if record.exc_info and not record.exc_text:
                record.exc_text = logging.Formatter().formatException(record.exc_info)
            if record.exc_text:
                record.exc_text = redact(record.exc_text)
        return True


class SecretsStream:
    """A text stream that hides secrets in what is written, for `print` in user code.

    A disk without room for a log costs lines of the log and never the work: neither `write` nor
    `flush` raises then. What the stream below has buffered is written when there is room again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            self._stream.write(redact(text))
        except OSError as error:
            _let_pass(error)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            _let_pass(error)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _let_pass(error: OSError) -> None:
    """Raise what is not about room.

    Raises:
        OSError: the disk is not full.
    """
    if error.errno not in NO_ROOM:
        raise error


def in_bytes() -> re.Pattern[bytes] | None:
    """Return what finds the known secrets in a file; None: there are none.

    Not the very short ones: they would blank words that were there before they were known.
    """
    longest_first = sorted(_long_ones(), key=len, reverse=True)
    return re.compile(b"|".join(map(re.escape, longest_first))) if longest_first else None


def begun_at_the_end(text: bytes) -> int:
    """Return how many of the last bytes are the beginning of a known secret, and no more of it."""
    return max(
        (
            length
            for secret in _long_ones()
            for length in range(CONF_LENGTH_MIN, len(secret))
            if text.endswith(secret[:length])
        ),
        default=0,
    )


def hidden() -> int:
    """Return how many texts are hidden; it only grows."""
    return len(_secrets)


def _long_ones() -> list[bytes]:
    return [one.encode() for one in _secrets if len(one) >= CONF_LENGTH_MIN]


def forget() -> None:
    """Forget all secrets; for tests."""
    global _pattern
    _secrets.clear()
    _pattern = None
