"""The files of an attempt, also those that a power cut left empty."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowctl import clock
from flowctl.core.attempt import Order, RunFacts
from flowctl.runner.identity import Identity
from flowctl.runner.spool import SEALED_S, Claim, Spool

KEY = (7, 1)


def order_of(key: tuple[int, int], conf: dict[str, Any]) -> Order:
    """Return an order with this key."""
    run = RunFacts(1, "d", "r", "manual", datetime(2024, 1, 1, tzinfo=UTC), conf=conf)
    return Order(run=run, ti_id=key[0], try_number=key[1])


def test_files_that_a_power_cut_left_empty_are_no_answer(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for ending in ("done", "exit"):
        (tmp_path / f"7.1.{ending}").touch()

    assert spool.outcome(KEY) is None
    assert spool.exit(KEY) is None
    assert spool.claims() == []


def test_a_sealed_attempt_is_claimed_by_nobody(tmp_path: Path) -> None:
    """Its order was given twice; the second process may wake up long after the first ended."""
    spool, now = Spool(tmp_path), clock.utcnow().timestamp()
    claim = Claim(order_of(KEY, {}), Identity("boot", 1, 2))
    assert spool.claim(claim)
    spool.seal(KEY)

    assert not spool.claim(claim)
    assert spool.is_sealed(KEY)
    assert spool.claims() == []
    spool.break_old_seals(now + SEALED_S - 60)
    assert spool.is_sealed(KEY)
    spool.break_old_seals(now + SEALED_S + 60)
    assert not spool.is_sealed(KEY)


def test_one_process_gets_a_claim_and_says_who_it_is_with_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    big = order_of(KEY, conf={"text": "x" * 10_000})
    first = Claim(big, Identity("boot", 1, 2))

    assert spool.claim(first)
    assert not spool.claim(Claim(big, Identity("boot", 3, 4)))
    assert spool.is_claimed(KEY)
    (found,) = spool.claims()
    assert found.process == first.process
    assert found.order.key == KEY
    assert found.order.run.conf == {}, "only the task needs the conf, and a link is short"
    spool.remove(KEY)
    assert not spool.is_claimed(KEY)
