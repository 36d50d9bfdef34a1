"""Is everything alive? The answer of `/health`, in Airflow's shape, and the disks."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl.store import disks
from flowctl.store.engine import reading
from flowctl.store.queries import processes
from flowctl.web.reading import When, shown
from flowctl.web.site import Site

HEALTHY, UNHEALTHY = "healthy", "unhealthy"


class Metadatabase(msgspec.Struct):
    status: str | None


class Scheduler(msgspec.Struct):
    status: str | None
    latest_scheduler_heartbeat: When | None = None


class Triggerer(msgspec.Struct):
    status: str | None = None
    latest_triggerer_heartbeat: When | None = None


class DagProcessor(msgspec.Struct):
    status: str | None = None
    latest_dag_processor_heartbeat: When | None = None


class Disks(msgspec.Struct):
    status: str | None = None
    nearly_full: list[str] = []  # home, logs, metastore
    full: list[str] = []  # of these; nothing new starts


class Health(msgspec.Struct):
    """The health of each part; one that is not run at all has None as its status."""

    metadatabase: Metadatabase
    scheduler: Scheduler
    triggerer: Triggerer
    dag_processor: DagProcessor
    disks: Disks = msgspec.field(default_factory=Disks)


def of(site: Site, now: datetime) -> Health:
    """Return the health of a site, by its own idea of how old a sign of life may be."""
    seconds = site.conf.number("scheduler", "scheduler_health_check_threshold")
    found = report(site.engine, now, timedelta(seconds=seconds))
    places = disks.folders(site.conf, site.engine)
    short = disks.nearly_full(places)
    found.disks = Disks(UNHEALTHY if short else HEALTHY, short, disks.full(places))
    return found


def report(engine: Engine, now: datetime, threshold: timedelta) -> Health:
    """Return the health of each part.

    Args:
        threshold: how old the last sign of life of a process may be.
    """
    try:
        with reading(engine) as conn:
            schedulers = processes.listed(conn, "scheduler", limit=1)
            triggerers = processes.listed(conn, "triggerer", limit=1)
    except SQLAlchemyError:
        away = Metadatabase(UNHEALTHY)
        return Health(away, Scheduler(UNHEALTHY), Triggerer(), DagProcessor())
    tick_at = schedulers[0].tick_at if schedulers else None
    seen_at = triggerers[0].seen_at if triggerers else None
    return Health(
        Metadatabase(HEALTHY),
        Scheduler(_status(tick_at, now, threshold), shown(tick_at)),
        Triggerer(_status(seen_at, now, threshold) if seen_at else None, shown(seen_at)),
        DagProcessor(),
    )


def _status(at: datetime | None, now: datetime, threshold: timedelta) -> str:
    return HEALTHY if at is not None and now - at < threshold else UNHEALTHY
