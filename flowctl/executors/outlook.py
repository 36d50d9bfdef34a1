"""The scheduler's world as another process sees it: read anew, for one question."""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from flowctl.authoring.triggers import short_name
from flowctl.config import Config
from flowctl.core import prospect
from flowctl.core.prospect import Expected, History
from flowctl.core.run import Task
from flowctl.core.world import World
from flowctl.executors import choice
from flowctl.runner import pidfiles
from flowctl.store import disks, lease, rules, snapshot
from flowctl.store.queries import deferrals, durations, processes


def world(conn: Connection, conf: Config, also: Sequence[int]) -> World:
    """Return what the scheduler knows now, and the runs `also`, which may have ended.

    With such runs only the DAGs of runs are there: the question is about those.
    """
    found = World(parallelism=parallelism(conf), rules=rules.read(conf))
    snapshot.fill(found, conn, also, are_runs_asked=bool(also))
    found.full_disks = tuple(disks.full(disks.folders(conf, conn.engine)))
    return found


def expected(conn: Connection, world: World, task: Task, now: datetime) -> Expected | None:
    """Return when a task that waits is expected to start; None: nobody can tell, or it does not."""
    others = prospect.awaited(world, task)
    if not others:
        return None
    names = {(other.run.dag_id, other.spec.task_id) for other in others}
    history = History(
        durations.of_tasks(conn, names), durations.began(conn, [other.id for other in others])
    )
    start = prospect.start(world, task, history, now)
    runs = min((durations.runs_known(conn, dag_id) for dag_id, _ in names), default=0)
    return Expected(start, runs) if start is not None and runs else None


def parallelism(conf: Config) -> int:
    """Return how many tasks the executor takes, `standalone`'s own choice included."""
    is_chosen_by_standalone = not conf.is_set("core", "executor") and _is_standalone(conf)
    return choice.executor(conf, "LocalExecutor" if is_chosen_by_standalone else None).parallelism


def _is_standalone(conf: Config) -> bool:
    found = pidfiles.daemons(conf.home)
    for daemon in found:
        os.close(daemon.pidfd)
    return any(daemon.kind == "standalone" for daemon in found)


def trigger(conn: Connection, conf: Config, ti_id: int, now: datetime) -> str:
    """Say what a deferred task waits for, since when, and who runs that; empty: it is not known."""
    row = deferrals.of_task(conn, ti_id)
    if row is None:
        return ""
    name, since = short_name(row.classpath), f"{row.created_at:%Y-%m-%d %H:%M:%S %Z}"
    said = [f"{name}, since {since}", _triggerer(conn, conf, row, now)]
    if row.trouble:
        said.append(row.trouble)
    return "; ".join(said)


def _triggerer(conn: Connection, conf: Config, row: Any, now: datetime) -> str:
    dead_after = timedelta(seconds=conf.number("triggerer", "triggerer_health_check_threshold"))
    moment = lease.moment(conn, now)
    if row.pid is not None and row.ended_at is None and moment - row.seen_at < dead_after:
        return f"it runs in the triggerer, process {row.pid} on {row.host}"
    living = processes.listed(conn, "triggerer")
    if any(moment - one.seen_at < dead_after for one in living):
        return "no triggerer has room for it yet ([triggerer] default_capacity)"
    return "no triggerer runs; start one with: flowctl triggerer"


def watchers(conn: Connection, conf: Config, rows: Iterable[Any], now: datetime) -> list[str]:
    """Say of each of these watchers what it waits for, who runs that, and what is wrong."""
    return [_watcher(conn, conf, row, now) for row in rows]


def _watcher(conn: Connection, conf: Config, row: Any, now: datetime) -> str:
    said = [
        f"watcher {row.name!r} of asset {row.asset_name!r} waits for {short_name(row.classpath)}",
        _triggerer(conn, conf, row, now),
    ]
    if row.fired_at is not None:
        said.append(f"it last brought an event at {row.fired_at:%Y-%m-%d %H:%M:%S %Z}")
    if row.trouble:
        said.append(row.trouble)
    return "; ".join(said)


def alarm(conn: Connection, now: datetime) -> str | None:
    """Say that no scheduler runs, or None."""
    last = lease.holder(conn)
    if last is None:
        return "No scheduler has run yet; start one with: flowctl standalone"
    if last[2] < lease.moment(conn, now):
        return f"No scheduler runs since {last[2]:%Y-%m-%d %H:%M:%S %Z}: flowctl scheduler"
    return None
