"""Environments with real packages from PyPI; where no PyPI can be reached, the tests are skipped.

Any other failure to install them fails the test.

An environment is new and holds only what `flowctl providers add` puts there. A `.pth` file lets it
see flowctl and its dependencies where they are installed.
"""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

import flowctl.version

ROOT = Path(flowctl.version.__file__).parents[1]
INSTALL_S = 240

OUT_OF_REACH = re.compile(
    r"(failed to establish a new connection|tcp connect error|dns error|name resolution"
    r"|connect ?timeout|timed out|network is unreachable|no route to host)",
    re.IGNORECASE,
)
"""A line of pip or uv that means that there is no PyPI here."""

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
        if done.returncode and OUT_OF_REACH.search(done.stderr):
            pytest.skip(f"PyPI cannot be reached: {done.stderr.strip()[-300:]}")
        assert done.returncode == 0, done.stderr
        assert "Left out: apache-airflow" in done.stdout
        assert "warning" not in done.stderr, done.stderr
        return python

    return make
