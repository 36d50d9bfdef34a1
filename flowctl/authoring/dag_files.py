"""Where DAG files are and what they look like from outside, without running any.

For processes that must not run user code, and need not have what runs it in memory.
"""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import flowctl
from flowctl.late import Late

if TYPE_CHECKING:
    import zipfile
else:
    zipfile = Late("zipfile")

SOURCE_BYTES_MAX = 16 * 2**20  # a DAG file is kept with each of its versions; nobody writes this
EXAMPLES = "examples://"  # a relative path never holds "//", so no file of a user has this label
WORD = re.compile(rb"dag", re.IGNORECASE)
NAME = re.compile(rb"airflow|flowctl", re.IGNORECASE)


def might_hold_dags(content: bytes) -> bool:
    """Say whether the text names a DAG and Airflow (or flowctl), in whatever case."""
    return WORD.search(content) is not None and NAME.search(content) is not None


def is_archive(content: bytes) -> bool:
    """Say whether these are the bytes of a zip file."""
    return content[:2] == b"PK" and zipfile.is_zipfile(io.BytesIO(content))


def split(path: Path) -> tuple[Path, str | None]:
    """Split `a.zip/module.py` into archive and module; the second is None for a plain file."""
    if path.suffix == ".py" and path.parent.is_file():
        return path.parent, path.name
    return path, None


def examples_folder() -> Path:
    """Return where the packaged examples lie; in a checkout that is `dags/` beside the package."""
    package = Path(flowctl.__file__).parent
    packaged = package / "examples"
    return packaged if packaged.is_dir() else package.parent / "dags"


def locate(label: str, dags_folder: Path) -> tuple[Path, Path]:
    """Return the absolute path of a file of a `DagSpec`, and the folder it belongs to."""
    if label.startswith(EXAMPLES):
        root = examples_folder()
        return root / label.removeprefix(EXAMPLES), root
    return dags_folder / label, dags_folder
