"""The routes of `/api/v1`, a file for each kind of thing.

Source: paths, names, fields and status codes are those of Airflow 2.10's stable API; what the pages
need beyond that follows the same rules.
"""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Have every file of this package declare its routes."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)
