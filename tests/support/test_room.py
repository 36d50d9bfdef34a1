"""A test that measures time runs while no other does."""

import threading
from pathlib import Path

from tests.support import room

NEVER_S = 0.1
DEADLINE_S = 20.0


def enter(folder: Path, *, alone: bool) -> tuple[threading.Thread, threading.Event]:
    """Let somebody enter and leave at once; return who it is, and what says that they were in."""
    was_in = threading.Event()

    def visit() -> None:
        with room.place(folder, alone=alone):
            was_in.set()

    visitor = threading.Thread(target=visit)
    visitor.start()
    return visitor, was_in


def test_ordinary_tests_share_the_room(tmp_path: Path) -> None:
    with room.place(tmp_path, alone=False):
        visitor, was_in = enter(tmp_path, alone=False)
        assert was_in.wait(DEADLINE_S)
    visitor.join()


def test_nobody_comes_in_while_one_is_alone(tmp_path: Path) -> None:
    with room.place(tmp_path, alone=True):
        visitor, was_in = enter(tmp_path, alone=False)
        assert not was_in.wait(NEVER_S)
    assert was_in.wait(DEADLINE_S)
    visitor.join()


def test_who_wants_to_be_alone_waits_for_those_who_are_in(tmp_path: Path) -> None:
    with room.place(tmp_path, alone=False):
        visitor, was_in = enter(tmp_path, alone=True)
        assert not was_in.wait(NEVER_S)
    assert was_in.wait(DEADLINE_S)
    visitor.join()
