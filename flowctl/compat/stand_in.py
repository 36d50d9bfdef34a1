"""What takes Airflow's place while provider packages are installed?

Every provider package requires apache-airflow. A wheel of that name, without a line of code, is
handed to pip or uv together with the packages: the resolver then checks the version as ever, and
nothing of Airflow is downloaded. Afterwards it is removed. It requires what Airflow would have
brought and providers import without saying so.

Ignoring all dependencies (`--no-deps`) and resolving them here lost: it means to write half of pip.
"""

import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

from flowctl.compat.distribution import NAME, metadata

GENERATOR = "flowctl-stand-in"


def wheel(folder: Path, version: str) -> Path:
    """Write the wheel into `folder`, and return where it is."""
    stem = f"apache_airflow-{version}"
    files = {
        "METADATA": metadata(version),
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: {GENERATOR}\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{stem}.dist-info/{name},,\n" for name in (*files, "RECORD"))
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "RECORD": record}.items():
            archive.writestr(f"{stem}.dist-info/{name}", text)
    return path


def real_airflow() -> Distribution | None:
    """Return the real Airflow of this environment, if there is one."""
    for name in (NAME, f"{NAME}-core"):
        for found in distributions(name=name):
            if found.files and GENERATOR not in (found.read_text("WHEEL") or ""):
                return found
    return None
