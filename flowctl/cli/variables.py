"""`flowctl variables`."""

import json
import os
from pathlib import Path
from typing import Any

import click

from flowctl.cli import output as outputs
from flowctl.cli.files import read_object, write_object
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import changing, changing_all, reading, writing
from flowctl.cli.settings import settings
from flowctl.store import trail
from flowctl.store import variables as store
from flowctl.store.metastore import cipher
from flowctl.store.variables import Variable

PREFIXES = ("AIRFLOW_VAR_", "FLOWCTL_VAR_")
EXISTING = ("overwrite", "fail", "skip")


@click.group(context_settings=SETTINGS)
def variables() -> None:
    """Variables hold values that tasks read; they are stored encrypted."""


@variables.command("list")
@outputs.option
def list_(output: str) -> None:
    """List the keys of the stored variables."""
    with reading() as conn:
        outputs.show([{"key": key} for key in store.keys(conn)], output)


@variables.command
@click.argument("key")
@click.option("-d", "--default", help="What to print when there is none.")
@click.option("-j", "--json", "is_json", is_flag=True, help="Check that the value is JSON.")
def get(key: str, default: str | None, is_json: bool) -> None:
    """Print one variable: from AIRFLOW_VAR_<KEY>, else from the metastore."""
    value = _value(key)
    if value is None and default is None:
        raise Failure(f"there is no variable {key!r}")
    if value is not None and is_json:
        _require_json(key, value)
    click.echo(default if value is None else value)


def _value(key: str) -> str | None:
    for prefix in PREFIXES:
        if (value := os.environ.get(prefix + key.upper())) is not None:
            return value
    with reading() as conn:
        found = store.get(conn, cipher(settings()), key)
    return None if found is None else found.value


def _require_json(key: str, value: str) -> None:
    try:
        json.loads(value)
    except ValueError as error:
        raise Failure(f"variable {key!r} is not JSON: {error}") from error


@variables.command("set")
@click.argument("key")
@click.argument("value")
@click.option("--description", help="What it is for.")
@click.option("-j", "--json", "is_json", is_flag=True, help="Check that the value is JSON.")
def set_(key: str, value: str, description: str | None, is_json: bool) -> None:
    """Store a variable, replacing an older value."""
    if is_json:
        _require_json(key, value)
    with writing() as conn, changing(conn, "variable.set", trail.VARIABLE, key):
        store.put(conn, cipher(settings()), Variable(key, value, description))
    click.echo(f"Variable {key} is stored.")


@variables.command
@click.argument("key")
def delete(key: str) -> None:
    """Delete a variable."""
    with writing() as conn, changing(conn, "variable.delete", trail.VARIABLE, key):
        if not store.remove(conn, key):
            raise Failure(f"there is no variable {key!r}")
    click.echo(f"Variable {key} is deleted.")


@variables.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def export(file: Path) -> None:
    """Write all variables, in clear, to a JSON file (`-`: to the terminal)."""
    with reading() as conn:
        found = store.export(conn, cipher(settings()))
    content: dict[str, Any] = {
        one.key: {"value": one.value, "description": one.description}
        if one.description
        else one.value
        for one in found
    }
    write_object(file, json.dumps(content, indent=4, sort_keys=True), is_secret=True)
    click.echo(f"Exported {len(found)} variables to {file}.", err=True)


@variables.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--action-on-existing-key",
    "existing",
    type=click.Choice(EXISTING),
    default="overwrite",
    show_default=True,
    help="What to do with keys that are stored already; `fail` stores nothing.",
)
def import_(file: Path, existing: store.Existing) -> None:
    """Store the variables that a JSON file names."""
    wanted = [_variable(key, value) for key, value in read_object(file).items()]
    with writing() as conn:
        keys = [one.key for one in wanted]
        with changing_all(conn, "variable.import", trail.VARIABLE, keys):
            left = store.load(conn, cipher(settings()), wanted, existing)
    click.echo(f"Imported {len(set(keys) - set(left))} of {len(wanted)} variables.")


def _variable(key: str, value: Any) -> Variable:
    """Return the variable of an entry: a text, any JSON, or both value and description."""
    description = None
    if isinstance(value, dict) and value.keys() == {"value", "description"}:
        value, description = value["value"], value["description"]
    return Variable(key, value if isinstance(value, str) else json.dumps(value), description)
