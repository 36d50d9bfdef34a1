"""How is a Python environment made in which one task runs?

By uv where it is installed, since it takes a tenth of the time, else by venv and pip. Addresses of
package indexes are handed on in the environment of the command, where other users of the machine
cannot read the passwords in them.
"""

import fcntl
import json
import os
import shutil
import site
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from flowctl.authoring.exceptions import AirflowException

MARK = "complete.json"  # written last, so that a folder without it is half an environment
PARENT = "_flowctl_parent.pth"

Run = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a command with an environment, its output going to the log; returns the exit code."""


@dataclass(frozen=True)
class Recipe:
    """What an environment is made of; equal recipes give equal environments."""

    requirements: tuple[str, ...] = ()  # lines of a requirements file
    python: str | None = None  # a version, as "3.12"; None is the Python of this process
    sees_parent: bool = False  # the packages of this process's environment can be imported as well
    options: tuple[str, ...] = ()  # for `pip install`
    indexes: tuple[str, ...] | None = None  # first the main one; none at all: (); None: as usual
    key: str = ""  # a word that makes it another environment


def make(recipe: Recipe, folder: Path, run: Run, method: str = "auto") -> Path:
    """Make an environment in a folder and return its interpreter.

    Args:
        recipe: what it consists of.
        folder: made if it is not there.
        run: runs the commands.
        method: "uv", "pip", or "auto" for whichever is there.

    Raises:
        AirflowException: that failed; the log says why.
    """
    uv = shutil.which("uv") if method in ("auto", "uv") else None
    if method == "uv" and uv is None:
        raise AirflowException("[standard] venv_install_method is uv, which is not installed")
    python = folder / "bin" / "python"
    _checked(run, _create(recipe, folder, uv), os.environ)
    if recipe.requirements:
        wanted = folder / "requirements.txt"
        wanted.write_text("\n".join(recipe.requirements) + "\n")
        installer = [uv, "pip", "install", "--python"] if uv else []
        command = [*installer, str(python)] if uv else [str(python), "-m", "pip", "install"]
        quiet = [] if uv else ["--disable-pip-version-check", "--no-input"]
        _checked(
            run,
            [*command, *quiet, *_index_options(recipe), *recipe.options, "-r", str(wanted)],
            {**os.environ, **_index_variables(recipe, uv is not None)},
        )
    if recipe.sees_parent:
        _show_parent(folder)
    return python


def _create(recipe: Recipe, folder: Path, uv: str | None) -> list[str]:
    shared = ["--system-site-packages"] if recipe.sees_parent else []
    if uv:
        python = recipe.python or sys.executable
        return [uv, "venv", "--quiet", "--python", python, *shared, "--allow-existing", str(folder)]
    python = f"python{recipe.python}" if recipe.python else sys.executable
    if shutil.which(python) is None:
        raise AirflowException(
            f"there is no {python} on the PATH for python_version={recipe.python!r}; install it, or"
            " uv, which fetches it"
        )
    bare = [] if recipe.requirements else ["--without-pip"]
    return [python, "-m", "venv", *shared, *bare, str(folder)]


def _index_options(recipe: Recipe) -> list[str]:
    return ["--no-index"] if recipe.indexes == () else []


def _index_variables(recipe: Recipe, is_uv: bool) -> dict[str, str]:
    """Return what tells the installer where packages come from."""
    if not recipe.indexes:
        return {}
    main, *others = recipe.indexes
    names = ("UV_DEFAULT_INDEX", "UV_INDEX") if is_uv else ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
    found = {names[0]: main}
    if others:
        found[names[1]] = " ".join(others)
    return found


def _show_parent(folder: Path) -> None:
    """Let an environment see the packages of ours, behind its own.

    `--system-site-packages` shows those of the interpreter that ours was made with, where flowctl
    and the packages of its users usually are not.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    if not packages.is_dir():
        return  # another version of Python, which could not use them
    ours = [sysconfig.get_path("purelib"), *_editable()]
    lines = [f"import site; site.addsitedir({path!r})" for path in ours if path != site.USER_SITE]
    (packages / PARENT).write_text("\n".join(lines) + "\n")


def _editable() -> list[str]:
    """Return the folder that holds flowctl where it is run out of its sources."""
    home = str(Path(__file__).resolve().parents[2])
    return [] if home == sysconfig.get_path("purelib") else [home]


def _checked(run: Run, command: Sequence[str], env: Mapping[str, str]) -> None:
    code = run(command, env)
    if code:
        raise AirflowException(
            f"the environment of the task could not be made: {' '.join(command[:3])} ... ended with"
            f" exit code {code}; the lines above say why"
        )


def cached(recipe: Recipe, cache: Path, run: Run, method: str = "auto") -> Path:
    """Return the interpreter of the environment that a recipe has in a cache, made if need be.

    Several tasks may ask at once: one makes it, the others wait. What was left half-made by one
    that was killed is made anew.

    Raises:
        AirflowException: it could not be made.
    """
    text = json.dumps(asdict(recipe) | {"parent": sys.prefix, "exact": sys.version}, sort_keys=True)
    folder = cache / f"venv-{sha256(text.encode()).hexdigest()[:16]}"
    cache.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    with _locked(folder.with_suffix(".lock")):
        if not (mark.exists() and mark.read_text() == text):
            shutil.rmtree(folder, ignore_errors=True)
            make(recipe, folder, run, method)
            mark.write_text(text)
    return folder / "bin" / "python"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Be alone; the kernel frees the lock when the process dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_venv_installed() -> bool:
    """Say whether an environment could be made here: by uv, or by the venv of Python."""
    return shutil.which("uv") is not None or find_spec("venv") is not None
