"""The project's own source, read for the rules about it."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "flowctl"


@dataclass(frozen=True)
class Import:
    """One imported module or name; `is_inside` says that it stands in a function."""

    target: str
    line: int
    is_inside: bool


@dataclass(frozen=True, eq=False)
class Module:
    """One file of `flowctl`: its dotted name, and its syntax tree."""

    name: str
    tree: ast.Module

    @property
    def part(self) -> str:
        """Return the part of the house it belongs to: `flowctl.store.schema` is in `store`."""
        words = self.name.split(".")
        return words[1] if len(words) > 1 else ""

    @cache  # noqa: B019  # three rules ask each module, and all live as long as the process
    def imports(self) -> tuple[Import, ...]:
        """Return every import statement; `from a.b import c` counts as `a.b.c`."""
        inside = set(self._nodes_in_functions())
        return tuple(
            Import(target, getattr(node, "lineno", 0), node in inside)
            for node in ast.walk(self.tree)
            for target in _targets(node)
        )

    def _nodes_in_functions(self) -> Iterator[ast.AST]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield from ast.walk(node)


def module(name: str, text: str) -> Module:
    """Return the module called `name` with this source."""
    return Module(name, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of `flowctl`."""
    return tuple(module(_dotted(path), path.read_text()) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def project_files() -> tuple[Path, ...]:
    """Return what belongs to the project: committed or about to be, and still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (PROJECT / name for name in sorted(set(listed.stdout.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


def _dotted(path: Path) -> str:
    words = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(words[:-1] if words[-1] == "__init__" else words)


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["." * node.level + f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []
