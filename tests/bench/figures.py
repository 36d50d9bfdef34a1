"""What was measured, and what it is held against: figures, budgets, verdicts. Plain values only."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

FOREIGN_CORES_MAX = (
    0.2  # CPU used by anybody else, in cores; above it a figure is not to be trusted
)

ANY = "any"  # the database of a figure that does not depend on it


@dataclass(frozen=True)
class Figure:
    """One measured number; `values` are its repetitions, of which the median counts."""

    name: str
    values: tuple[float, ...]
    unit: str
    database: str = ANY
    foreign_cores: float = 0.0
    detail: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """Return the median of the repetitions."""
        return statistics.median(self.values)

    @property
    def is_noisy(self) -> bool:
        """Say whether others used the machine too much while this was measured."""
        return self.foreign_cores > FOREIGN_CORES_MAX


@dataclass(frozen=True)
class Budget:
    """What a figure must reach; `aim` is what we would like."""

    sense: Literal["at least", "at most"]
    must: float
    aim: float | None = None

    def is_reached_by(self, value: float) -> bool:
        """Say whether `value` is within the budget."""
        return value >= self.must if self.sense == "at least" else value <= self.must

    def __str__(self) -> str:
        sign = ">=" if self.sense == "at least" else "<="
        aim = "" if self.aim is None else f", aim {self.aim:g}"
        return f"{sign} {self.must:g}{aim}"


@dataclass(frozen=True)
class Row:
    """A figure beside the limit of the machine and its budget; None where there is none."""

    figure: Figure
    limit: float | None
    budget: Budget | None

    @property
    def ratio(self) -> float | None:
        """Return ours divided by the limit of the machine."""
        return self.figure.value / self.limit if self.limit else None

    @property
    def is_reached(self) -> bool | None:
        """Say whether the budget is reached; None without a budget."""
        return None if self.budget is None else self.budget.is_reached_by(self.figure.value)


def rows(
    figures: Sequence[Figure], budgets: Mapping[str, Budget], limits: Mapping[str, str]
) -> list[Row]:
    """Put each figure beside its budget and its limit, which is itself one of `figures`.

    Args:
        figures: everything measured, the limits of the machine among it.
        budgets: by name of the figure.
        limits: name of a figure -> name of the figure that is its limit.
    """
    measured = {figure.name: figure.value for figure in figures}
    return [
        Row(figure, measured.get(limits.get(figure.name, "")), budgets.get(figure.name))
        for figure in figures
    ]


def percentile(values: Sequence[float], part: float) -> float:
    """Return the `part` (0 to 1) percentile, linear between neighbours.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no percentile of nothing")
    ordered = sorted(values)
    place = (len(ordered) - 1) * part
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return how much y rises per x, by least squares; 0 for fewer than two points."""
    if len(points) < 2:
        return 0.0
    result = statistics.linear_regression(*zip(*points, strict=True))
    return result.slope
