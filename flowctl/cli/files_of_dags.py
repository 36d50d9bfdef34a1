"""DAGs as their files make them, in this process; for commands that test and render."""

from pathlib import Path
from typing import Any

import click

from flowctl.authoring.ports import Ports
from flowctl.cli.metastore import engine
from flowctl.cli.settings import settings
from flowctl.parsing.options import Options
from flowctl.parsing.search import find_dag
from flowctl.runner.data import Desk
from flowctl.runner.direct_ports import DirectPorts
from flowctl.store import database
from flowctl.store.engine import MetastoreError, reading
from flowctl.store.metastore import cipher
from flowctl.store.queries import dags

subdir = click.option(
    "-S",
    "--subdir",
    type=click.Path(exists=True, path_type=Path),
    help="The file, or a folder to search instead of [core] dags_folder.",
)


def load(dag_id: str, place: Path | None) -> Any:
    """Return a DAG. Raises DagNotFound when no file defines it."""
    likely = None
    if place is None and has_metastore():
        with reading(engine()) as conn:
            row = dags.one(conn, dag_id)
        likely = row.file if row is not None else None
    return find_dag(Options.from_config(settings()), dag_id, place=place, likely=likely)


def has_metastore() -> bool:
    """Say whether there is a metastore to ask; testing a DAG needs none."""
    try:
        database.require_current(engine())
    except MetastoreError:
        return False
    return True


def answers() -> Ports | None:
    """Return who knows variables and connections; None without a metastore."""
    return DirectPorts(Desk(engine(), cipher(settings()))) if has_metastore() else None
