"""What do DAG files ask Airflow about files and folders?"""

import io
import os
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from flowctl.authoring.dag_files import might_hold_dags, split
from flowctl.authoring.loading import module_name
from flowctl.late import Late

if TYPE_CHECKING:
    import tempfile
else:
    tempfile = Late("tempfile")


def mkdirs(path: str, mode: int) -> None:
    """Make a folder and those above it."""
    Path(path).mkdir(mode=mode, parents=True, exist_ok=True)


def TemporaryDirectory(*args: Any, **kwargs: Any) -> Any:
    """Return a folder that is removed at the end of the block, by its name before Python had it."""
    return tempfile.TemporaryDirectory(*args, **kwargs)


def correct_maybe_zipped(fileloc: str | Path | None) -> str | Path | None:
    """Return the archive that a path points into; any other path as it is."""
    if not fileloc:
        return fileloc
    archive, member = split(Path(fileloc))
    return str(archive) if member else fileloc


def open_maybe_zipped(fileloc: str, mode: str = "r") -> Any:
    """Open a file that may lie in a zip archive."""
    archive, member = split(Path(fileloc))
    if member is None:
        return open(fileloc, mode, encoding=None if "b" in mode else "utf-8")
    opened: IO[bytes] = zipfile.ZipFile(archive).open(member)  # noqa: SIM115 - for the caller
    if "b" in mode:
        return opened
    return io.TextIOWrapper(opened, encoding="utf-8")


def might_contain_dag(
    file_path: str,
    safe_mode: bool,
    zip_file: zipfile.ZipFile | None = None,
    conf: Any = None,  # noqa: ARG001 - Airflow's signature
) -> bool:
    """Say whether a file is worth reading: by its text in safe mode, always without."""
    if not safe_mode:
        return True
    content = zip_file.read(file_path) if zip_file else Path(file_path).read_bytes()
    return might_hold_dags(content)


def get_unique_dag_module_name(file_path: str) -> str:
    """Return the name under which the file is imported."""
    return module_name(Path(file_path))


def list_py_file_paths(
    directory: str | os.PathLike[str] | None, safe_mode: bool = True, **_: Any
) -> list[str]:
    """Return the Python files below a folder, in safe mode only those that may hold DAGs."""
    found = sorted(map(str, Path(directory).rglob("*.py"))) if directory else []
    return [path for path in found if might_contain_dag(path, safe_mode)]
