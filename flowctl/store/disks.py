"""Which disks are nearly full, and which so full that nothing new may start?

Asked of the disks: a full one can keep no row about it. What runs then still has room for its
outcome; to start more would make each fail in the middle.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Engine

from flowctl.config import Config
from flowctl.store.engine import sqlite_path

SHARE_MIN = 0.05
FREE_BYTES_MIN = 2**30  # of a big disk; of a small one the share counts
STOP_SHARE_MIN = 0.005
STOP_BYTES_MIN = 2**26  # a few minutes of logs


def folders(conf: Config, engine: Engine) -> dict[str, Path]:
    """Return the folders that grow, by what is in them."""
    found = {"home": conf.home, "logs": conf.path("logging", "base_log_folder")}
    database = sqlite_path(engine)
    return found if database is None else {**found, "metastore": database.parent}


Usage = Callable[[Path], tuple[int, int, int]]
"""Says of a folder what its disk has in all, what is used and what is free, in bytes."""


def nearly_full(places: Mapping[str, Path], usage: Usage = shutil.disk_usage) -> list[str]:
    """Return which of these folders have little room left, by what is in them."""
    return _short(places, usage, SHARE_MIN, FREE_BYTES_MIN)


def full(places: Mapping[str, Path], usage: Usage = shutil.disk_usage) -> list[str]:
    """Return which of these folders have so little room that nothing new starts."""
    return _short(places, usage, STOP_SHARE_MIN, STOP_BYTES_MIN)


def _short(places: Mapping[str, Path], usage: Usage, share_min: float, bytes_min: int) -> list[str]:
    found = []
    for name, folder in places.items():
        try:
            total, _, free = usage(folder)
        except OSError:  # there is none yet
            continue
        if free < min(share_min * total, bytes_min):
            found.append(name)
    return found
