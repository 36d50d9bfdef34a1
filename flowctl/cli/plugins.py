"""`flowctl plugins`."""

import inspect
from pathlib import Path
from typing import Any

import click

from flowctl.authoring import loading
from flowctl.authoring import plugins as user_plugins
from flowctl.cli import output as outputs
from flowctl.cli.settings import settings
from flowctl.compat import defaults, install

COLUMNS = (
    "executors",
    "source",
    "admin_views",
    "appbuilder_menu_items",
    "appbuilder_views",
    "flask_blueprints",
    "global_operator_extra_links",
    "hooks",
    "listeners",
    "macros",
    "menu_links",
    "operator_extra_links",
    "priority_weight_strategies",
    "ti_deps",
    "timetables",
)


@click.command
@outputs.option
def plugins(output: str) -> None:
    """List the plugins, loaded by this command; the exit code is 1 if one cannot be.

    They come from the folder [core] plugins_folder and from installed packages.
    """
    conf = settings()
    folder = conf.path("core", "plugins_folder")
    install()
    defaults.apply(conf)
    loading.extend_sys_path(conf.home / "config", folder)
    found = user_plugins.load(folder)
    for plugin in found.loaded:
        if unused := user_plugins.unused_parts(plugin):
            click.echo(
                f"plugin {plugin.name!r}: flowctl does nothing with its {', '.join(unused)}",
                err=True,
            )
    for error in found.errors.values():
        click.echo(error, err=True)
    rows = [_row(plugin, folder) for plugin in found.loaded]
    if not rows:
        click.echo("No plugins loaded")
    else:
        outputs.show(_without_empty(rows) if output == "table" else rows, output)
    if found.errors:
        raise SystemExit(1)


def _row(plugin: Any, folder: Path) -> dict[str, str]:
    source = str(plugin.source).replace(f"{folder}/", "$PLUGINS_FOLDER/")
    row = {"name": str(plugin.name)}
    for column in COLUMNS:
        listed = [source] if column == "source" else getattr(plugin, column, None) or ()
        row[column] = ",".join(map(_name, listed))
    return row


def _name(thing: Any) -> str:
    if isinstance(thing, str):
        return thing
    is_named = inspect.isclass(thing) or inspect.isfunction(thing) or inspect.ismodule(thing)
    return str(thing.__name__ if is_named else type(thing).__name__)


def _without_empty(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    used = [name for name in rows[0] if any(row[name] for row in rows)]
    return [{name: row[name] for name in used} for row in rows]
