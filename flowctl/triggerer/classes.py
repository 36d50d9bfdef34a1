"""Which class is it that a path names? Of a package, a module beside the DAG files, or a DAG file.

A class out of a DAG file is taken from the version of the file that the run is pinned to, as its
task is. Other modules are imported once for the life of the process, as everywhere in Python.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowctl.authoring import dag_files, loading
from flowctl.authoring.triggers import BaseTrigger
from flowctl.errors import FlowctlError
from flowctl.triggerer.work import Work


class NoTrigger(FlowctlError):
    """A class cannot be had."""


class Classes:
    """Finds classes, each once."""

    def __init__(self, dags_folder: Path, source: Callable[[str], bytes | None]) -> None:
        """Take the DAG folder, and what returns the content of a file version by its hash."""
        self._dags_folder = dags_folder
        self._source = source
        self._found: dict[tuple[str, str], type[BaseTrigger]] = {}

    def find(self, work: Work) -> type[BaseTrigger]:
        """Return the class of a trigger. Runs user code: the import of its module.

        Raises:
            NoTrigger: there is no such class; the message says why.
        """
        path = self._path(work)
        is_of_file = path is not None and work.classpath.startswith(loading.module_name(path[0]))
        key = (work.classpath, work.source_hash if is_of_file else "")
        if key not in self._found:
            self._found[key] = self._load(work, path if is_of_file else None)
        return self._found[key]

    def _path(self, work: Work) -> tuple[Path, Path] | None:
        return dag_files.locate(work.file, self._dags_folder) if work.file else None

    def _load(self, work: Work, of_file: tuple[Path, Path] | None) -> type[BaseTrigger]:
        try:
            if of_file is not None:
                self._run_file(work, of_file)
            try:
                found = _named(work.classpath)
            except ImportError:
                path = self._path(work)
                if path is None or of_file is not None:
                    raise
                self._run_file(work, path)  # an archive: its modules can be imported afterwards
                found = _named(work.classpath)
        except BaseException as error:  # user code: also SystemExit
            raise NoTrigger(
                f"the class {work.classpath!r} cannot be loaded: {loading.in_words(error)}. What"
                " a trigger's serialize names must be importable where the triggerer runs:"
                " from an installed package, the DAG folder or the plugins folder"
            ) from error
        if not (isinstance(found, type) and hasattr(found, "run")):
            raise NoTrigger(f"{work.classpath!r} is no trigger; derive it from BaseTrigger")
        return found

    def _run_file(self, work: Work, path: tuple[Path, Path]) -> None:
        source = self._source(work.source_hash) if work.source_hash else None
        loading.load_file(path[0], source=source, root=path[1])


def _named(classpath: str) -> Any:
    """Return what a path names; the class may be inside another one.

    Raises:
        ImportError: it names nothing.
    """
    module, _, rest = classpath.rpartition(".")
    names = [rest]
    while True:
        if not module:
            raise ImportError(f"no module {classpath!r}")
        try:
            found: Any = sys.modules.get(module) or importlib.import_module(module)
            break
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            module, _, name = module.rpartition(".")
            names.insert(0, name)
    for name in names:
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise ImportError(f"module {module!r} has no {'.'.join(names)!r}") from error
    return found
