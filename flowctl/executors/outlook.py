"""The scheduler's world as another process sees it: read anew, for one question."""

import os
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from flowctl.config import Config
from flowctl.core.world import World
from flowctl.executors import choice
from flowctl.runner import pidfiles
from flowctl.store import lease, rules, snapshot


def world(conn: Connection, conf: Config, also: Iterable[int]) -> World:
    """Return what the scheduler knows now, and the runs `also`, which may have ended."""
    found = World(parallelism=parallelism(conf), rules=rules.read(conf))
    snapshot.fill(found, conn, also)
    return found


def parallelism(conf: Config) -> int:
    """Return how many tasks the executor takes, `standalone`'s own choice included."""
    is_chosen_by_standalone = not conf.is_set("core", "executor") and _is_standalone(conf)
    return choice.executor(conf, "LocalExecutor" if is_chosen_by_standalone else None).parallelism


def _is_standalone(conf: Config) -> bool:
    found = pidfiles.daemons(conf.home)
    for daemon in found:
        os.close(daemon.pidfd)
    return any(daemon.kind == "standalone" for daemon in found)


def alarm(conn: Connection, now: datetime) -> str | None:
    """Say that no scheduler runs, or None."""
    last = lease.holder(conn)
    if last is None:
        return "No scheduler has run yet; start one with: flowctl standalone"
    if last[2] < lease.moment(conn, now):
        return f"No scheduler runs since {last[2]:%Y-%m-%d %H:%M:%S %Z}: flowctl scheduler"
    return None
