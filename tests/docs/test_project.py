"""The files around the code: changelog, license, requirements."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def project_table() -> dict[str, object]:
    """Return the `[project]` table of `pyproject.toml`."""
    table: dict[str, object] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return table


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    """Its first release is the unreleased one, and its sections are the six known ones."""
    text = (PROJECT / "CHANGELOG.md").read_text()

    assert re.findall(r"^## (.*)", text, re.MULTILINE)[0] == "Unreleased"
    assert set(re.findall(r"^### (.*)", text, re.MULTILINE)) <= SECTIONS


def test_the_license_is_the_one_that_the_package_names() -> None:
    """The whole Apache License is there, with the name of this project."""
    text = (PROJECT / "LICENSE").read_text()

    assert project_table()["license"] == "Apache-2.0"
    assert "END OF TERMS AND CONDITIONS" in text
    assert "flowctl" in text


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_each_requirement_is_pinned_with_its_hashes(file: str) -> None:
    """No line lets pip choose, and none says where from."""
    text = (PROJECT / file).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]

    assert lines
    assert [line for line in lines if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:", line)] == []
    assert "://" not in text


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_each_dependency_is_among_the_requirements(file: str) -> None:
    """Who adds a dependency runs `make lock`."""
    pinned = set(re.findall(r"^([\w.-]+)==", (PROJECT / file).read_text(), re.MULTILINE))
    dependencies = project_table()["dependencies"]
    assert isinstance(dependencies, list)
    asked = {re.split(r"[<>=\[; ]", name, maxsplit=1)[0].lower() for name in dependencies}

    assert asked - pinned == set()


def test_both_files_pin_the_same_versions() -> None:
    """What is tested is what `make run` installs."""
    core, dev = (
        set(re.findall(r"^([\w.-]+==\S+)", (PROJECT / file).read_text(), re.MULTILINE))
        for file in ("requirements.txt", "requirements-dev.txt")
    )

    assert core <= dev
