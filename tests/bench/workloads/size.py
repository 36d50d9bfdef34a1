"""What an installation takes: packages, and megabytes of them on the disk, bytecode included."""

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

import flowctl
from tests.bench.lab import Lab

MB = 1 << 20


def install(lab: Lab) -> None:
    """flowctl with everything that it needs, without the extras."""
    names = closure("flowctl")
    lab.note("install: packages", [len(names)], "", is_shared=True)
    sizes = {name: _bytes(name) / MB for name in names}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    lab.note("install: size", [sum(sizes.values())], "MB", detail=dict(largest), is_shared=True)


def closure(name: str) -> set[str]:
    """Return the names of a distribution and of all that it requires here."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().lower().replace("_", "-")
        if one not in found:
            found.add(one)
            waiting += _required(one)
    return found


def _required(name: str) -> list[str]:
    lines = metadata.distribution(name).requires or []
    wanted = [Requirement(line) for line in lines]
    return [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]


def _bytes(name: str) -> int:
    if name == "flowctl":  # installed from its folder: its files are not listed
        return sum(_size(path) for path in Path(flowctl.__file__).parent.rglob("*"))
    distribution = metadata.distribution(name)
    listed = {Path(str(distribution.locate_file(file))) for file in distribution.files or []}
    compiled = {cached for path in listed for cached in _bytecode(path)}
    return sum(_size(path) for path in listed | compiled)


def _bytecode(path: Path) -> list[Path]:
    folder = path.parent / "__pycache__"
    return list(folder.glob(f"{path.stem}.*.pyc")) if path.suffix == ".py" else []


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
