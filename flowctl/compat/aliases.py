"""Where are the names today that Airflow 1.10 kept in `contrib`, and 2.0 beside its own operators?

Most are in provider packages. `aliases.txt` has a line for each old module and the module that took
over: both without their leading "airflow.", then the names, `old=new` where they differ. It is read
when somebody asks for such a module, so that nobody else pays for it.

Source: the tables of deprecated classes of Airflow 2.10.5; facts only.
"""

import os
from functools import cache

TEXT = os.path.join(os.path.dirname(__file__), "aliases.txt")


@cache
def modules() -> dict[str, dict[str, tuple[str, str]]]:
    """Return old module -> old name -> (module, name) of today; packages are there, too."""
    table: dict[str, dict[str, tuple[str, str]]] = {}
    with open(TEXT, encoding="ascii") as file:
        lines = file.read().splitlines()
    for line in lines:
        old, new, *names = line.split()
        parts = f"airflow.{old}".split(".")
        for length in range(2, len(parts) + 1):
            known = table.setdefault(".".join(parts[:length]), {})
        for entry in names:
            theirs, _, today = entry.partition("=")
            known[theirs] = (f"airflow.{new}", today or theirs)
    return table
