"""How is an amount of memory written, and how is it shown?"""

import re

UNITS = {
    "": 1,
    "B": 1,
    "K": 2**10,
    "M": 2**20,
    "G": 2**30,
    "T": 2**40,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
}
"""By the upper case of how people write them. "2G" is 2 GiB, as for the kernel and for Java."""
FORMS = "a size such as 512M, 2G, 1.5GiB or 800MB, or a number of bytes"
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")
_SHOWN = ("B", "KiB", "MiB", "GiB", "TiB")


def parse(value: str | int) -> int:
    """Return the bytes that a size says.

    Raises:
        ValueError: it says none, or less than nothing.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is not {FORMS}")
    found = _SIZE.fullmatch(str(value))
    if found is None or found[2].upper() not in UNITS:
        raise ValueError(f"{value!r} is not {FORMS}")
    return int(float(found[1]) * UNITS[found[2].upper()])


def shown(size_bytes: float) -> str:
    """Return a size as people read it: "2.0 GiB"."""
    power = 0
    while size_bytes >= 1024 and power < len(_SHOWN) - 1:
        size_bytes /= 1024
        power += 1
    return f"{size_bytes:.1f} {_SHOWN[power]}" if power else f"{size_bytes:.0f} B"
