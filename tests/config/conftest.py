"""How these tests get a configuration: a folder, the text of a file, and variables."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flowctl.config import Config, load

Reading = Callable[..., Config]


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """Return a function that loads the text of an airflow.cfg together with some variables."""

    def read(file: str = "", **variables: str) -> Config:
        (tmp_path / "airflow.cfg").write_text(file)
        return load(tmp_path, {"PATH": "/usr/bin:/bin", "HOME": "/home/ada", **variables})

    return read
