"""Which disks are nearly full? Asked of the disks: a full one can keep no row about it."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Engine

from flowctl.config import Config
from flowctl.store.engine import sqlite_path

SHARE_MIN = 0.05
FREE_BYTES_MIN = 2**30  # of a big disk; of a small one the share counts


def folders(conf: Config, engine: Engine) -> dict[str, Path]:
    """Return the folders that grow, by what is in them."""
    found = {"home": conf.home, "logs": conf.path("logging", "base_log_folder")}
    database = sqlite_path(engine)
    return found if database is None else {**found, "metastore": database.parent}


def nearly_full(
    places: Mapping[str, Path], usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
) -> list[str]:
    """Return which of these folders have little room left, by what is in them.

    Args:
        places: the folders.
        usage: says of a folder what its disk has in all, what is used and what is free, in bytes.
    """
    return [name for name, folder in places.items() if _is_nearly_full(folder, usage)]


def _is_nearly_full(folder: Path, usage: Callable[[Path], tuple[int, int, int]]) -> bool:
    try:
        total, _, free = usage(folder)
    except OSError:  # there is none yet
        return False
    return free < min(SHARE_MIN * total, FREE_BYTES_MIN)
