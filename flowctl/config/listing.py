"""What does `flowctl config list` show? The settings as an airflow.cfg, with notes on request."""

from collections.abc import Iterator
from typing import NamedTuple

from flowctl.config.errors import ConfigError
from flowctl.config.example import escaped
from flowctl.config.options import SECTIONS, in_section
from flowctl.config.reader import HIDDEN, Config
from flowctl.config.row import Option
from flowctl.config.sources import GENERATED

OF_PROVIDERS = frozenset({"common.io", "fab", "imap"})
"""Sections that belong to Airflow's provider packages."""


class Show(NamedTuple):
    """What to show; the fields are the flags of Airflow 2.10's `airflow config list`."""

    section: str | None = None
    defaults: bool = False
    include_descriptions: bool = False
    include_env_vars: bool = False
    include_sources: bool = False
    comment_out_everything: bool = False
    exclude_providers: bool = False


def listing(conf: Config, show: Show) -> str:
    """Return the settings as text; values of sensitive options that somebody set are hidden.

    `defaults` shows what holds when nobody sets anything: all commented out, with descriptions
    and variables and without sources, whatever else is asked.

    Raises:
        ConfigError: there is no such section.
    """
    if show.section is not None and show.section.lower() not in SECTIONS:
        raise ConfigError(f"there is no section {show.section!r}; there are {', '.join(SECTIONS)}")
    if show.defaults:
        show = show._replace(
            include_descriptions=True,
            include_env_vars=True,
            include_sources=False,
            comment_out_everything=True,
        )
    return "\n".join(lines(conf, show)) + "\n"


def lines(conf: Config, show: Show) -> Iterator[str]:
    for section, about in SECTIONS.items():
        if show.section is not None and show.section.lower() != section:
            continue
        if show.exclude_providers and section in OF_PROVIDERS:
            continue
        yield f"[{section}]"
        if show.include_descriptions:
            yield f"# {about}"
        for row in in_section(section):
            yield from notes(conf, row, show)
            yield setting(conf, row, show)
        yield ""


def notes(conf: Config, row: Option, show: Show) -> Iterator[str]:
    """Yield the comments before one option."""
    wanted: list[str] = []
    if show.include_descriptions:
        wanted += row.doc.splitlines()
        wanted += [f"Without effect: {row.no_effect}."] if row.no_effect else []
    if show.include_env_vars:
        wanted.append(f"Variable: {row.variable}")
    if show.include_sources:
        wanted.append(f"Source: {conf.source(row.section, row.key)}")
    if wanted:
        yield ""
    for line in wanted:
        yield f"# {line}"


def setting(conf: Config, row: Option, show: Show) -> str:
    value = default(row) if show.defaults else current(conf, row)
    line = f"{row.key} = {escaped(value or '')}".rstrip()
    return f"# {line}" if show.comment_out_everything or value is None else line


def default(row: Option) -> str | None:
    return "" if row.kind.default in GENERATED else row.kind.default


def current(conf: Config, row: Option) -> str | None:
    """Return the value to show; a hidden one is not even asked for."""
    if not conf.is_set(row.section, row.key):
        return conf.setting(row.section, row.key).text
    return HIDDEN if row.sensitive else conf.setting(row.section, row.key).text
