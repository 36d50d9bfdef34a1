"""What a simulation found, as people read it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from flowctl.cli import output
from flowctl.core.collisions import Collision, collisions
from flowctl.core.load import Step
from flowctl.core.simulate import Foreseen, Simulation
from flowctl.core.slots import EXECUTOR
from flowctl.executors import forecast

ROWS_MAX = 60  # more runs than a person reads one by one: then a row for each DAG
PASSED_MAX = 20  # lines about runs that are never made
BARS = "▁▂▃▄▅▆▇█"
DIGITS = "12345678"  # for terminals that have no bars


def show(played: Simulation) -> None:
    """Print a heading, the runs, the collisions and a line of load for each pool."""
    runs, found = played.runs, collisions(played.waits, played.end)
    click.echo(
        f"{_at(played.begin)} to {_at(played.end)}:"
        f" {_counted(len(runs), 'run')} of {_counted(len({run.dag_id for run in runs}), 'DAG')}"
    )
    if played.unknown:
        seconds = played.guess.default.total_seconds()
        unknown = _counted(len(played.unknown), "task")
        click.echo(f"{unknown} without a history, taken to last {seconds:g} s each")
    for dag_id, reason in played.left_out.items():
        click.echo(f"DAG {dag_id} is left out: {reason}")
    for one in played.passed[:PASSED_MAX]:
        click.echo(f"DAG {one.dag_id}: {one.said} is never made: {one.why}")
    if len(played.passed) > PASSED_MAX:
        click.echo(f"and {len(played.passed) - PASSED_MAX} more such lines (-o json shows all)")
    click.echo("\nRuns")
    output.show(_runs(runs) if len(runs) <= ROWS_MAX else _summary(runs), "table")
    click.echo("\nCollisions" if found else "\nCollisions: none, nobody waits for room")
    if found:
        output.show([_collision_row(one, played.end) for one in found], "table")
    step = forecast.step_of(played)
    click.echo(f"\nLoad: the peak in each step of {_long(step)}, of all slots")
    for name in played.load.names:
        click.echo(_load_line(played, name, step))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _runs(runs: Sequence[Foreseen]) -> list[dict[str, str]]:
    return [
        {
            "dag_id": run.dag_id,
            "run_id": run.run_id,
            "due": _at(run.due),
            "start": "-" if run.start is None else _at(run.start),
            "end": "-" if run.end is None else _at(run.end),
            "took": "-" if run.start is None or run.end is None else _long(run.end - run.start),
        }
        for run in sorted(runs, key=lambda run: (run.due, run.dag_id))
    ]


def _summary(runs: Sequence[Foreseen]) -> list[dict[str, str]]:
    by_dag: dict[str, list[Foreseen]] = {}
    for run in runs:
        by_dag.setdefault(run.dag_id, []).append(run)
    return [_dag_row(dag_id, by_dag[dag_id]) for dag_id in sorted(by_dag)]


def _dag_row(dag_id: str, runs: Sequence[Foreseen]) -> dict[str, str]:
    took = [run.end - run.start for run in runs if run.start and run.end]
    states = Counter(run.state.value for run in runs)
    return {
        "dag_id": dag_id,
        "runs": ", ".join(f"{count} {state}" for state, count in states.items()),
        "first": _at(min(run.due for run in runs)),
        "last": _at(max(run.due for run in runs)),
        "longest": _long(max(took)) if took else "-",
    }


def _collision_row(one: Collision, end: datetime) -> dict[str, str]:
    wait = one.longest
    who = f"{wait.dag_id}.{wait.task}" if wait.task else wait.dag_id
    return {
        "limit": one.limit,
        "from": _at(one.begin),
        "to": "still at the end" if one.is_open else _at(one.end),
        "waits": str(one.waits),
        "longest": _long((wait.until or end) - wait.since),
        "who": f"{who} of {wait.run_id}",
    }


def _load_line(played: Simulation, name: str, step: timedelta) -> str:
    steps = played.load.steps(name, played.begin, played.end, step)
    slots, peak = played.load.slots(name), max(one.peak for one in steps)
    bars = "".join(_bar(one, slots if slots > 0 else peak) for one in steps)
    label = name if name == EXECUTOR else f"pool {name}"
    of = "without limit" if slots < 0 else f"of {slots}"
    return f"{label:24} |{bars}| at most {peak} {of}"


def _bar(step: Step, slots: int) -> str:
    if not step.peak:
        return " "
    bars = BARS if output.is_utf8() else DIGITS
    return bars[min(len(bars), -(-step.peak * len(bars) // max(slots, 1))) - 1]


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _long(span: timedelta) -> str:
    return str(span - timedelta(microseconds=span.microseconds))
