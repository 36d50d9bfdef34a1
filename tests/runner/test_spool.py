"""The files of an attempt, also those that a power cut left empty."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowctl import clock
from flowctl.core.attempt import Order, Outcome, RunFacts
from flowctl.core.states import TaskState
from flowctl.runner.blanks import Blanks
from flowctl.runner.identity import Identity
from flowctl.runner.spool import SEALED_S, Claim, Spool

KEY = (7, 1)


def order_of(key: tuple[int, int], conf: dict[str, Any]) -> Order:
    """Return an order with this key."""
    run = RunFacts(1, "d", "r", "manual", datetime(2024, 1, 1, tzinfo=UTC), conf=conf)
    return Order(run=run, ti_id=key[0], try_number=key[1])


def outcome_of(reason: str) -> Outcome:
    """Return an outcome that can be told from others."""
    now = clock.utcnow()
    return Outcome(*KEY, TaskState.FAILED, now, now, reason)


def test_files_that_a_power_cut_left_empty_are_no_answer(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for ending in ("record", "exit"):
        (tmp_path / f"7.1.{ending}").touch()

    assert spool.outcome(KEY) is None
    assert spool.exit(KEY) is None
    assert spool.claims() == []


def test_a_journal_that_was_cut_short_is_none_and_can_be_written_again(tmp_path: Path) -> None:
    """A full disk takes a part of it; the attempt tries again when there is room."""
    spool = Spool(tmp_path)
    claim = Claim(order_of(KEY, {}), Identity("boot", 1, 2))
    assert spool.claim(claim, Blanks(tmp_path).take(KEY))
    spool.write_outcome(KEY, outcome_of("x" * 100))
    record = tmp_path / "7.1.record"
    record.write_bytes(record.read_bytes()[:-50])

    assert spool.outcome(KEY) is None
    spool.write_outcome(KEY, outcome_of("there is room"))
    found = spool.outcome(KEY)
    assert found is not None
    assert found.reason == "there is room"
    assert spool.find_claim(KEY) == claim


def test_a_sealed_attempt_is_claimed_by_nobody(tmp_path: Path) -> None:
    """Its order was given twice; the second process may wake up long after the first ended."""
    spool, blanks, now = Spool(tmp_path), Blanks(tmp_path), clock.utcnow().timestamp()
    claim = Claim(order_of(KEY, {}), Identity("boot", 1, 2))
    assert spool.claim(claim, blanks.take(KEY))
    spool.seal(KEY)

    assert not spool.claim(claim, blanks.take(KEY))
    assert spool.is_sealed(KEY)
    assert spool.claims() == []
    spool.break_old_seals(now + SEALED_S - 60)
    assert spool.is_sealed(KEY)
    spool.break_old_seals(now + SEALED_S + 60)
    assert not spool.is_sealed(KEY)


def test_one_process_gets_a_claim_and_says_who_it_is_with_it(tmp_path: Path) -> None:
    spool, blanks, others = Spool(tmp_path), Blanks(tmp_path), tmp_path / "another.blank"
    others.touch()
    big = order_of(KEY, conf={"text": "x" * 10_000})
    first = Claim(big, Identity("boot", 1, 2))

    assert spool.claim(first, blanks.take(KEY))
    assert not spool.claim(Claim(big, Identity("boot", 3, 4)), str(others))
    assert spool.is_claimed(KEY)
    assert spool.claims() == [first]
    spool.remove(KEY)
    assert not spool.is_claimed(KEY)


def test_a_blank_that_is_used_again_shows_nothing_of_the_attempt_before(tmp_path: Path) -> None:
    spool, blanks = Spool(tmp_path), Blanks(tmp_path)
    blank = blanks.take(KEY)
    assert spool.claim(Claim(order_of(KEY, {"x": "y" * 9000}), Identity("boot", 1, 2)), blank)
    spool.write_outcome(KEY, outcome_of("of the first"))
    spool.remove(KEY)
    blanks.give_back(KEY)
    second = (8, 1)
    claim = Claim(order_of(second, {}), Identity("boot", 3, 4))

    assert blanks.take(second) == blank
    assert spool.claim(claim, blank)
    assert spool.find_claim(second) == claim
    assert spool.outcome(second) is None
    assert len(list(tmp_path.iterdir())) == 2, "one file of two names"


def test_who_holds_a_blank_that_was_taken_back_begins_nothing(tmp_path: Path) -> None:
    """The order was given again, or its runner is gone: a late process must not begin."""
    spool, blanks = Spool(tmp_path), Blanks(tmp_path)
    claim = Claim(order_of(KEY, {}), Identity("boot", 1, 2))
    first = blanks.take(KEY)
    second = blanks.take(KEY)

    assert not spool.claim(claim, first)
    Blanks(tmp_path)  # of the next runner
    assert not spool.claim(claim, second)
    assert not spool.is_claimed(KEY)


@pytest.mark.parametrize("size", [100, 1_000_000])
def test_a_blank_that_is_given_back_holds_nothing_of_its_attempt(tmp_path: Path, size: int) -> None:
    blanks = Blanks(tmp_path)
    blank = Path(blanks.take((1, 1)))
    blank.write_bytes(b"secret" * size)

    blanks.give_back((1, 1))

    assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.blank"))
    assert Path(blanks.take((1, 2))).is_file()
