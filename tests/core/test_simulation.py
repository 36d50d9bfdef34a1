"""The promise, held by the decisions alone: many short histories in which all goes wrong."""

import os

import pytest

from tests.core.histories import History

HISTORIES = int(os.environ.get("HISTORIES", "200"))
LOTS = 4  # so that a failure says early in which quarter it was


@pytest.mark.parametrize("lot", range(LOTS))
def test_no_history_breaks_the_promise(lot: int) -> None:
    """Crashes around the commit, lost and repeated facts, retries, clears: all runs end right."""
    for seed in range(lot, HISTORIES, LOTS):
        try:
            History(seed).play()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
