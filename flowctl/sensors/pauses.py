"""How long does a sensor wait between two looks that shall become rarer?

Each pause is about twice the one before, lengthened by less than itself, so that sensors that began
together look apart. By how much is decided by who looks and since when, not by chance: a sensor
that is started anew for each look goes on in the same series.

Source: the pauses of Airflow 2.10's sensors with `exponential_backoff`.
"""

import hashlib
from collections.abc import Iterator
from itertools import count

LONGEST_S = 86_400.0 * 365_000  # a pause must stay a timedelta
_DOUBLINGS_MAX = 60  # longer than `LONGEST_S` for any pause


def doubling(first_s: float, identity: str) -> Iterator[float]:
    """Yield one pause after another in seconds, without end; the first is half of `first_s`.

    Args:
        first_s: `poke_interval`.
        identity: who waits, and since when.
    """
    for number in count(1):
        shortest = max(int(first_s * 2.0 ** (min(number, _DOUBLINGS_MAX) - 2)), 1)
        text = f"{identity}#{number}".encode()
        digest = hashlib.sha1(text, usedforsecurity=False).digest()
        yield min(float(shortest + int.from_bytes(digest) % shortest), LONGEST_S)


def after(pauses: Iterator[float], waited_s: float) -> float:
    """Return the pause of a series that is due when so many seconds of it have passed."""
    passed_s = 0.0
    for pause_s in pauses:
        passed_s += pause_s
        if passed_s > waited_s:
            return pause_s
    raise AssertionError("the series has no end")
