"""The files of an attempt, also those that a power cut left empty."""

from pathlib import Path

from flowctl.runner.spool import Spool

KEY = (7, 1)


def test_files_that_a_power_cut_left_empty_are_no_answer_but_still_a_claim(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for ending in ("claim", "done", "exit"):
        (tmp_path / f"7.1.{ending}").touch()

    assert spool.claims() == []
    assert spool.find_claim(KEY) is None
    assert spool.outcome(KEY) is None
    assert spool.exit(KEY) is None
    assert spool.is_claimed(KEY)
