"""`flowctl pools`."""

import json
import re
from pathlib import Path
from typing import Any

import click

from flowctl.cli import output as outputs
from flowctl.cli.files import read_object, write_object
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import changing, reading, writing
from flowctl.store import pools as store
from flowctl.store import trail
from flowctl.store.pools import Pool


@click.group(context_settings=SETTINGS)
def pools() -> None:
    """Pools limit how many tasks run at once, whatever DAG they belong to."""


def _row(pool: Pool) -> dict[str, Any]:
    return {
        "pool": pool.name,
        "slots": pool.slots,
        "description": pool.description,
        "include_deferred": pool.include_deferred,
    }


@pools.command("list")
@outputs.option
def list_(output: str) -> None:
    """List the pools."""
    with reading() as conn:
        outputs.show([_row(pool) for pool in store.listed(conn)], output)


@pools.command
@click.argument("pool")
@outputs.option
def get(pool: str, output: str) -> None:
    """Show one pool."""
    with reading() as conn:
        found = store.get(conn, pool)
    if found is None:
        raise Failure(f"there is no pool {pool!r}")
    outputs.show([_row(found)], output)


class _TakesNegative(click.Command):
    """A command that takes -1 for an argument, and still refuses an option it does not know."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let words that look like options be arguments if one of them is a negative number."""
        ctx.ignore_unknown_options = any(re.fullmatch(r"-\d+", word) for word in args)
        return super().parse_args(ctx, args)


@pools.command("set", cls=_TakesNegative)
@click.argument("pool")
@click.argument("slots", type=int)
@click.argument("description")
@click.option("--include-deferred", is_flag=True, help="Tasks that are deferred keep their slots.")
@outputs.option
def set_(pool: str, slots: int, description: str, include_deferred: bool, output: str) -> None:
    """Make a pool, or change it. SLOTS is how many tasks it lets run; -1 is no limit."""
    made = Pool(pool, slots, description, include_deferred)
    _put("pool.set", made)
    if output == "table":
        click.echo(f"Pool {pool} has {slots} slots.")
    else:
        outputs.show([_row(made)], output)


def _put(event: str, *wanted: Pool) -> None:
    with writing() as conn:
        for pool in wanted:
            with changing(conn, event, trail.POOL, pool.name):
                store.put(conn, pool)


@pools.command
@click.argument("pool")
@outputs.option
def delete(pool: str, output: str) -> None:
    """Delete a pool. Tasks that name it wait until there is one of that name again."""
    with writing() as conn:
        found = store.get(conn, pool)
        with changing(conn, "pool.delete", trail.POOL, pool):
            if found is None or not store.remove(conn, pool):
                raise Failure(f"there is no pool {pool!r}")
    if output == "table":
        click.echo(f"Pool {pool} is deleted.")
    else:
        outputs.show([_row(found)], output)


@pools.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def export(file: Path) -> None:
    """Write all pools to a JSON file, or to the terminal when FILE is `-`."""
    with reading() as conn:
        found = {pool.name: _row(pool) for pool in store.listed(conn)}
    content = {
        name: {key: value for key, value in row.items() if key != "pool"}
        for name, row in found.items()
    }
    write_object(file, json.dumps(content, indent=4, sort_keys=True))
    click.echo(f"Exported {len(found)} pools to {file}.", err=True)


@pools.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Make or change the pools that a JSON file names."""
    wanted = [_pool(file, name, fields) for name, fields in read_object(file).items()]
    _put("pool.import", *wanted)
    click.echo(f"Imported {len(wanted)} pools.")


def _pool(file: Path, name: str, fields: Any) -> Pool:
    try:
        return Pool(
            name,
            int(fields["slots"]),
            fields.get("description"),
            bool(fields.get("include_deferred", False)),
        )
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise Failure(f"{file}: pool {name!r} needs `slots`, a whole number") from error
