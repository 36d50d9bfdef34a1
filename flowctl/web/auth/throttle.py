"""How often may a password be guessed?

Each pair of address and name has a bucket of tries that fills again slowly, and so has each
address. Somebody who guesses a name from one address does not lock its owner out at another. The
buckets lie in memory that the workers share, made before they are forked; its size is fixed, so
that nobody can fill it.
"""

import hashlib
import mmap
import struct
import time

TRIES = 6.0  # of one name from one address, at once
TRIES_PER_ADDRESS = 30.0
REFILL_PER_S = 1 / 10
REFILL_PER_ADDRESS_PER_S = 1.0

_BUCKET = struct.Struct("dd")  # tries used up, when
_COUNT = 1 << 14


class Throttle:
    """See the module."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNT * _BUCKET.size)

    def wait_s(self, address: str, name: str) -> float:
        """Return for how long this address must not try this name; 0: it may."""
        one = self._left(address, name, REFILL_PER_S) + 1 - TRIES
        all_ = self._left(address, "", REFILL_PER_ADDRESS_PER_S) + 1 - TRIES_PER_ADDRESS
        return max(0.0, one / REFILL_PER_S, all_ / REFILL_PER_ADDRESS_PER_S)

    def failed(self, address: str, name: str) -> None:
        """Note a wrong password."""
        for key, refill in ((name, REFILL_PER_S), ("", REFILL_PER_ADDRESS_PER_S)):
            used = self._left(address, key, refill) + 1
            _BUCKET.pack_into(self._memory, _place(address, key), used, time.monotonic())

    def forget(self, address: str, name: str) -> None:
        """Note a right password."""
        _BUCKET.pack_into(self._memory, _place(address, name), 0.0, 0.0)

    def _left(self, address: str, name: str, refill: float) -> float:
        """Return the tries that are used up and not filled again."""
        used: float
        at: float
        used, at = _BUCKET.unpack_from(self._memory, _place(address, name))
        return max(0.0, used - (time.monotonic() - at) * refill)


def _place(address: str, name: str) -> int:
    digest = hashlib.sha256(f"{address}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _COUNT * _BUCKET.size
