"""`python -m flowctl.runner.plugin_list`: what the plugins add, as JSON.

Plugins are user code: the web server has them loaded there, in a process of its own.
"""

import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from flowctl import config
from flowctl.authoring import plugins
from flowctl.compat import install

PARTS = (
    "hooks",
    "executors",
    "macros",
    "flask_blueprints",
    "global_operator_extra_links",
    "operator_extra_links",
    "ti_deps",
    "listeners",
    "timetables",
)
DICTS = ("appbuilder_views", "appbuilder_menu_items")


class PluginRow(msgspec.Struct):
    """One plugin: the names of what it lists."""

    name: str
    source: str | None
    hooks: list[str]
    executors: list[str]
    macros: list[str]
    flask_blueprints: list[str]
    appbuilder_views: list[dict[str, str]]
    appbuilder_menu_items: list[dict[str, str]]
    global_operator_extra_links: list[str]
    operator_extra_links: list[str]
    ti_deps: list[str]
    listeners: list[str]
    timetables: list[str]


def rows() -> list[PluginRow]:
    """Load the plugins of this site; return them in the order in which they were loaded."""
    install()
    found = plugins.load(config.load().path("core", "plugins_folder"))
    return [_row(plugin) for plugin in found.loaded]


def _row(plugin: plugins.AirflowPlugin) -> PluginRow:
    named: dict[str, Any] = {part: _names(getattr(plugin, part, ()) or ()) for part in PARTS}
    dicts: dict[str, Any] = {
        part: [{key: str(value) for key, value in dict(one).items()} for one in listed]
        for part in DICTS
        if (listed := getattr(plugin, part, None) or []) is not None
    }
    return PluginRow(name=str(plugin.name), source=plugin.source, **named, **dicts)


def _names(things: Iterable[Any]) -> list[str]:
    return [_name(thing) for thing in things]


def _name(thing: Any) -> str:
    kind = thing if hasattr(thing, "__qualname__") else type(thing)
    name = getattr(thing, "__name__", None) or kind.__qualname__
    return f"{getattr(thing, '__module__', None) or kind.__module__}.{name}"


if __name__ == "__main__":
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what plugins print is not the answer
    out.write(msgspec.json.encode(rows()))
