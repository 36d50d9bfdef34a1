"""Which files count as DAG files."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from flowctl.parsing.discovery import Discovery, Root

ORACLE = json.loads(Path(__file__).with_name("ignore_oracle.json").read_text())
DAG_TEXT = "from airflow import DAG"


def write(folder: Path, *names: str, text: str = DAG_TEXT) -> None:
    """Write files with this text."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def found(folder: Path, *, safe_mode: bool = True, syntax: str = "regexp") -> list[str]:
    """Return the labels of the DAG files, sorted."""
    return sorted(Discovery((Root(folder),), safe_mode, syntax).sweep().files)


@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda case: json.dumps(case["ignore"])[:60])
def test_ignore_files_hide_what_they_hide_in_airflow(tmp_path: Path, case: dict) -> None:  # type: ignore[type-arg]
    """The lists were made with Airflow 2.10.5 on the same tree."""
    write(tmp_path, *ORACLE["files"])
    for folder, lines in case["ignore"].items():
        write(tmp_path, f"{folder}/.airflowignore".lstrip("/"), text="\n".join(lines))

    assert found(tmp_path, syntax=case["syntax"]) == sorted(case["shown"])


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("import airflow; a DAG", True),
        ("AIRFLOW dag", True),
        ("from flowctl import DAG", True),
        ("airflow", False),
        ("dag", False),
        ("", False),
    ],
)
def test_in_safe_mode_the_text_names_airflow_and_a_dag(
    tmp_path: Path, text: str, counts: bool
) -> None:
    """In whatever case; without safe mode every Python file counts."""
    write(tmp_path, "x.py", text=text)

    assert found(tmp_path) == (["x.py"] if counts else [])
    assert found(tmp_path, safe_mode=False) == ["x.py"]


def test_archives_count_whatever_their_name(tmp_path: Path) -> None:
    """Other files do not, and pipes are not even opened."""
    with zipfile.ZipFile(tmp_path / "packed", "w") as archive:
        archive.writestr("x.py", DAG_TEXT)
    write(tmp_path, "text.zip", "notes.md", "x.pyc")
    os.mkfifo(tmp_path / "pipe.py")

    assert found(tmp_path) == ["packed"]


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    """A folder that is reached twice is entered once."""
    write(tmp_path, "dags/a/x.py")
    write(tmp_path, "elsewhere/y.py", "one.py")
    (tmp_path / "dags/a/loop").symlink_to("..")
    (tmp_path / "dags/far").symlink_to("../elsewhere")
    (tmp_path / "dags/one.py").symlink_to("../one.py")

    assert found(tmp_path / "dags") == ["a/x.py", "far/y.py", "one.py"]


def test_a_name_that_cannot_be_stored_is_left_out_and_told(tmp_path: Path) -> None:
    """It is in no encoding that a database could keep."""
    write(tmp_path, "ok.py")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).write_text(DAG_TEXT)

    listing = Discovery((Root(tmp_path),)).sweep()

    assert sorted(listing.files) == ["ok.py"]
    assert "not UTF-8" in listing.complaints[0]


def test_a_broken_pattern_is_told_and_the_others_hold(tmp_path: Path) -> None:
    """With file, line and reason."""
    write(tmp_path, "a.py", "b.py")
    write(tmp_path, ".airflowignore", text="(broken\na")

    listing = Discovery((Root(tmp_path),)).sweep()

    assert sorted(listing.files) == ["b.py"]
    assert listing.complaints[0].startswith(".airflowignore, line 1: '(broken'")


def test_two_roots_do_not_clash(tmp_path: Path) -> None:
    """The label says which root; no path of the first can look like one of the second."""
    write(tmp_path, "mine/x.py", "examples/x.py")
    roots = (Root(tmp_path / "mine"), Root(tmp_path / "examples", "examples://"))

    assert sorted(Discovery(roots).sweep().files) == ["examples://x.py", "x.py"]
