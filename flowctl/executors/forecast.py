"""The coming days of the DAGs in the metastore, played: what `core.simulate` needs, read once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from flowctl.config import Config
from flowctl.core.simulate import Guess, Simulation
from flowctl.core.world import Rules, World
from flowctl.executors import outlook
from flowctl.store import rules, snapshot
from flowctl.store.queries import durations
from flowctl.store.versions import Versions

STEPS = [timedelta(minutes=n) for n in (1, 5, 15, 60, 180, 360, 1440, 10080)]
STEPS_MAX = 72  # of a line of load


@dataclass(frozen=True)
class Stretch:
    """What is to be played: of which DAGs (None: all that are not paused), and when."""

    dag_ids: Collection[str] | None
    begin: datetime
    end: datetime
    default_duration: timedelta
    is_paused_left_out: bool = False  # else a DAG that is named takes part although it is paused


def play(
    conn: Connection, conf: Config, wanted: Stretch, moves_max: int | None = None
) -> Simulation:
    """Return the stretch, played.

    Raises:
        TooLong: it takes more moves of task instances than `moves_max`.
    """
    world = World(
        parallelism=outlook.parallelism(conf),
        rules=Rules(runs_ahead_of_time=rules.read(conf).runs_ahead_of_time),
    )
    world.pools = snapshot.read_pools(conn)
    known = snapshot.dag_revisions(conn) if wanted.dag_ids is None else wanted.dag_ids
    for dag in snapshot.read_dags(conn, Versions(), known):
        is_named = wanted.dag_ids is not None and not wanted.is_paused_left_out
        dag.is_paused = dag.is_paused and not is_named
        if not dag.is_paused:
            world.put_dag(dag)
    guess = Guess(
        wanted.default_duration,
        durations.typical(conn, world.dags),
        durations.lengths(conn, world.dags),
    )
    played = Simulation(world, guess, wanted.begin, wanted.end)
    played.play(moves_max)
    return played


def step_of(played: Simulation) -> timedelta:
    """Return the shortest usual step of which not too many make up the whole."""
    whole = played.end - played.begin
    return next((step for step in STEPS if whole <= step * STEPS_MAX), whole / STEPS_MAX)
