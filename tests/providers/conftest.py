"""Environments with real packages from PyPI; without PyPI these tests are skipped.

An environment is new and holds only what `flowctl providers add` puts there. A `.pth` file lets it
see flowctl and its dependencies where they are installed.
"""

import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

import flowctl.version

ROOT = Path(flowctl.version.__file__).parents[1]
INSTALL_S = 240

Environment = Callable[..., Path]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return what makes an environment with the packages, and returns its Python."""

    def make(*words: str) -> Path:
        folder = tmp_path_factory.mktemp("packages") / "env"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=INSTALL_S)
        python = folder / "bin" / "python"
        (site,) = folder.glob("lib/python3.*/site-packages")
        seen = f"{sysconfig.get_path('purelib')}\n{ROOT}\n"
        (site / "flowctl_of_the_tests.pth").write_text(seen)
        done = subprocess.run(
            [python, "-m", "flowctl", "providers", "add", *words],
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"packages cannot be had here: {done.stderr.strip()[-500:]}")
        assert "Left out: apache-airflow" in done.stdout
        assert "warning" not in done.stderr, done.stderr
        return python

    return make
