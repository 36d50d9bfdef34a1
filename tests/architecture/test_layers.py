"""Who may import whom: a layer sees the layers below it, never its neighbour.

There is no list of exceptions. What must be loaded late (a chosen executor, an optional extra) is
loaded by name with `importlib.import_module`, which is not an import statement.
"""

import pytest

from tests.architecture.source import Module, module, modules

# Low to high. The parts of one step may not import each other.
STEPS: tuple[tuple[str, ...], ...] = (
    ("errors", "clock", "garbage", "late", "version"),
    ("core",),
    ("config", "authoring"),
    ("hooks", "triggers", "store"),
    ("operators", "notifiers"),
    ("sensors",),
    ("compat",),  # below the runner, whose zygotes answer Airflow's names before user code runs
    ("runner",),
    ("executors", "parsing", "triggerer"),
    ("scheduler", "web"),
    ("cli",),
    ("__main__",),
)
STEP_OF = {part: number for number, parts in enumerate(STEPS) for part in parts}


def wrong_imports(subject: Module) -> list[str]:
    """Return, as sentences, the imports of `subject` that the table does not allow."""
    return [
        f"{subject.name}:{found.line}: {subject.part or 'flowctl'} may not import {found.target}"
        for found in subject.imports()
        if not _is_allowed(subject.part, found.target)
    ]


def _is_allowed(part: str, target: str) -> bool:
    words = target.split(".")
    if words[0] != "flowctl":
        return bool(words[0])  # an empty first word is a relative import
    if words == ["flowctl"]:
        return True  # the package itself, which whoever imports a part of it has imported anyway
    if words[1] not in STEP_OF:
        return False
    if part not in STEP_OF:
        return False
    return words[1] == part or STEP_OF[words[1]] < STEP_OF[part]


def test_every_part_has_its_place() -> None:
    """A new folder or module of `flowctl` is put into the table first."""
    parts = {subject.part for subject in modules()} - {""}

    assert sorted(parts - set(STEP_OF)) == []


def test_nobody_imports_upwards_or_sideways() -> None:
    """Each import of `flowctl` goes to the same part or to a lower step."""
    found = [line for subject in modules() for line in wrong_imports(subject)]

    assert not found, "\n".join(found)


def test_no_import_hides_in_a_function() -> None:
    """What a module needs is said at its top."""
    hidden = [
        f"{subject.name}:{found.line}: {found.target}"
        for subject in modules()
        for found in subject.imports()
        if found.is_inside
    ]

    assert not hidden, "\n".join(hidden)


@pytest.mark.parametrize(
    ("name", "text", "is_right"),
    [
        ("flowctl.core.tick", "import msgspec", True),
        ("flowctl.core.tick", "from flowctl.core.spec import DagSpec", True),
        ("flowctl.core.tick", "from flowctl import clock", True),
        ("flowctl.core.tick", "from flowctl.store.schema import dag", False),
        ("flowctl.core.tick", "import flowctl.config.options", False),
        ("flowctl.scheduler.loop", "from flowctl.executors.local import start", True),
        ("flowctl.scheduler.loop", "from flowctl.web import app", False),
        ("flowctl.authoring.dag", "from flowctl.config.reader import value", False),
        ("flowctl.store.move", "from flowctl.operators.bash import BashOperator", False),
        ("flowctl.cli.main", "from flowctl.scheduler.loop import tick", True),
        ("flowctl.cli.main", "from . import db", False),
        ("flowctl.errors", "from flowctl.core.spec import DagSpec", False),
        ("flowctl.core.tick", "from flowctl import DAG", False),
        ("flowctl.parsing.child", "import flowctl", True),
        ("flowctl.runner.zygote", "from flowctl.compat import install", True),
        ("flowctl.compat.finder", "from flowctl.runner.zygote import serve", False),
        ("flowctl", "from flowctl.authoring.dag import DAG", False),
    ],
)
def test_the_rule_itself(name: str, text: str, is_right: bool) -> None:
    """The table means what it says, also where no file breaks it yet."""
    assert (wrong_imports(module(name, text)) == []) is is_right


def test_an_import_in_a_function_is_seen() -> None:
    """Also in a method or a nested function."""
    subject = module("flowctl.cli.main", "class A:\n  def f(self):\n    import json\nimport os\n")

    assert [(found.target, found.is_inside) for found in subject.imports()] == [
        ("os", False),
        ("json", True),
    ]
