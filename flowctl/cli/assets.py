"""`flowctl assets list|details|materialize|event`, and `flowctl datasets list`."""

import json
from typing import Any

import click
from sqlalchemy import Connection, Row

from flowctl import clock
from flowctl.authoring.ports import AssetQuery
from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import actor, reading, writing
from flowctl.cli.settings import settings
from flowctl.core.assets import ASSET, NAME, Key
from flowctl.executors import outlook
from flowctl.store import assets as store
from flowctl.store import triggers
from flowctl.store.queries import assets as queries
from flowctl.store.queries import watchers

COLUMNS = ("name", "uri", "group", "extra")
EVENTS_SHOWN = 10
NAME_OPTION = click.option("--name", help="Its name.")
URI_OPTION = click.option("--uri", help="Its URI.")


@click.group(context_settings=SETTINGS)
def assets() -> None:
    """See the assets of the DAGs, make them, and say that they were updated."""


@assets.command("list")
@click.option("--alias", is_flag=True, help="The aliases, with what was updated through them.")
@click.option(
    "--columns", default=",".join(COLUMNS), show_default=True, help="Which, with commas between."
)
@outputs.option
def list_(alias: bool, columns: str, output: str) -> None:
    """List the assets that the DAG files name now."""
    with reading() as conn:
        if alias:
            found = queries.aliases(conn)
            outputs.show([{"name": name, "assets": uris} for name, uris in found.items()], output)
            return
        rows = queries.listed(conn)
    wanted = [name for name in columns.split(",") if name]
    known = (*COLUMNS, "created_at", "updated_at", "last_event_at")
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise click.UsageError(f"there is no column {unknown[0]!r}; {', '.join(known)}")
    outputs.show([{name: _shown(getattr(row, name)) for name in wanted} for row in rows], output)


def _shown(value: Any) -> Any:
    return finding.iso(value) if hasattr(value, "isoformat") else value


@assets.command
@NAME_OPTION
@URI_OPTION
@click.option("--alias", is_flag=True, help="The name is that of an alias.")
@outputs.option
def details(name: str | None, uri: str | None, alias: bool, output: str) -> None:
    """Show an asset: who makes it, who waits for it, and its latest events."""
    with reading() as conn:
        found = _alias(conn, name) if alias else _details(conn, _one(conn, name, uri))
    if output in ("table", "plain"):
        rows = [{"property_name": key, "property_value": value} for key, value in found.items()]
        outputs.show(rows, output)
    else:
        outputs.show([found], output)


def _alias(conn: Connection, name: str | None) -> dict[str, Any]:
    known = queries.aliases(conn)
    if name not in known:
        raise Failure(f"there is no alias {name!r}{finding.nearest(str(name), known)}")
    return {"name": name, "assets": known[name]}


def _details(conn: Connection, row: Row[Any]) -> dict[str, Any]:
    roles: dict[str, list[str]] = {"schedule": [], "inlet": [], "outlet": []}
    for one in queries.references(conn, row.id):
        roles[one.role].append(f"{one.dag_id}.{one.task_id}" if one.task_id else one.dag_id)
    query = AssetQuery(uri=row.uri, newest_first=True, limit=EVENTS_SHOWN)
    return {
        "name": row.name,
        "uri": row.uri,
        "group": row.group,
        "extra": row.extra,
        "created_at": finding.iso(row.created_at),
        "updated_at": finding.iso(row.updated_at),
        "made_by": roles["outlet"],
        "read_by": roles["inlet"],
        "makes_due": roles["schedule"],
        "watchers": outlook.watchers(
            conn, settings(), watchers.of_asset(conn, row.id), clock.utcnow()
        ),
        "latest_events": [
            {
                "at": finding.iso(event.at),
                "extra": event.extra,
                "run": f"{event.source_dag_id}.{event.source_task_id} {event.source_run_id}"
                if event.source_dag_id
                else "from outside",
            }
            for event in queries.events(conn, query)
        ],
    }


@assets.command
@NAME_OPTION
@URI_OPTION
@outputs.option
def materialize(name: str | None, uri: str | None, output: str) -> None:
    """Start a run of the DAG that makes an asset."""
    with writing() as conn:
        row = _one(conn, name, uri)
        makers = {one.dag_id for one in queries.references(conn, row.id) if one.role == "outlet"}
        if len(makers) != 1:
            told = f"{', '.join(sorted(makers))} make it" if makers else "no DAG makes it"
            raise Failure(f"asset {row.name!r} cannot be made by one DAG: {told}")
        wanted = triggers.Trigger(makers.pop())
        pk = triggers.trigger(conn, wanted, actor(), clock.utcnow())
        run = queries.run(conn, pk)
    outputs.show([{"dag_id": run.dag_id, "run_id": run.run_id, "state": run.state}], output)


@assets.command
@NAME_OPTION
@URI_OPTION
@click.option("--extra", help="What the event says, as a JSON object.")
def event(name: str | None, uri: str | None, extra: str | None) -> None:
    """Say that an asset was updated from outside; DAGs that wait for it become due."""
    said = triggers.parse_conf(extra)
    with writing() as conn:
        row = store.post(conn, _key(name, uri), said, actor(), clock.utcnow())
    click.echo(f"asset {row.name} is updated{f': {json.dumps(said)}' if said else ''}")


def _key(name: str | None, uri: str | None) -> Key:
    if (name is None) == (uri is None):
        raise click.UsageError("give --name or --uri")
    return (NAME, name) if name is not None else (ASSET, str(uri))


def _one(conn: Connection, name: str | None, uri: str | None) -> Row[Any]:
    kind, key = _key(name, uri)
    row = queries.one(conn, kind, key)
    if row is None:
        known = [getattr(one, "name" if kind == NAME else "uri") for one in queries.listed(conn)]
        raise Failure(f"there is no asset {key!r}{finding.nearest(key, known)}")
    return row


@click.group(context_settings=SETTINGS)
def datasets() -> None:
    """See the datasets of the DAGs; `flowctl assets` does more."""


@datasets.command("list")
@outputs.option
def list_datasets(output: str) -> None:
    """List the datasets that the DAG files name now."""
    with reading() as conn:
        rows = queries.listed(conn)
    outputs.show([{"uri": row.uri, "extra": row.extra} for row in rows], output)
