"""How do provider packages come into this environment, with all they need but Airflow?

By uv where it is found, else by pip; `stand_in` says how Airflow is kept out. What flowctl itself
requires is handed over as constraints, so that no provider can break it.
"""

import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import distributions, requires
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from flowctl.authoring.provider_names import DISTRIBUTION, distribution_of
from flowctl.compat import stand_in
from flowctl.compat.distribution import NAME
from flowctl.errors import FlowctlError

ADDRESS = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(\[[^]]*\])?\s*(.*)")


class InstallError(FlowctlError):
    """The packages cannot be installed."""


class Installed(NamedTuple):
    """What an installation came to."""

    versions: dict[str, str]
    """The packages that are new or have another version now."""
    complaints: tuple[str, ...]
    """What pip finds wrong with the environment, leaving Airflow's absence aside."""


def requirement(written: str) -> str:
    """Return what pip is asked for when somebody writes `http`, `common.sql==1.21.0` or `ssh>=4`.

    Raises:
        InstallError: this names no package.
    """
    found = ADDRESS.fullmatch(written.strip())
    if found is None:
        raise InstallError(f"{written!r} is no provider; write http, common.sql or http==5.0.0")
    name, extras, version = found.groups()
    full = name if name.startswith(DISTRIBUTION) else distribution_of(name)
    return f"{full}{extras or ''}{version}"


def add(
    requirements: Sequence[str], airflow_version: str, constraints: Sequence[str] = ()
) -> Installed:
    """Install packages that require Airflow, without it.

    Args:
        requirements: as pip takes them.
        airflow_version: which Airflow the packages must work with.
        constraints: files or addresses of files that limit versions, in pip's form.

    Raises:
        InstallError: there is a real Airflow here, nothing can install, or the installer refused.
    """
    airflow = stand_in.real_airflow()
    if airflow is not None:
        raise InstallError(
            f"the real Airflow {airflow.version} is installed in {sys.prefix}, its packages are"
            " used already; install flowctl into an environment without Airflow"
        )
    before = _versions()
    with tempfile.TemporaryDirectory() as folder:
        wheel = stand_in.wheel(Path(folder), airflow_version)
        own = Path(folder, "constraints.txt")
        own.write_text("\n".join(_own_requirements()))
        limits = [word for file in (str(own), *constraints) for word in ("--constraint", file)]
        try:
            _run("install", *limits, str(wheel), *requirements)
        finally:
            importlib.invalidate_caches()
            if NAME in _versions():
                _run("uninstall", *([] if _uv() else ["--yes"]), NAME)
    after = _versions()
    new = {name: version for name, version in after.items() if before.get(name) != version}
    return Installed(new, _complaints())


def _own_requirements() -> list[str]:
    return [line for line in requires("flowctl") or () if "extra ==" not in line]


def _versions() -> dict[str, str]:
    return {found.metadata["Name"]: found.version for found in distributions()}


def _uv() -> str | None:
    return shutil.which("uv")


def _command(verb: str) -> list[str]:
    uv = _uv()
    if uv is not None:
        return [uv, "pip", verb, "--python", sys.executable]
    if find_spec("pip") is None:
        raise InstallError(
            f"neither uv nor pip can be found for {sys.executable}; make pip available with"
            f" {sys.executable} -m ensurepip, or install uv"
        )
    return [sys.executable, "-m", "pip", verb]


def _run(verb: str, *words: str) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [*_command(verb), *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise InstallError(f"the packages cannot be installed:\n{said}")


def _complaints() -> tuple[str, ...]:
    """Return what `pip check` says, but for the absence of Airflow, which is the point."""
    done = subprocess.run(_command("check"), capture_output=True, text=True, check=False)
    if not done.returncode:
        return ()
    lines = (done.stdout + done.stderr).splitlines()
    wrong = [line for line in lines if "require" in line and not _is_about_airflow(line)]
    return tuple(line.strip() for line in wrong)


def _is_about_airflow(line: str) -> bool:
    return re.search(r"requires? `?apache-airflow(?!-providers)", line) is not None
