"""`flowctl simulate`, in words (`foretold`) or as JSON: one object. Moments are ISO 8601 in UTC.

- `from`, `to`, `default_duration_s`: what was asked for.
- `runs`: each with `dag_id`, `run_id`, `run_type`, `logical_date`; `due`, when its schedule wants
  it; `start_date`, `end_date` (null: not before `to`); `state` at `to`.
- `passed_over`: runs that are never made, from the logical date `first` to `last`, and `why`.
- `waits`: what was ready and had no room: `limit`, `dag_id`, `run_id`, `task` (null: the run as a
  whole), `since`, `until` (null: it still waits at `to`).
- `collisions`: stretches in which one limit kept somebody waiting: `limit`, `from`, `to`, `is_open`
  (beyond `to`), `waits` (how many), `waited_s` (by all together), `longest` (one of `waits`).
- `load`: of the executor and each pool, `name`, `is_pool`, `slots` (-1: no limit), and `steps` of
  `step_s` seconds: `from`, and the slots taken, their `mean` and `peak`.
- `tasks_without_history`, as "dag.task"; `left_out`: DAGs that are not foreseen, each with why.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import click

from flowctl import clock
from flowctl.cli import finding, foretold
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import reading
from flowctl.cli.options import MOMENT
from flowctl.cli.settings import settings
from flowctl.core.collisions import Collision, collisions
from flowctl.core.plan import PassedOver
from flowctl.core.simulate import Foreseen, Simulation, Wait
from flowctl.core.slots import EXECUTOR
from flowctl.executors import forecast


@click.command
@click.option("--from", "begin", type=MOMENT, help="The first moment.  [default: now]")
@click.option("--to", "end", type=MOMENT, help="The end.  [default: a day after the beginning]")
@click.option("--dag", "dag_ids", multiple=True, help="Only this DAG, even if paused; repeatable.")
@click.option(
    "--default-duration",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds that a task takes of which there is no history.",
)
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to show what was found.",
)
def simulate(
    begin: datetime | None,
    end: datetime | None,
    dag_ids: tuple[str, ...],
    default_duration: float,
    form: str,
) -> None:
    """Show the coming runs, how full pools will be, and who will have to wait.

    The scheduler's own decisions are played under a clock of their own. Each task takes as long as
    it usually did, and succeeds. Runs that exist already, and such as are still to be caught up,
    are left out. Nothing is run and nothing is written.
    """
    since = begin or clock.utcnow().replace(microsecond=0)
    until = _end(since, end)
    took = timedelta(seconds=default_duration)
    with reading() as conn:
        for dag_id in dag_ids:
            if not finding.dag(conn, dag_id).is_active:
                raise Failure(f"DAG {dag_id!r} is no longer defined by any file")
        played = forecast.play(
            conn, settings(), forecast.Stretch(dag_ids or None, since, until, took)
        )
    if not played.world.dags:
        raise Failure("no DAG is active; unpause one, or name a paused one with --dag ID")
    if form == "json":
        click.echo(json.dumps(_as_data(played)))
    else:
        foretold.show(played)


def _end(begin: datetime, end: datetime | None) -> datetime:
    if end is None:
        return begin + timedelta(days=1)
    if end <= begin:
        raise click.UsageError(
            f"--to, {end:%Y-%m-%d %H:%M:%S %Z}, is not after --from, {begin:%Y-%m-%d %H:%M:%S %Z}"
        )
    return end


def _as_data(played: Simulation) -> dict[str, Any]:
    step = forecast.step_of(played)
    return {
        "from": played.begin.isoformat(),
        "to": played.end.isoformat(),
        "default_duration_s": played.guess.default.total_seconds(),
        "tasks_without_history": [".".join(name) for name in sorted(played.unknown)],
        "left_out": played.left_out,
        "runs": [_run_data(run) for run in played.runs],
        "passed_over": [_passed_data(one) for one in played.passed],
        "waits": [_wait_data(wait) for wait in played.waits],
        "collisions": [_collision_data(one) for one in collisions(played.waits, played.end)],
        "step_s": step.total_seconds(),
        "load": [_load_data(played, name, step) for name in played.load.names],
    }


def _run_data(run: Foreseen) -> dict[str, Any]:
    return {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "run_type": run.run_type.value,
        "logical_date": run.logical_date.isoformat(),
        "due": run.due.isoformat(),
        "start_date": _iso(run.start),
        "end_date": _iso(run.end),
        "state": run.state.value,
    }


def _passed_data(one: PassedOver) -> dict[str, Any]:
    return {
        "dag_id": one.dag_id,
        "first": one.first.logical_date.isoformat(),
        "last": one.last.logical_date.isoformat(),
        "why": one.why,
    }


def _wait_data(wait: Wait) -> dict[str, Any]:
    return {
        "limit": wait.limit,
        "dag_id": wait.dag_id,
        "run_id": wait.run_id,
        "task": wait.task or None,
        "since": wait.since.isoformat(),
        "until": _iso(wait.until),
    }


def _collision_data(one: Collision) -> dict[str, Any]:
    return {
        "limit": one.limit,
        "from": one.begin.isoformat(),
        "to": one.end.isoformat(),
        "is_open": one.is_open,
        "waits": one.waits,
        "waited_s": one.waited.total_seconds(),
        "longest": _wait_data(one.longest),
    }


def _load_data(played: Simulation, name: str, step: timedelta) -> dict[str, Any]:
    steps = played.load.steps(name, played.begin, played.end, step)
    return {
        "name": name,
        "is_pool": name != EXECUTOR,
        "slots": played.load.slots(name),
        "steps": [
            {"from": one.begin.isoformat(), "mean": round(one.mean, 3), "peak": one.peak}
            for one in steps
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
