"""The keys to stored secrets, and which names those have."""

from flowctl.cli.settings import settings
from flowctl.runner import hiding
from flowctl.store import metastore
from flowctl.store.crypto import Cipher


def keys() -> Cipher:
    """Return the keys; from now on names are secret that the configuration says are."""
    hiding.by(settings())
    return metastore.cipher(settings())
