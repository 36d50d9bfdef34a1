"""How does the code of a DAG file become DAG objects in this process?

One way for everybody who runs user code: the parser's children, the runner's, `dag.test()`. The
bytes are read once and executed as they are, so what was hashed is what ran. Bytes of an older
version can be given instead; `__file__`, tracebacks and `inspect` then show the older text.

It knows nothing about processes: a file that exits, hangs or crashes does so to its caller.
"""

import importlib
import io
import linecache
import re
import signal
import sys
import warnings as python_warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from flowctl.authoring import policies, rendering
from flowctl.authoring.dag import DAG
from flowctl.authoring.dag_files import SOURCE_BYTES_MAX, is_archive, might_hold_dags, split
from flowctl.authoring.exceptions import AirflowTaskTimeout
from flowctl.authoring.hints import how_to_import
from flowctl.authoring.triggers import MODULE_OF_FILE
from flowctl.core.timetables import ScheduleError, timetable_of
from flowctl.errors import FlowctlError
from flowctl.late import Late

if TYPE_CHECKING:
    import zipfile
else:
    zipfile = Late("zipfile")


BY_SETTING = " (core.dagbag_import_timeout)"


class LoadError(FlowctlError):
    """The code of a DAG file could not be run; `__cause__` is what it raised."""


class ImportTimeout(AirflowTaskTimeout):
    """The import took too long. No `Exception`, so that `except Exception` does not eat it."""


@dataclass(frozen=True)
class LoadedFile:
    """The DAGs of one file, ready for use.

    `found` holds every DAG in the order of the file, also one whose id is taken twice; `dags` is
    the same by id.
    """

    path: Path
    source: bytes
    found: tuple[DAG, ...]
    warnings: tuple[str, ...] = ()
    refused: tuple[tuple[DAG, Exception], ...] = ()  # DAGs that break a rule of the site

    @property
    def dags(self) -> dict[str, DAG]:
        """Return the DAGs by their id."""
        return {dag.dag_id: dag for dag in self.found}


def load_file(
    path: Path,
    *,
    source: bytes | None = None,
    root: Path,
    timeout_s: float | None = None,
    safe_mode: bool = False,
) -> LoadedFile:
    """Execute a DAG file in this process and return its DAGs.

    Args:
        path: absolute; a Python file, a zip archive (all its top-level modules), or one module of
            an archive as `archive.zip/module.py`.
        source: execute these bytes as if they were the file (for archives: the archive's bytes).
        root: the DAG folder; its modules can be imported by the file.
        timeout_s: the longest the import may take; None or 0 means for ever. Works in the main
            thread only.
        safe_mode: leave out those modules of an archive that name neither Airflow nor a DAG.

    Raises:
        LoadError: the file is too big, or its code raised; `__cause__` says what.
        OSError: the file cannot be read.
        SystemExit, MemoryError, KeyboardInterrupt: the file raised it.
    """
    extend_sys_path(root)
    archive, member = split(path)
    content = read(archive) if source is None else source
    DAG.autoregistered.clear()
    try:
        timeout_s = policies.import_timeout_s(str(path), timeout_s)
    except Exception as error:  # user code
        raise LoadError(in_words(error)) from error
    in_time = limit(timeout_s, "import", BY_SETTING)
    with in_time, python_warnings.catch_warnings(record=True) as caught:
        python_warnings.simplefilter("default")
        try:
            if member is None and not is_archive(content):
                modules = [_run(archive, content)]
            else:
                modules = list(_run_archive(archive, content, member, safe_mode))
        except (Exception, ImportTimeout) as error:
            raise LoadError(in_words(error)) from error
    with python_warnings.catch_warnings(record=True) as caught_later:
        python_warnings.simplefilter("default")
        found, refused = _kept(list(_dags(modules)))
    for dag in found:
        _load_early(dag)
    warnings = tuple(map(warning_in_words, (*caught, *caught_later)))
    return LoadedFile(path, content, found, warnings, refused)


def read(path: Path) -> bytes:
    """Return what is in a DAG file.

    Raises:
        LoadError: it is bigger than a DAG file can be.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(SOURCE_BYTES_MAX + 1)
        if len(content) > SOURCE_BYTES_MAX:
            size_bytes = file.seek(0, io.SEEK_END)
            raise LoadError(
                f"the file has {size_bytes:,} bytes; flowctl reads DAG files of up to"
                f" {SOURCE_BYTES_MAX:,} bytes"
            )
    return content


def extend_sys_path(*folders: Path) -> None:
    """Make the modules in these folders importable, after everything that already is."""
    for folder in map(str, folders):
        if folder not in sys.path:
            sys.path.append(folder)


def module_name(path: Path) -> str:
    """Return the name under which a DAG file is imported: its own, whatever else has its stem.

    What a name cannot hold stands in it as its number. A digest lost: it would load OpenSSL.
    """
    written = re.sub(r"[^0-9A-Za-z]", lambda found: f"_{ord(found[0]):x}_", str(path))
    return f"{MODULE_OF_FILE}{written}"


class _Text(SourceFileLoader):
    """Loads one module from bytes; whoever asks for its text gets these bytes."""

    def __init__(self, name: str, path: str, content: bytes) -> None:
        super().__init__(name, path)
        self._content = content

    def get_data(self, path: str | bytes) -> bytes:
        if path != self.path:
            raise OSError(f"{path!r} is not part of {self.path}")
        return self._content

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - part of the contract
        """Compile the bytes; what Python has cached for the file may be of another version."""
        return self.source_to_code(self._content, self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the code; linecache is told the text without a date, so that it never looks again."""
        text = self.get_source(module.__name__) or ""
        linecache.cache[self.path] = (len(text), None, text.splitlines(True), self.path)
        super().exec_module(module)


