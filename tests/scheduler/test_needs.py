"""Standalone is told when a triggerer is needed, once for each time that there was nothing."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from flowctl.scheduler.needs import FD, Needs
from flowctl.store.wake import Waker


def test_standalone_hears_of_the_first_deferred_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = os.pipe2(os.O_NONBLOCK)
    monkeypatch.setenv(FD, str(writer))
    needs = Needs(Waker(create_engine("sqlite://"), tmp_path))
    assert FD not in os.environ  # what the scheduler starts has no use for it

    said = []
    for deferred in (0, 3, 2, 0, 1):
        needs.tell(deferred)
        try:
            said.append(len(os.read(reader, 9)))
        except BlockingIOError:
            said.append(0)

    assert said == [0, 1, 0, 0, 1]
    os.close(reader)
    os.close(writer)


def test_without_standalone_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FD, raising=False)

    Needs(Waker(create_engine("sqlite://"), tmp_path)).tell(1)
