"""`python -m tests.fuzz`: tens of thousands of requests, made of the OpenAPI document."""

import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tests.fuzz import engine
from tests.support.postgres import running_server

PHASES = "examples,coverage,fuzzing,stateful"


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    with running_server() as server, server.database() as url:
        yield url


@click.command
@click.option("--db", type=click.Choice(["sqlite", "postgres"]), default="sqlite")
@click.option("--examples", default=100, show_default=True, help="For each operation and phase.")
@click.option("--seed", default=1, show_default=True)
@click.option("--anonymous", is_flag=True, help="Without logging in.")
@click.option("--phases", default=PHASES, show_default=True)
def main(db: str, examples: int, seed: int, anonymous: bool, phases: str) -> None:
    """Send requests made of the OpenAPI document; exit 1 where an answer is not as it says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        tempfile.TemporaryDirectory(prefix="flowctl-fuzz-") as folder,
        _database(db) as url,
        engine.served(Path(folder), port, url),
    ):
        ended = engine.run(Path(folder), port, examples, phases, seed=seed, logged_in=not anonymous)
        click.echo(ended.text)
        sys.exit(0 if ended.is_fine else 1)


if __name__ == "__main__":
    main()
