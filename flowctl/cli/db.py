"""`flowctl db`: make, migrate, check, clean and reset the metastore."""

import os
import threading
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime

import click
from sqlalchemy import Engine

from flowctl import clock
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import actor, current_engine, engine, here
from flowctl.cli.options import MOMENT, not_here
from flowctl.cli.options import yes as yes_option
from flowctl.cli.settings import settings
from flowctl.core import sizes
from flowctl.core.retention import Policy, older_than
from flowctl.runner import logfiles
from flowctl.runner.log_sweep import LogSweep
from flowctl.store import cleaning, database, events, rules
from flowctl.store.engine import MetastoreError, reading, writing
from flowctl.store.migrations import HEAD
from flowctl.store.old_rows import Gone

ALWAYS_FILES = "tables are always made by the migrations"
RETRIES_DELAY_S = 1


@click.group(context_settings=SETTINGS)
def db() -> None:
    """Make, migrate and check the metastore."""


def _migrate(
    to: str = HEAD, *, sql_only: bool = False, start: str | None = None, done: str = "is ready"
) -> None:
    opened = engine()
    if sql_only:
        click.echo(database.sql(opened, start=start or "base", to=to), nl=False)
        return
    slots = settings().whole("core", "default_pool_task_slot_count")
    database.migrate(opened, to=to, default_pool_slots=slots)
    click.echo(f"The metastore {_where(opened)} {done}.")


def _where(opened: Engine) -> str:
    return opened.url.render_as_string(hide_password=True)


@db.command
def init() -> None:
    """Make the metastore; harmless when it is there. `db migrate` does the same."""
    _migrate()


def _revision(revision: str | None, version: str | None) -> str | None:
    """Return the revision that was asked for.

    Raises:
        Failure: it was named by a version of flowctl.
    """
    if version is not None:
        raise Failure(
            "flowctl counts its schemas by revision, not by version; use --to-revision and"
            f" --from-revision (this flowctl is at {HEAD})"
        )
    return revision


@db.command
@click.option("-r", "--to-revision", help="Stop at this revision instead of the newest.")
@click.option("-n", "--to-version", hidden=True)
@click.option("--from-revision", help="With --show-sql-only: begin after this revision.")
@click.option("--from-version", hidden=True)
@click.option("-s", "--show-sql-only", is_flag=True, help="Print the statements, run none.")
@not_here("-m", "--use-migration-files", is_flag=True, because=ALWAYS_FILES)
@not_here("--no-reserialize-dags", is_flag=True, because="a migration never reads DAG files")
def migrate(
    to_revision: str | None,
    to_version: str | None,
    from_revision: str | None,
    from_version: str | None,
    show_sql_only: bool,
) -> None:
    """Bring the metastore to the newest schema, from nothing or from an older one.

    Running it twice is harmless, and so is running it again after it was killed.
    """
    to = _revision(to_revision, to_version)
    start = _revision(from_revision, from_version)
    if start is not None and not show_sql_only:
        raise click.UsageError("--from-revision goes with --show-sql-only")
    _migrate(to or HEAD, sql_only=show_sql_only, start=start)


db.add_command(migrate, "upgrade")


@db.command
@click.option("-r", "--to-revision", help="The revision to go back to; `base` drops all tables.")
@click.option("-n", "--to-version", hidden=True)
@click.option("--from-revision", help="With --show-sql-only: begin at this revision.")
@click.option("--from-version", hidden=True)
@click.option("-s", "--show-sql-only", is_flag=True, help="Print the statements, run none.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def downgrade(
    to_revision: str | None,
    to_version: str | None,
    from_revision: str | None,
    from_version: str | None,
    show_sql_only: bool,
    yes: bool,
) -> None:
    """Bring the metastore back to an older schema. What the newer one added is lost."""
    to = _revision(to_revision, to_version)
    if to is None:
        raise click.UsageError("say with --to-revision which schema to go back to")
    start = _revision(from_revision, from_version)
    opened = engine()
    if show_sql_only:
        click.echo(database.sql(opened, start=start or HEAD, to=to, down=True), nl=False)
        return
    if not yes:
        click.confirm(f"Take {_where(opened)} back to {to}? What is dropped is gone", abort=True)
    database.downgrade(opened, to=to)
    click.echo(f"The metastore {_where(opened)} is at {to}.")


@db.command
@click.option("--retry", type=click.IntRange(0), default=0, help="How often to try again.")
@click.option(
    "--retry-delay",
    type=click.IntRange(0),
    default=RETRIES_DELAY_S,
    show_default=True,
    help="Seconds between two tries.",
)
def check(retry: int, retry_delay: int) -> None:
    """Ask the database something; the exit code says whether it answered."""
    opened = engine()
    for left in range(retry, -1, -1):
        try:
            database.check(opened)
            break
        except MetastoreError:
            if not left:
                raise
        threading.Event().wait(retry_delay)
    click.echo(f"The metastore {_where(opened)} answers.")


@db.command
@click.option(
    "-t",
    "--migration-wait-timeout",
    type=click.IntRange(0),
    default=60,
    show_default=True,
    help="For how many seconds to wait until somebody has migrated; 0 looks once.",
)
def check_migrations(migration_wait_timeout: int) -> None:
    """Wait until the metastore has the schema of this flowctl."""
    database.await_migrations(engine(), threading.Event().wait, migration_wait_timeout)


