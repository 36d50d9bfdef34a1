"""How secrets lie in the metastore: Fernet tokens under the keys of [core] fernet_key.

The first key encrypts, every key decrypts, so that a new key can be put in front. There is no
unencrypted mode: without a key nothing secret is stored. Tokens are those of Airflow.

The library is loaded when the first secret is met: it takes 8 MB, and most processes meet none.
"""

import base64
import importlib
from functools import cached_property
from typing import Any

from flowctl.errors import FlowctlError

KEY_BYTES = 32


class CipherError(FlowctlError):
    """A secret cannot be written or read with the keys at hand."""


class Cipher:
    """Turns a secret into a token and back."""

    def __init__(self, keys: str) -> None:
        """Take the value of [core] fernet_key: one key, or several with commas.

        Raises:
            CipherError: there is no key, or one is not a Fernet key.
        """
        self._keys = [key.strip() for key in keys.split(",") if key.strip()]
        if not self._keys:
            raise CipherError(
                "[core] fernet_key is empty, and secrets are not stored without one; set it to"
                f" a new key, made by: {HOW_TO_MAKE_A_KEY}"
            )
        if not all(map(_is_key, self._keys)):
            raise CipherError(
                "[core] fernet_key: each key must be 32 bytes in URL-safe base64; make one by:"
                f" {HOW_TO_MAKE_A_KEY}"
            )

    @cached_property
    def _fernet(self) -> Any:
        fernet = _library()
        return fernet.MultiFernet([fernet.Fernet(key) for key in self._keys])

    def encrypt(self, text: str) -> str:
        """Return the token of `text`."""
        token: bytes = self._fernet.encrypt(text.encode())
        return token.decode()

    def decrypt(self, token: str, what: str) -> str:
        """Return the text of a token.

        Args:
            what: names the secret in the error: "variable 'x'", "password of connection 'y'".

        Raises:
            CipherError: no key at hand made this token.
        """
        try:
            text: bytes = self._fernet.decrypt(token.encode())
            return text.decode()
        except _library().InvalidToken as error:
            raise CipherError(
                f"the {what} was encrypted under a key that [core] fernet_key does not have; add"
                " the older key after a comma, or store the value again"
            ) from error


HOW_TO_MAKE_A_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


def new_key() -> str:
    """Return a new random key."""
    key: bytes = _library().Fernet.generate_key()
    return key.decode()


def _is_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == KEY_BYTES
    except ValueError:
        return False


def _library() -> Any:
    return importlib.import_module("cryptography.fernet")
