"""How secrets lie in the metastore: Fernet tokens under the keys of [core] fernet_key.

The first key encrypts, every key decrypts, so that a new key can be put in front. There is no
unencrypted mode: without a key nothing secret is stored. Tokens are those of Airflow.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from flowctl.errors import FlowctlError


class CipherError(FlowctlError):
    """A secret cannot be written or read with the keys at hand."""


class Cipher:
    """Turns a secret into a token and back."""

    def __init__(self, keys: str) -> None:
        """Take the value of [core] fernet_key: one key, or several with commas.

        Raises:
            CipherError: there is no key, or one is not a Fernet key.
        """
        listed = [key.strip() for key in keys.split(",") if key.strip()]
        if not listed:
            raise CipherError(
                "[core] fernet_key is empty, and secrets are not stored without one; set it to"
                f" a new key, made by: {HOW_TO_MAKE_A_KEY}"
            )
        try:
            self._fernet = MultiFernet([Fernet(key) for key in listed])
        except ValueError as error:
            raise CipherError(
                "[core] fernet_key: each key must be 32 bytes in URL-safe base64; make one by:"
                f" {HOW_TO_MAKE_A_KEY}"
            ) from error

    def encrypt(self, text: str) -> str:
        """Return the token of `text`."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str, what: str) -> str:
        """Return the text of a token.

        Args:
            what: names the secret in the error: "variable 'x'", "password of connection 'y'".

        Raises:
            CipherError: no key at hand made this token.
        """
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise CipherError(
                f"the {what} was encrypted under a key that [core] fernet_key does not have; add"
                " the older key after a comma, or store the value again"
            ) from error


HOW_TO_MAKE_A_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


def new_key() -> str:
    """Return a new random key."""
    return Fernet.generate_key().decode()
