"""Which installed packages offer something under a group of entry points?

Read from the files themselves: `importlib.metadata` takes as long to import as half of authoring,
and parser children and the parents of attempts would pay for it.
"""

import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

PLUGINS = "airflow.plugins"
POLICIES = "airflow.policy"
"""The groups under which packages offer plugins and cluster policies."""


class EntryPoint(NamedTuple):
    """One line of a package's entry points."""

    package: str  # "name==version"
    name: str
    value: str  # "module:attribute"


@cache
def offered(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group, as of the first time it is asked for."""
    return tuple(entry for folder in _folders() for entry in _read(folder, group))


def _folders() -> Iterator[str]:
    for place in dict.fromkeys(sys.path):
        try:
            names = sorted(os.listdir(place))
        except OSError:
            continue
        yield from (f"{place}/{name}" for name in names if name.endswith(".dist-info"))


def _read(folder: str, group: str) -> Iterator[EntryPoint]:
    try:
        with open(f"{folder}/entry_points.txt", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    name, _, version = os.path.basename(folder).removesuffix(".dist-info").partition("-")
    is_wanted = False
    for line in map(str.strip, lines):
        if line.startswith("["):
            is_wanted = line == f"[{group}]"
        elif is_wanted and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            yield EntryPoint(f"{name}=={version}", key.strip(), value.partition("[")[0].strip())