@db.command
@click.option("-s", "--skip-init", is_flag=True, help="Drop the tables only, make no new ones.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@not_here("-m", "--use-migration-files", is_flag=True, because=ALWAYS_FILES)
def reset(skip_init: bool, yes: bool) -> None:
    """Drop all tables of flowctl, with all history, and make them anew."""
    opened = engine()
    if not yes:
        click.confirm(f"Drop everything in {_where(opened)}", abort=True)
    if skip_init:
        database.downgrade(opened, to="base")
        click.echo(f"The metastore {_where(opened)} has no tables any more.")
        return
    slots = settings().whole("core", "default_pool_task_slot_count")
    database.reset(opened, default_pool_slots=slots)
    click.echo(f"The metastore {_where(opened)} is empty and ready.")


@db.command
@click.option(
    "--clean-before-timestamp",
    "before",
    type=MOMENT,
    help="Delete what is older: a date, or a date with a time.",
)
@click.option(
    "-t", "--tables", help=f"Only these, with commas between: {', '.join(cleaning.PARTS)}."
)
@click.option("--dry-run", is_flag=True, help="Only say how much it would be.")
@click.option("--skip-archive", is_flag=True, help="Keep no copy; flowctl cannot keep one.")
@yes_option
def clean(
    before: datetime | None, tables: str | None, dry_run: bool, skip_archive: bool, yes: bool
) -> None:
    """Delete what is old: finished runs (dag_run), XComs (xcom), audit rows (log), daemons (job),
    updates of assets (asset_event), backfills, versions of DAGs that no run has (dag_version), DAGs
    that no file defines (dag), and tokens that have expired.

    Without --clean-before-timestamp the limits of [retention] and of the DAGs count: it is what the
    scheduler does by itself, at once, log files included.

    A run goes with its tasks, tries and XComs. What is unfinished stays, and so do the newest run
    of each DAG, the run before an unfinished one, and the latest update of each asset. With
    --clean-before-timestamp log files stay, too. A moment that lies ahead means now.
    """
    now = clock.utcnow()
    before = before and min(before, now)
    parts = _parts(tables)
    if not dry_run and not skip_archive:
        raise click.UsageError("flowctl keeps no archive of what it deletes; say --skip-archive")
    opened = current_engine()
    policy = _policy(opened, before, now)
    logs = None if before or tables else LogSweep(settings().path("logging", "base_log_folder"))
    when = f"before {before.isoformat()}" if before else "over the limits"
    for name, rows in _swept(opened, policy, parts).items():
        click.echo(f"{name}: {rows} rows {when} ({cleaning.PARTS[name].about})")
    if logs is not None:
        click.echo(f"log files: {_swept_logs(opened, policy, logs)} {when}")
    if dry_run:
        return
    if not yes:
        click.confirm(f"Delete them from {_where(opened)}? What is deleted is gone", abort=True)
    for name, rows in _swept(opened, policy, parts, deletes=True, logs=logs).items():
        click.echo(f"{name}: {rows} rows are deleted.")
    if logs is not None:
        click.echo(f"log files: {_swept_logs(opened, policy, logs, deletes=True)} are deleted.")
    with here(), writing(opened) as conn:
        detail = {"before": before and before.isoformat(), "tables": list(parts)}
        events.record(conn, "db.clean", actor(), at=clock.utcnow(), detail=detail)


def _parts(tables: str | None) -> list[str]:
    names = [name.strip() for name in tables.split(",")] if tables else list(cleaning.PARTS)
    for name in names:
        if name not in cleaning.PARTS:
            raise click.UsageError(
                f"{name!r} cannot be cleaned by itself; there are {', '.join(cleaning.PARTS)}"
            )
    return names


def _policy(opened: Engine, before: datetime | None, now: datetime) -> Policy:
    if before is not None:
        return older_than(before, now)
    with reading(opened) as conn:
        return Policy(rules.limits(settings()), cleaning.policies_of_dags(conn), now)


def _swept(
    opened: Engine,
    policy: Policy,
    parts: Sequence[str],
    *,
    deletes: bool = False,
    logs: LogSweep | None = None,
) -> Counter[str]:
    """Count or delete, in many units of work; return how many rows of each part."""
    found = Counter(dict.fromkeys(parts, 0))
    sweep = cleaning.Sweep(policy, parts)
    while not sweep.is_over:
        with reading(opened) as conn:
            gone = Gone(is_all=not sweep.look(conn, cleaning.ROWS_MAX))
            if not gone.is_all and not deletes:
                gone = sweep.count(conn)
                found[gone.part] += gone.rows
        while not gone.is_all:
            with writing(opened) as conn:
                gone = sweep.delete(conn, cleaning.ROWS_MAX)
            found[gone.part] += gone.rows
            if logs is not None:
                for run in gone.runs:
                    deque(logs.remove_run(*run), maxlen=0)
    return found


def _swept_logs(opened: Engine, policy: Policy, logs: LogSweep, *, deletes: bool = False) -> str:
    """Count or delete log files; return how many, in words."""
    with reading(opened) as conn:
        unfinished = {logfiles.of_run(*run) for run in cleaning.unfinished_runs(conn)}
    if not deletes:  # how much there is, and then what of that is too much
        deque(logs.walk(policy, unfinished.__contains__, deletes=False), maxlen=0)
        logs.take_count()
    deque(logs.walk(policy, unfinished.__contains__, deletes=deletes), maxlen=0)
    files, size_bytes = logs.take_count()
    return f"{files} files, {sizes.shown(size_bytes)},"


@db.command
def shell() -> None:
    """Open the database by hand, with its own program (sqlite3 or psql)."""
    command, variables = database.shell(engine())
    os.execvpe(command[0], command, {**os.environ, **variables})
