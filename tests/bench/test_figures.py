"""The arithmetic of the benchmark, with plain values; nothing here is timed."""

import pytest

from tests.bench import peers, report, stamps
from tests.bench.budgets import BUDGETS, LIMITS
from tests.bench.figures import Budget, Figure, percentile, rows, slope
from tests.bench.stamps import Incomplete, Stamp

WIDE = "wide: tasks per second"


def test_the_median_counts() -> None:
    """One bad repetition does not spoil a figure."""
    assert Figure(WIDE, (400.0, 90.0, 420.0), "/s").value == 400.0


@pytest.mark.parametrize(
    ("budget", "value", "is_reached"),
    [
        (Budget("at least", 400), 400, True),
        (Budget("at least", 400), 399.9, False),
        (Budget("at most", 6), 6, True),
        (Budget("at most", 6), 6.1, False),
    ],
)
def test_a_budget_says_which_side_is_good(budget: Budget, value: float, is_reached: bool) -> None:
    """The bound itself is still good."""
    assert budget.is_reached_by(value) is is_reached


def test_a_figure_stands_beside_its_limit_and_its_budget() -> None:
    """The ratio is ours by the machine's; what has neither limit nor budget says nothing."""
    limit = Figure("fork", (800.0,), "/s")
    ours = Figure(WIDE, (200.0,), "/s", "sqlite")

    row, alone = rows([ours, limit], {WIDE: Budget("at least", 400)}, {WIDE: "fork"})

    assert (row.limit, row.ratio, row.is_reached) == (800.0, 0.25, False)
    assert (alone.limit, alone.ratio, alone.is_reached) == (None, None, None)


def test_the_table_marks_what_is_not_to_be_trusted() -> None:
    """A run beside other work is shown, but not as if it were sound."""
    quiet = report.table(rows([Figure(WIDE, (450.0,), "/s")], BUDGETS, LIMITS))
    noisy = report.table(rows([Figure(WIDE, (450.0,), "/s", foreign_cores=0.5)], BUDGETS, LIMITS))

    assert ">= 400, aim 500  yes" in quiet
    assert "!" not in quiet
    assert f"! {WIDE}" in noisy
    assert "not to be trusted" in noisy


def test_rates_and_gaps_come_from_the_stamps() -> None:
    """`src` and `snk` bound a wide run; a chain is its gaps."""
    found = [Stamp("src", "0", 10.0), Stamp("t", "0", 10.5), Stamp("snk", "0", 12.0)]

    assert stamps.rate_between(found, 500) == 250.0
    assert stamps.gaps_ms(found) == [500.0, 1500.0]


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([Stamp("t", "0", 1.0)], id="one is missing"),
        pytest.param([Stamp("t", "0", 1.0), Stamp("t", "0", 2.0)], id="one ran twice"),
    ],
)
def test_a_run_that_lost_or_doubled_a_task_is_void(found: list[Stamp]) -> None:
    """Speed without exactly one start of each task is worth nothing."""
    with pytest.raises(Incomplete):
        stamps.once_each(found, 2)


def test_percentiles_lie_between_neighbours() -> None:
    """As everybody computes them who interpolates."""
    assert percentile([4.0, 1.0, 2.0, 3.0], 0.5) == 2.5
    assert percentile([7.0], 0.95) == 7.0


def test_growth_is_a_slope() -> None:
    """A megabyte for each thousand, whatever it began with."""
    assert slope([(1000, 31.0), (2000, 32.0), (3000, 33.0)]) == pytest.approx(0.001)
    assert slope([(1000, 31.0)]) == 0.0


def test_the_warm_up_of_a_peer_does_not_count() -> None:
    """Its first run pays for its start; a void one is left out."""
    output = "\n".join(
        [
            "some log line",
            '{"tasks_per_s": 1.0}',
            '{"tasks_per_s": 2.5, "foreign_cpu_cores": 0.1}',
            '{"tasks_per_s": 9.0, "complete": false}',
        ]
    )

    (figure,) = peers.figures(output, "luigi", "W1")

    assert (figure.name, figure.values) == (f"luigi {WIDE}", (2.5,))
