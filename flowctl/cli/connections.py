"""`flowctl connections`."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import yaml

from flowctl.authoring.connection import Connection
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.ports import ConnectionRecord
from flowctl.authoring.secrets_files import connections_in
from flowctl.cli import connection_records, connection_test
from flowctl.cli import output as outputs
from flowctl.cli.files import write_object
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import changing, changing_all, reading, writing
from flowctl.cli.settings import settings
from flowctl.store import connections as store
from flowctl.store import trail
from flowctl.store.metastore import cipher

MASK = "***"


@click.group(context_settings=SETTINGS)
def connections() -> None:
    """Connections say how systems are reached; secrets are stored encrypted."""


def _row(record: ConnectionRecord, *, in_clear: bool) -> dict[str, Any]:
    """Return the columns of Airflow; `list` masks what `get` shows."""
    conn = Connection.from_record(record)
    secret: Callable[[Any], Any] = (lambda value: value) if in_clear else _masked
    return {
        "conn_id": record.conn_id,
        "conn_type": record.conn_type,
        "description": record.description,
        "host": record.host,
        "schema": record.schema,
        "login": record.login,
        "password": secret(record.password),
        "port": record.port,
        "is_encrypted": record.password is not None,
        "is_extra_encrypted": bool(record.extra),
        "extra_dejson": conn.extra_dejson if in_clear else secret(record.extra) or {},
        "get_uri": secret(conn.get_uri()),
    }


def _masked(value: Any) -> str | None:
    return MASK if value else None


@connections.command("list")
@click.option("--conn-id", help="Only this one.")
@outputs.option
def list_(conn_id: str | None, output: str) -> None:
    """List the stored connections, without their secrets."""
    with reading() as conn:
        found = store.export(conn, cipher(settings()), conn_id)
    outputs.show([_row(record, in_clear=False) for record in found], output)


@connections.command
@click.argument("conn_id")
@outputs.option
def get(conn_id: str, output: str) -> None:
    """Show one connection in clear: from AIRFLOW_CONN_<ID>, else from the metastore."""
    outputs.show([_row(connection_records.found(conn_id), in_clear=True)], output)


@connections.command
@click.argument("conn_id")
@click.option("--conn-uri", help="All of it as a URI.")
@click.option("--conn-json", help="All of it as a JSON object.")
@click.option("--conn-type", help="What kind of system it is.")
@click.option("--conn-description")
@click.option("--conn-host")
@click.option("--conn-login")
@click.option("--conn-password")
@click.option("--conn-schema")
@click.option("--conn-port", type=int)
@click.option("--conn-extra", help="More about it, as a JSON object.")
def add(
    conn_id: str, conn_uri: str | None, conn_json: str | None, **fields: str | int | None
) -> None:
    """Store a new connection, given as a URI, as JSON, or field by field."""
    given = {
        name.removeprefix("conn_"): value for name, value in fields.items() if value is not None
    }
    if conn_uri and conn_json:
        raise click.UsageError("give either --conn-uri or --conn-json")
    whole = _whole(conn_id, conn_uri, conn_json)
    if whole and given.keys() - {"description"}:
        raise click.UsageError("--conn-uri and --conn-json hold all fields; give no others")
    if not whole and "type" not in given:
        raise click.UsageError("give --conn-uri, --conn-json, or --conn-type with what it needs")
    record = _new(conn_id, whole, given)
    with writing() as conn:
        if conn_id in store.ids(conn):
            raise Failure(f"there is a connection {conn_id!r} already; delete it first")
        with changing(conn, "connection.create", trail.CONNECTION, conn_id):
            store.put(conn, cipher(settings()), record)
    click.echo(f"Connection {conn_id} of type {record.conn_type} is stored.")


def _whole(conn_id: str, uri: str | None, text: str | None) -> Connection | None:
    """Return the connection that --conn-uri or --conn-json holds; None without either.

    Raises:
        UsageError: it holds none. The sentence names the option, and shows no secret.
    """
    try:
        if uri:
            return _of_uri(uri, conn_id)
        return _of_json(text, conn_id) if text else None
    except (ValueError, AirflowException) as error:
        raise click.UsageError(f"{'--conn-uri' if uri else '--conn-json'}: {error}") from error


def _of_uri(uri: str, conn_id: str) -> Connection:
    if not urlsplit(uri).scheme:
        raise ValueError("a URI begins with a scheme, the type of the connection: postgres://host")
    return Connection(conn_id=conn_id, uri=uri)


def _of_json(text: str, conn_id: str) -> Connection:
    try:
        is_object = isinstance(json.loads(text), dict)
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}") from error
    if not is_object:
        raise ValueError("this is JSON, but no JSON object")
    found = Connection.from_json(text, conn_id)
    if not found.conn_type:
        raise ValueError("the JSON object needs conn_type")
    return found


def _new(conn_id: str, whole: Connection | None, given: dict[str, Any]) -> ConnectionRecord:
    if whole is None:
        kind = given.pop("type")
        return ConnectionRecord(conn_id=conn_id, conn_type=kind, **given)
    record = connection_records.of_connection(whole, conn_id)
    if "description" in given:
        record.description = given["description"]
    return record


@connections.command
@click.argument("conn_id")
def delete(conn_id: str) -> None:
    """Delete a connection."""
    with writing() as conn, changing(conn, "connection.delete", trail.CONNECTION, conn_id):
        if not store.remove(conn, conn_id):
            raise Failure(f"there is no connection {conn_id!r}")
    click.echo(f"Connection {conn_id} is deleted.")


def _as_objects(records: Sequence[ConnectionRecord]) -> dict[str, dict[str, Any]]:
    return {
        record.conn_id: {name: getattr(record, name) for name in connection_records.FIELDS}
        for record in records
    }


def _as_json(records: Sequence[ConnectionRecord], by_uri: bool) -> str:
    return json.dumps(_uris(records) if by_uri else _as_objects(records), indent=2)


def _as_yaml(records: Sequence[ConnectionRecord], by_uri: bool) -> str:
    return str(yaml.safe_dump(_uris(records) if by_uri else _as_objects(records)))


def _as_env(records: Sequence[ConnectionRecord], by_uri: bool) -> str:
    texts = (
        _uris(records)
        if by_uri
        else {record.conn_id: Connection.from_record(record).as_json() for record in records}
    )
    return "".join(f"{conn_id}={text}\n" for conn_id, text in texts.items())


def _uris(records: Sequence[ConnectionRecord]) -> dict[str, str]:
    return {record.conn_id: Connection.from_record(record).get_uri() for record in records}


FORMATS: dict[str, Callable[[Sequence[ConnectionRecord], bool], str]] = {
    "json": _as_json,
    "yaml": _as_yaml,
    "env": _as_env,
}


@connections.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--file-format", "--format", type=click.Choice(tuple(FORMATS)), help="Else by the file's name."
)
@click.option(
    "--serialization-format",
    type=click.Choice(("uri", "json")),
    help="How each connection is written; `uri` is the default of .env files.",
)
def export(file: Path, file_format: str | None, serialization_format: str | None) -> None:
    """Write all connections, in clear, to a file (`-`: to the terminal)."""
    kind = file_format or file.suffix.removeprefix(".").replace("yml", "yaml")
    if kind not in FORMATS:
        raise click.UsageError(f"{file} names no format; give --file-format json, yaml or env")
    by_uri = (serialization_format or ("uri" if kind == "env" else "json")) == "uri"
    with reading() as conn:
        found = store.export(conn, cipher(settings()))
    write_object(file, FORMATS[kind](found, by_uri), is_secret=True)
    click.echo(f"Exported {len(found)} connections to {file}.", err=True)


@connections.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace those that are stored already.")
def import_(file: Path, overwrite: bool) -> None:
    """Store the connections of a file: .json, .yaml or .env."""
    wanted = connections_in(file)
    with writing() as conn:
        with changing_all(conn, "connection.import", trail.CONNECTION, wanted):
            left = store.load(conn, cipher(settings()), list(wanted.values()), overwrite=overwrite)
        stored = sorted(wanted.keys() - set(left))
    for conn_id in stored:
        click.echo(f"Connection {conn_id} is stored.")
    for conn_id in left:
        click.echo(f"Connection {conn_id} is there already and was left as it is.", err=True)


connections.add_command(connection_test.test)
