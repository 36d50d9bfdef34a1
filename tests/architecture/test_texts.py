"""No file of the project names a package registry or a folder of one particular machine."""

import re

import pytest

from tests.architecture.source import PROJECT, project_files

# Written in pieces, so that this file does not hold what it forbids.
REGISTRIES = [
    "pypi." + "org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
]
MACHINE_FOLDERS = [
    "/" + "root/",
    "/" + "work/",
    "/tmp/" + "lab",
    "~/." + "anchors",
    "/opt/" + "wheels",
]
# A folder counts where a path begins, not in the middle of one: `a/work/b` is nobody's machine.
FOREIGN = re.compile(
    "|".join([re.escape(host) for host in REGISTRIES])
    + "|(?<![\\w.~-])(?:"
    + "|".join(re.escape(folder) for folder in MACHINE_FOLDERS)
    + ")"
)


def foreign_words(text: str) -> list[str]:
    """Return the lines of `text` that bind the project to a registry or a machine."""
    return [f"{number}: {line}" for number, line in _numbered(text) if FOREIGN.search(line)]


def _numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), start=1))


def test_no_file_names_a_registry_or_a_machine() -> None:
    """A clone works with any mirror, in any folder."""
    found = [
        f"{path.relative_to(PROJECT)}:{line}"
        for path in project_files()
        for line in foreign_words(path.read_text(errors="replace"))
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", [*REGISTRIES, *MACHINE_FOLDERS])
def test_each_forbidden_word_is_seen(word: str) -> None:
    """Wherever in a line it stands."""
    assert foreign_words(f"ok\nsee {word} there") == [f"2: see {word} there"]


def test_other_people_s_folders_may_have_the_same_name() -> None:
    """Only the start of a path says which machine it is on."""
    assert foreign_words("$HOME/" + "work/x") == []
