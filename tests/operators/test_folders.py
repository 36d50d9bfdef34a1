"""A command gets an empty folder of its own, where `tempfile` would make one."""

import os
from pathlib import Path

import pytest

from flowctl.operators import folders


def test_a_folder_is_new_and_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Below TMPDIR, and another one each time."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    made = [Path(folders.make("work")) for _ in range(2)]

    assert made[0] != made[1]
    for folder in made:
        assert folder.parent == tmp_path
        assert folder.name.startswith("work")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(folder.iterdir()) == []


def test_a_place_that_does_not_work_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The next variable counts, then /tmp."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setenv("TEMP", str(tmp_path))

    assert Path(folders.make("work")).parent == tmp_path


def test_without_any_place_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is the one of the last place."""
    monkeypatch.setattr(folders, "_places", lambda: iter([str(tmp_path / "missing")]))

    with pytest.raises(FileNotFoundError, match="missing"):
        folders.make("work")


def test_a_folder_goes_with_all_that_is_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a link in it points to stays."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    folder = folders.make("work")
    os.makedirs(f"{folder}/a/b")
    Path(folder, "a", "file").touch()
    Path(folder, "link").symlink_to(tmp_path / "kept")

    folders.remove(folder)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]
    assert (tmp_path / "kept" / "file").exists()
