"""The table of what was tried, and what came of it."""

from pathlib import Path

import pytest

from tests.faults import ledger
from tests.faults.ledger import Entry


def test_what_several_processes_tried_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTS_LEDGER", str(tmp_path / "ledger"))
    Entry("kill", trials=2, recoveries_s=[0.5, 2.0]).keep()
    Entry("kill", trials=3, lost=1, recoveries_s=[1.25]).keep()
    Entry("cut", trials=1).keep()

    found = ledger.summed((tmp_path / "ledger").read_text().splitlines())

    assert found == [
        Entry("cut", trials=1),
        Entry("kill", trials=5, lost=1, recoveries_s=[0.5, 2.0, 1.25]),
    ]
    rows = [line.split() for line in ledger.table(found).splitlines()]
    assert rows[3] == ["kill", "5", "1", "0", "0", "0", "2.0", "2.0"]
    assert rows[4][:6] == ["all", "6", "1", "0", "0", "0"]


def test_faults_with_a_number_come_in_its_order() -> None:
    lines = [f'{{"fault": "{name}"}}' for name in ("R10 b", "cut", "R2 a", "R10 a")]

    assert [entry.fault for entry in ledger.summed(lines)] == ["R2 a", "R10 a", "R10 b", "cut"]


@pytest.mark.parametrize(
    ("complaint", "name"),
    [
        ("('d', 'r', 't'): lost, it never ended", "lost"),
        ("('d', 'r', 't'): a try began twice: [1, 1]", "duplicate"),
        ("waited 30 s for the runs of five", "stuck"),
        ("pool is overfull", "other"),
    ],
)
def test_each_complaint_is_counted_as_what_it_is(complaint: str, name: str) -> None:
    entry = Entry("x")

    entry.complain([complaint])

    expected = Entry("x")
    setattr(expected, name, 1)
    assert entry == expected
    assert not entry.is_good
