"""Which options exist, what they mean, and what older names they answer to.

One table: the reader, airflow.cfg, `flowctl config list` and the docs are made from it. It knows
nothing of files, environments or values that somebody set.
"""

from flowctl.config.row import Option
from flowctl.config.table import (
    core,
    database,
    later,
    logs,
    mail,
    oidc,
    retention,
    scheduler,
    triggerer,
    user_code,
    web,
)

SECTIONS = {
    "core": "What runs, how much of it at once, and what DAGs get when they do not say.",
    "database": "The metastore.",
    "logging": "Where logs go and how much they say.",
    "metrics": "Counters and timers for outside systems.",
    "traces": "Spans for outside systems.",
    "secrets": "Where variables, connections and passwords may also come from.",
    "cli": "How commands reach a server.",
    "debug": "For breakpoints and tests.",
    "api": "The REST API.",
    "lineage": "What was made from what.",
    "compat": "What DAG files and provider packages are told about Airflow.",
    "operators": "What operators get when they do not say.",
    "standard": "Operators of every day.",
    "webserver": "The web server.",
    "email": "Mail about tasks.",
    "smtp": "The mail server.",
    "sentry": "Errors for Sentry.",
    "scheduler": "When files are read, when runs are made, and how health is told.",
    "retention": "How long history is kept.",
    "triggerer": "The process for tasks that wait.",
    "kerberos": "Tickets for tasks.",
    "sensors": "What sensors get when they do not say.",
    "common.io": "XComs kept as files.",
    "fab": "Login and roles.",
    "oidc": "Login by an OpenID Connect provider.",
    "imap": "Reading mail.",
}
"""The sections in the order in which they are written, each with a sentence about it."""

ROWS: tuple[Option, ...] = (
    *core.ROWS,
    *user_code.ROWS,
    *database.ROWS,
    *logs.ROWS,
    *mail.ROWS,
    *scheduler.ROWS,
    *retention.ROWS,
    *triggerer.ROWS,
    *web.ROWS,
    *oidc.ROWS,
    *later.ROWS,
)

OPTIONS: dict[tuple[str, str], Option] = {(row.section, row.key): row for row in ROWS}
"""Every option under its present name."""

OLD_NAMES: dict[tuple[str, str], Option] = {old: row for row in ROWS for old in row.old}
"""Every option under each name it had in an older Airflow."""

UNBUILT_SECTIONS = later.UNBUILT_SECTIONS
"""Sections of Airflow of which flowctl knows no single key, and why nothing in them counts."""


def named(section: str, key: str) -> Option | None:
    """Return the option with this present or older name, or None."""
    return OPTIONS.get((section, key)) or OLD_NAMES.get((section, key))


def in_section(section: str) -> list[Option]:
    """Return the rows of one section: first those that count, then the others."""
    rows = [row for row in ROWS if row.section == section]
    return sorted(rows, key=lambda row: not row.honoured)
