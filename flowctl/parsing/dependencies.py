"""Which other files does a DAG file read while it is parsed?

Its modules from the DAG and plugin folders, and data files there (a table of jobs in YAML, say).
When one of them changes, the DAG file is parsed again.
"""

import os
import sys
from typing import Any

PATHS_MAX = 500  # a file that reads more is parsed again for the first ones only


def is_bytecode(path: str) -> bool:
    """Say whether Python wrote this, be it under the name it has while it is written."""
    return "/__pycache__/" in path or ".pyc." in f"{os.path.basename(path)}."


class Reads:
    """Notes, from now on and for the life of this process, what is opened below some folders."""

    def __init__(self, folders: tuple[str, ...], own_path: str) -> None:
        self._folders = tuple(f"{folder.rstrip('/')}/" for folder in folders)
        self._own_path = own_path
        self._opened: set[str] = set()
        self._loaded_before = set(sys.modules)
        sys.addaudithook(self._note)

    def paths(self) -> tuple[str, ...]:
        """Return the absolute paths, sorted."""
        modules = (sys.modules[name] for name in set(sys.modules) - self._loaded_before)
        files = {getattr(module, "__file__", None) for module in modules}
        wanted = {p for p in files | self._opened if isinstance(p, str) and self._is_wanted(p)}
        return tuple(sorted(wanted)[:PATHS_MAX])

    def _note(self, event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(args[0], str) or len(self._opened) >= PATHS_MAX:
            return
        flags = args[2]
        if flags & os.O_ACCMODE == os.O_RDONLY:
            path = os.path.abspath(args[0])
            if self._is_wanted(path):
                self._opened.add(path)

    def _is_wanted(self, path: str) -> bool:
        if not path.startswith(self._folders) or is_bytecode(path):
            return False
        return path != self._own_path and not path.startswith(f"{self._own_path}/")
