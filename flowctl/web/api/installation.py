"""What is installed beside flowctl: provider packages and plugins.

They are other people's code, so processes of their own load them. What these say is kept until a
plugin changes or something is installed.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import msgspec

from flowctl.authoring import providers
from flowctl.compat import install
from flowctl.config import Config
from flowctl.runner.connection_forms import ConnectionForm
from flowctl.runner.plugin_list import PluginRow
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.paging import Page, cut
from flowctl.web.problems import Unavailable
from flowctl.web.routes import Needs, NoQuery, route

LOADING_S = 30.0  # how long plugins may take to load

_ONE_AT_A_TIME = threading.Lock()
_said: dict[str, tuple[Any, bytes]] = {}  # module -> by what is installed, what it said


class Provider(msgspec.Struct):
    package_name: str
    description: str
    version: str


class ProviderCollection(msgspec.Struct):
    providers: list[Provider]
    total_entries: int


@route("GET", "/providers", may=Needs(READ, "Providers"), tag="Provider")
def get_providers(call: Call[NoQuery, None]) -> ProviderCollection:  # noqa: ARG001 - all take it
    """List the provider packages that are installed."""
    install()
    found = [Provider(one.package, one.description, one.version) for one in providers.installed()]
    return ProviderCollection(found, len(found))


class PluginCollection(msgspec.Struct):
    plugins: list[PluginRow]
    total_entries: int


@route("GET", "/plugins", may=Needs(READ, "Plugins"), tag="Plugin")
def get_plugins(call: Call[Page, None]) -> PluginCollection:
    """List the plugins; they are loaded in a process of their own."""
    found = msgspec.json.decode(_asked(call, "plugin_list"), type=list[PluginRow])
    return PluginCollection(cut(call.site, call.query, found), len(found))


class ConnectionForms(msgspec.Struct):
    forms: list[ConnectionForm]
    can_test: bool  # what [core] test_connection says


@route("GET", "/connectionForms", may=Needs(READ, "Connections"), tag="Connection")
def get_connection_forms(call: Call[NoQuery, None]) -> ConnectionForms:
    """Return the form of each type of connection; packages are asked in a process of its own."""
    found = _asked(call, "connection_forms")
    can_test = call.site.conf.text("core", "test_connection") == "Enabled"
    return ConnectionForms(msgspec.json.decode(found, type=list[ConnectionForm]), can_test)


def _asked(call: Call[Any, None], module: str) -> bytes:
    """Return what a module of `flowctl.runner` says when it is run."""
    try:
        there = tuple(_installed(call.site.conf))
    except OSError as error:
        raise Unavailable(f"what is installed changes at this moment: {error}") from error
    with _ONE_AT_A_TIME:
        if module not in _said or _said[module][0] != there:
            _said[module] = there, _answer(call.site.conf, module)
        return _said[module][1]


def _installed(conf: Config) -> Iterator[Any]:
    """Yield what is another when a plugin changed or something was installed."""
    yield conf.home
    for file in sorted(conf.path("core", "plugins_folder").rglob("*.py")):
        facts = file.lstat()
        yield file, facts.st_mtime_ns, facts.st_size
    for place in filter(os.path.isdir, sys.path):
        yield place, os.stat(place).st_mtime_ns


def _answer(conf: Config, module: str) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"flowctl.runner.{module}"],
            env={**os.environ, "FLOWCTL_HOME": str(conf.home)},
            capture_output=True,
            timeout=LOADING_S,
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise Unavailable(f"what is installed cannot be loaded: {error}") from error
    return done.stdout
