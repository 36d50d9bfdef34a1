"""Which Airflow names does flowctl have, and what are they here?

The table is `names.txt`: a module of ours, and below it the names that modules of Airflow show, as
`names @ modules`; a name that Airflow calls otherwise is written `theirs=ours`, and what does not
fit into a line goes on further to the right. Names of 1.10 that moved to provider packages are in
`aliases`. Whoever adds a name to flowctl that DAG files may import adds it there, and nowhere else.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple

from flowctl.compat import aliases

TEXT = os.path.join(os.path.dirname(__file__), "names.txt")
_ROW = " " * 4
_GOES_ON = "\n" + " " * 8


class Home(NamedTuple):
    """Where a name really lives."""

    module: str
    attribute: str


def rows() -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield a module of ours, names, and the modules of Airflow that show them."""
    with open(TEXT, encoding="ascii") as file:
        lines = file.read().replace(_GOES_ON, " ").splitlines()
    module = ""
    for line in lines:
        if line.startswith(_ROW):
            names, _, places = line.partition("@")
            yield module, names.split(), places.split()
        elif line and not line.startswith("#"):
            module = line


def _table() -> dict[str, dict[str, Home]]:
    """Return the names of every module; a package exists when something below it does."""
    table: dict[str, dict[str, Home]] = {}
    for module, names, places in rows():
        for place in places:
            parts = place.split(".")
            for length in range(1, len(parts) + 1):
                table.setdefault(".".join(parts[:length]), {})
            for name in names:
                theirs, _, ours = name.partition("=")
                table[place][theirs] = Home(module, ours or theirs)
    return table


MODULES = _table()


def has_module(name: str) -> bool:
    """Say whether flowctl answers the import of this module."""
    return name in MODULES or name in aliases.modules()


def find(module: str, name: str) -> Home | None:
    """Return where the `name` that `module` shows lives, or None when it shows no such name."""
    home = MODULES.get(module, {}).get(name)
    if home or name.startswith("_"):
        return home
    moved = aliases.modules().get(module, {}).get(name)
    return Home(*moved) if moved else None


def names_in(module: str) -> list[str]:
    """Return all names that `module` shows, sorted."""
    return sorted({*MODULES.get(module, ()), *aliases.modules().get(module, ())})


def known_names() -> Iterator[str]:
    """Yield the full name of everything of ours that can be imported from an Airflow module."""
    for module, names in MODULES.items():
        for name in sorted(names):
            yield f"{module}.{name}"
