"""What runs and backfills are given as their conf: its secrets lie encrypted, as others do.

A text under a name that says "secret" is one, wherever in the conf it stands; see
`authoring.masking`. It is kept as a Fernet token behind `SEALED`, at its place, so that what is
copied from a backfill to its runs stays as it is. A text that begins like a token is sealed, too:
nobody can have one opened that he did not hand in.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flowctl.authoring.masking import HIDDEN, is_sensitive, redact
from flowctl.store.crypto import Cipher, CipherError

SEALED = "fernet:"
DEPTH_MAX = 100  # of lists and objects in each other that are looked through


def sealed(conf: Mapping[str, Any], cipher: Cipher | None) -> dict[str, Any]:
    """Return a conf as it is kept.

    Args:
        cipher: None where nothing in it can be secret.

    Raises:
        CipherError: something is secret, and there is no key.
    """

    def seal(text: str) -> str:
        if cipher is None:
            raise CipherError("the conf holds a secret, and there is no key to keep it under")
        return SEALED + cipher.encrypt(text)

    def part(value: Any, is_secret: bool) -> Any:
        if isinstance(value, str):
            return seal(value) if is_secret or value.startswith(SEALED) else value
        if isinstance(value, Mapping):
            return {key: part(one, is_secret or is_sensitive(key)) for key, one in value.items()}
        return [part(one, is_secret) for one in value] if isinstance(value, list | tuple) else value

    return {key: part(value, is_sensitive(key)) for key, value in conf.items()}


def opened(conf: Mapping[str, Any], cipher: Cipher) -> dict[str, Any]:
    """Return a conf as it was handed in.

    Raises:
        CipherError: a secret in it was sealed with another key.
    """
    return {key: _mapped(value, lambda text: _opened(text, cipher)) for key, value in conf.items()}


def shown(conf: Mapping[str, Any]) -> dict[str, Any]:
    """Return a conf as people may see it."""
    hidden = {
        key: _mapped(value, lambda text: HIDDEN if text.startswith(SEALED) else text)
        for key, value in conf.items()
    }
    found: dict[str, Any] = redact(hidden, max_depth=DEPTH_MAX)
    return found


def resealed(conf: Mapping[str, Any], cipher: Cipher) -> dict[str, Any]:
    """Return a conf as it is kept, its secrets under the first key, also those that lay open.

    Raises:
        CipherError: a secret in it was sealed with a key that is not at hand.
    """
    return sealed(opened(conf, cipher), cipher)


def _opened(text: str, cipher: Cipher) -> str:
    if not text.startswith(SEALED):
        return text
    return cipher.decrypt(text.removeprefix(SEALED), "a secret in the conf of a run")


def _mapped(value: Any, of_text: Callable[[str], str]) -> Any:
    """Return JSON with other texts."""
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, dict):
        return {key: _mapped(part, of_text) for key, part in value.items()}
    return [_mapped(part, of_text) for part in value] if isinstance(value, list) else value
