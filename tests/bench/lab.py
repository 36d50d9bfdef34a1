"""Where workloads are measured: the options of the run, fresh sites, and the book of figures."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench.figures import ANY, Figure
from tests.bench.meter import Meter, Reading
from tests.bench.site import Site, new_site
from tests.support.postgres import Server

SQLITE, POSTGRESQL = "sqlite", "postgresql"

# Durability as PostgreSQL has it by default: every commit reaches the disk.
DURABLE = {"max_connections": "200", "timezone": "UTC"}


@dataclass(frozen=True)
class Options:
    """How thorough this run is."""

    repetitions: int = 3
    is_quick: bool = False
    is_long: bool = False

    def count(self, usual: int, quick: int) -> int:
        """Return the size of a workload."""
        return quick if self.is_quick else usual


@dataclass
class Lab:
    """Hands out sites on one kind of database and writes figures down."""

    options: Options
    database: str
    server: Server | None = None
    figures: list[Figure] = field(default_factory=list)

    @contextmanager
    def site(self, **settings: str) -> Iterator[Site]:
        """Give a site of its own to one measurement."""
        if self.server is None:
            with new_site(None, **settings) as site:
                yield site
        else:
            with self.server.database() as url, new_site(url, **settings) as site:
                yield site

    def note(
        self,
        name: str,
        values: list[float],
        unit: str,
        *,
        foreign: float = 0.0,
        detail: Mapping[str, float] | None = None,
        is_shared: bool = False,
    ) -> None:
        """Write a figure down and show it; `is_shared`: it does not depend on the database."""
        database = ANY if is_shared else self.database
        figure = Figure(name, tuple(values), unit, database, foreign, detail or {})
        self.figures.append(figure)
        say(f"  {name} = {figure.value:.4g} {unit}{' (noisy)' if figure.is_noisy else ''}")
        for part, value in figure.detail.items():
            say(f"      {part} = {value:.4g}")


def repeated(
    site: Site, repetitions: int, once: Callable[[], float]
) -> tuple[list[float], list[Reading]]:
    """Measure `once` so often, each time with its CPU.

    The first time pays for the start of zygotes: it is done once more beforehand and not counted.
    """
    once()
    values, readings = [], []
    for _ in range(repetitions):
        site.wait_idle()
        meter = Meter(site)
        values.append(once())
        site.wait_idle()
        readings.append(meter.read())
    return values, readings


def say(line: str) -> None:
    """Show progress."""
    sys.stderr.write(line + os.linesep)
    sys.stderr.flush()
