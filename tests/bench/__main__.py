"""`python -m tests.bench`: run the workloads and the limits of the machine; print, write JSON."""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from flowctl import clock
from tests.bench import limits, peers, report
from tests.bench.budgets import BUDGETS, LIMITS
from tests.bench.figures import Figure, rows
from tests.bench.lab import DURABLE, POSTGRESQL, SQLITE, Lab, Options, say
from tests.bench.workloads.catalogue import PER_DATABASE, SHARED, Workload
from tests.support.postgres import Server, running_server

NAMES = (*PER_DATABASE, *SHARED, "limits", "peers")


def _names(_context: click.Context, _option: click.Parameter, given: str | None) -> list[str]:
    names = given.split(",") if given else list(NAMES)
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise click.BadParameter(f"there is no {', '.join(unknown)}; choose of {', '.join(NAMES)}")
    return names


@click.command
@click.option("--only", callback=_names, help=f"Some of: {','.join(NAMES)}.")
@click.option("--db", type=click.Choice([SQLITE, POSTGRESQL, "both"]), default="both")
@click.option("--reps", default=3, show_default=True, help="Repetitions; the median counts.")
@click.option("--quick", is_flag=True, help="Smaller workloads: to see that all works.")
@click.option("--long", "is_long", is_flag=True, help="Growth over 50,000 attempts.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("bench-results"))
def main(only: list[str], db: str, reps: int, quick: bool, is_long: bool, out: Path) -> None:
    """Measure flowctl beside the limits of this machine."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGTERM, _end)  # so that what was started ends with us
    options = Options(reps, quick, is_long)
    figures: list[Figure] = []
    failed: list[str] = []
    if "limits" in only:
        say("limits of the machine")
        figures += _shown(limits.measure(reps))
    first = SQLITE if db == "both" else db
    for database in [SQLITE, POSTGRESQL] if db == "both" else [db]:
        chosen = {name: one for name, one in PER_DATABASE.items() if name in only}
        if database == first:
            chosen |= {name: one for name, one in SHARED.items() if name in only}
        with _server(database) as server:
            lab = Lab(options, database, server)
            failed += _run(lab, chosen)
        figures += lab.figures
    if "peers" in only:
        figures += _shown(peers.measure())
    _finish(figures, failed, out, {"only": only, "db": db, "reps": reps, "quick": quick})


def _end(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _run(lab: Lab, chosen: Mapping[str, Workload]) -> list[str]:
    """Run workloads; return the names of those that failed, after saying why."""
    failed = []
    for name, workload in chosen.items():
        say(f"{name} on {lab.database}")
        try:
            workload(lab)
        except Exception:
            traceback.print_exc()
            failed.append(f"{name} on {lab.database}")
    return failed


def _server(database: str) -> contextlib.AbstractContextManager[Server | None]:
    return running_server(DURABLE) if database == POSTGRESQL else contextlib.nullcontext()


def _shown(measured: Iterator[Figure]) -> Iterator[Figure]:
    for figure in measured:
        say(f"  {figure.name} = {figure.value:.4g} {figure.unit}")
        yield figure


def _finish(figures: list[Figure], failed: list[str], out: Path, options: dict[str, Any]) -> None:
    found = rows(figures, BUDGETS, LIMITS)
    path = report.write(out, found, clock.utcnow(), options)
    click.echo("\n" + report.table(found) + f"\n\n{path}")
    if failed:
        click.echo(f"not measured, they failed: {', '.join(failed)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
