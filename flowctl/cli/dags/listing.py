"""`flowctl dags list|list-import-errors|report`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Row

from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.metastore import reading
from flowctl.cli.options import subdir_refused
from flowctl.cli.settings import settings
from flowctl.core.parsed import PLUGINS
from flowctl.store.queries import dags, files

COLUMNS = ("dag_id", "fileloc", "owners", "is_paused")
MORE_COLUMNS = (
    *COLUMNS,
    "is_active",
    "schedule_interval",
    "timetable_description",
    "description",
    "tags",
    "last_parsed_time",
    "next_dagrun",
    "next_dagrun_create_after",
    "version",
)


@click.command
@click.option(
    "--columns",
    default=",".join(COLUMNS),
    show_default=True,
    help=f"Which columns, with commas between: {', '.join(MORE_COLUMNS)}.",
)
@outputs.option
@subdir_refused
def list_(columns: str, output: str) -> None:
    """List the DAGs that the files define now."""
    wanted = ["owners" if name == "owner" else name for name in columns.split(",") if name]
    unknown = sorted(set(wanted) - set(MORE_COLUMNS))
    if unknown:
        raise click.UsageError(f"there is no column {unknown[0]!r}; {', '.join(MORE_COLUMNS)}")
    with reading() as conn:
        rows = dags.found(conn)
        tags = dags.tags(conn, [row.dag_id for row in rows]) if "tags" in wanted else {}
        errors = len(files.import_errors(conn))
    if errors:
        click.echo(f"{errors} files cannot be read: flowctl dags list-import-errors", err=True)
    listed = [_row(row, tags.get(row.dag_id, [])) for row in rows]
    outputs.show([{name: row[name] for name in wanted} for row in listed], output)


def _row(row: Row[Any], tags: list[str]) -> dict[str, Any]:
    return {
        "dag_id": row.dag_id,
        "fileloc": place(row.file),
        "owners": row.owners.split(", ") if row.owners else [],
        "is_paused": row.is_paused,
        "is_active": row.is_active,
        "schedule_interval": row.schedule,
        "timetable_description": row.schedule,
        "description": row.description,
        "tags": tags,
        "last_parsed_time": finding.iso(row.parsed_at),
        "next_dagrun": finding.iso(row.next_logical_date) or None,
        "next_dagrun_create_after": finding.iso(row.next_run_after) or None,
        "version": row.number,
    }


def place(file: str) -> str:
    """Return the absolute path of a file; one of the examples keeps its label."""
    if file.startswith(PLUGINS):
        return str(settings().path("core", "plugins_folder") / file.removeprefix(PLUGINS))
    return file if "://" in file else str(settings().path("core", "dags_folder") / file)


@click.command
@outputs.option
@subdir_refused
def list_import_errors(output: str) -> None:
    """List the DAG files that cannot be read, and why; the exit code is 1 if there is one."""
    with reading() as conn:
        rows = files.import_errors(conn)
    found = [{"filepath": place(row.path), "error": row.error} for row in rows]
    outputs.show(found, output)
    if found:
        raise SystemExit(1)


@click.command
@outputs.option
@subdir_refused
def report(output: str) -> None:
    """List the DAG files: how long each took to read, and what is in it."""
    with reading() as conn:
        found = [row for row in files.parsed(conn) if not row.path.startswith(PLUGINS)]
        by_file: dict[str, list[str]] = {row.path: [] for row in found}
        for row in dags.found(conn):
            by_file.setdefault(_archive(row.file, by_file), []).append(row.dag_id)
        sizes = {
            i: len(s.tasks) for ids in by_file.values() for i in ids if (s := dags.spec(conn, i))
        }
    outputs.show([_report(row, by_file[row.path], sizes) for row in found], output)


def _archive(file: str, known: dict[str, list[str]]) -> str:
    """Return the file, or the archive that it is in."""
    parent = str(Path(file).parent)
    return parent if file not in known and parent in known else file


def _report(row: Row[Any], dag_ids: list[str], sizes: dict[str, int]) -> dict[str, Any]:
    return {
        "file": row.path if "://" in row.path else f"/{row.path}",
        "duration": timedelta(seconds=row.duration_s),
        "dag_num": row.dag_count,
        "task_num": sum(sizes[dag_id] for dag_id in dag_ids),
        "dags": dag_ids,
    }
