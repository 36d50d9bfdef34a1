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


@dataclass(frozen=True)
class Stretch:
    """What is to be played: of which DAGs (none named: all that are not paused), and when."""

    dag_ids: Collection[str]
    begin: datetime
    end: datetime
    default_duration: timedelta


def play(conn: Connection, conf: Config, wanted: Stretch) -> Simulation:
    """Return the stretch, played. A DAG that is named takes part although it is paused."""
    world = World(
        parallelism=outlook.parallelism(conf),
        rules=Rules(runs_ahead_of_time=rules.read(conf).runs_ahead_of_time),
    )
    world.pools = snapshot.read_pools(conn)
    known = wanted.dag_ids or snapshot.dag_revisions(conn)
    for dag in snapshot.read_dags(conn, Versions(), known):
        dag.is_paused = dag.is_paused and not wanted.dag_ids
        if not dag.is_paused:
            world.put_dag(dag)
    guess = Guess(
        wanted.default_duration,
        durations.typical(conn, world.dags),
        durations.lengths(conn, world.dags),
    )
    played = Simulation(world, guess, wanted.begin, wanted.end)
    played.play()
    return played
