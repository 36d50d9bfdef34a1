"""How often may a password be guessed?

Each pair of address and name has a bucket of tries that fills again slowly, and so has each
address. Somebody who guesses a name from one address does not lock its owner out at another. An
IPv6 address counts as its /64, which is what one customer is given.

The buckets lie in memory that the workers share, made before they are forked; its size is fixed, so
that nobody can fill it. Where two pairs fall together the later one takes the place: whoever
provokes that throws counts away, of which the address keeps its own, but locks nobody out.
"""

import hashlib
import ipaddress
import mmap
import secrets
import struct
import time

TRIES = 6.0  # of one name from one address, at once
TRIES_PER_ADDRESS = 30.0
REFILL_PER_S = 1 / 10
REFILL_PER_ADDRESS_PER_S = 1.0

_BUCKET = struct.Struct("8sdd")  # whose, tries used up, when
_COUNT = 1 << 14


class Throttle:
    """See the module."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNT * _BUCKET.size)
        self._key = secrets.token_bytes(16)  # nobody can choose names that fall on others

    def wait_s(self, address: str, name: str) -> float:
        """Return for how long this address must not try this name; 0: it may."""
        network = network_of(address)
        one = self._left(network, name, REFILL_PER_S) + 1 - TRIES
        all_ = self._left(network, "", REFILL_PER_ADDRESS_PER_S) + 1 - TRIES_PER_ADDRESS
        return max(0.0, one / REFILL_PER_S, all_ / REFILL_PER_ADDRESS_PER_S)

    def failed(self, address: str, name: str) -> None:
        """Note a wrong password."""
        network = network_of(address)
        for key, refill in ((name, REFILL_PER_S), ("", REFILL_PER_ADDRESS_PER_S)):
            self._put(network, key, self._left(network, key, refill) + 1)

    def forget(self, address: str, name: str) -> None:
        """Note a right password."""
        self._put(network_of(address), name, 0.0)

    def _put(self, network: str, name: str, used: float) -> None:
        place, owner = self._place(network, name)
        _BUCKET.pack_into(self._memory, place, owner, used, time.monotonic())

    def _left(self, network: str, name: str, refill: float) -> float:
        """Return the tries that are used up and not filled again."""
        place, owner = self._place(network, name)
        kept, used, at = _BUCKET.unpack_from(self._memory, place)
        return max(0.0, used - (time.monotonic() - at) * refill) if kept == owner else 0.0

    def _place(self, network: str, name: str) -> tuple[int, bytes]:
        digest = hashlib.blake2b(f"{network}\0{name}".encode(), key=self._key).digest()
        return int.from_bytes(digest[:8], "big") % _COUNT * _BUCKET.size, digest[8:16]


def network_of(address: str) -> str:
    """Return what counts as one address: that of IPv4, the /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