class _Archive:
    """Finds modules and packages in the bytes of a zip file.

    Not derived from `importlib.abc`, whose import takes as long as that of half of this package.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self._names = set(self._zip.namelist())

    def find_spec(
        self,
        fullname: str,
        path: Any = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        stem = fullname.replace(".", "/")
        for name in (f"{stem}/__init__.py", f"{stem}.py"):
            if name in self._names:
                where = f"{self._path}/{name}"
                loader = _Text(fullname, where, self._read(name))
                folder = [where.rpartition("/")[0]] if name.endswith("__init__.py") else None
                return spec_from_file_location(
                    fullname, where, loader=loader, submodule_search_locations=folder
                )
        return None

    def _read(self, name: str) -> bytes:
        with self._zip.open(name) as file:
            content = file.read(SOURCE_BYTES_MAX + 1)
        if len(content) > SOURCE_BYTES_MAX:
            raise LoadError(f"{name} unpacks to more than {SOURCE_BYTES_MAX:,} bytes")
        return content

    def top_level(self, safe_mode: bool) -> list[str]:
        """Return the modules that may hold DAGs, in the archive's order."""
        names = [name for name in self._zip.namelist() if re.fullmatch(r"[^/]+\.py", name)]
        return [n for n in names if not safe_mode or might_hold_dags(self._read(n))]


def _run(path: Path, content: bytes) -> ModuleType:
    name = module_name(path)
    spec = spec_from_file_location(name, path, loader=_Text(name, str(path), content))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _run_archive(
    path: Path, content: bytes, member: str | None, safe_mode: bool
) -> Iterator[ModuleType]:
    """Import the top-level modules under their own names: they import each other by these."""
    archive = _Archive(path, content)
    wanted = archive.top_level(safe_mode) if member is None else [member]
    sys.meta_path.insert(sys.meta_path.index(PathFinder), archive)
    for name in wanted:
        sys.modules.pop(Path(name).stem, None)
    for name in wanted:
        yield importlib.import_module(Path(name).stem)


def _dags(modules: list[ModuleType]) -> Iterator[DAG]:
    """Yield the DAGs bound to global names, and those built by `with` or `@dag`, each once."""
    bound = [value for module in modules for value in vars(module).values()]
    seen: set[int] = set()
    for value in [*bound, *DAG.autoregistered]:
        if isinstance(value, DAG) and not value.is_subdag and id(value) not in seen:
            seen.add(id(value))
            yield value


def _kept(dags: list[DAG]) -> tuple[tuple[DAG, ...], tuple[tuple[DAG, Exception], ...]]:
    """Return the DAGs that keep the rules of the site, and those that do not, each with why."""
    kept, refused = [], []
    for dag in dags:
        try:
            if policies.is_kept(dag):
                kept.append(dag)
        except Exception as error:  # user code
            refused.append((dag, error))
    return tuple(kept), tuple(refused)


def _load_early(dag: DAG) -> None:
    """Load pendulum and read the schedule now, if tasks will probably ask for dates.

    Whoever forks attempts then has done it once for all; it takes each of them 40 ms.
    """
    if any(task.looks_at_dates or rendering.needs_engine(task) for task in dag.tasks):
        importlib.import_module("flowctl.authoring.timezone")
        with suppress(ScheduleError):
            timetable_of(dag.schedule_spec)


@contextmanager
def limit(timeout_s: float | None, what: str, setting: str = "") -> Iterator[None]:
    """Raise `ImportTimeout` in the main thread when the time is over, and each second from then.

    `what` is it that takes too long, `setting` names what the time is chosen by.

    It is raised again because code like `__del__` or a bare `except` may swallow the first.
    """
    if not timeout_s:
        yield
        return

    def raise_timeout(_number: int, _frame: FrameType | None) -> None:
        raise ImportTimeout(f"{what} took longer than {timeout_s:g} s{setting}")

    before = signal.signal(signal.SIGALRM, raise_timeout)
    signal.setitimer(signal.ITIMER_REAL, timeout_s, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def in_words(error: BaseException) -> str:
    """Return one line about what user code raised, also when it cannot say it itself."""
    try:
        text = str(error)
    except Exception:  # user code, too
        text = "(it has no text)"
    if isinstance(error, ImportTimeout | LoadError):
        return text
    cure = how_to_import(error.name or "") if isinstance(error, ModuleNotFoundError) else ""
    return f"{type(error).__name__}: {text}" + (f"; {cure}" if cure and cure not in text else "")


def warning_in_words(caught: python_warnings.WarningMessage) -> str:
    """Return one line about a warning."""
    return f"{caught.filename}:{caught.lineno}: {caught.category.__name__}: {caught.message}"
