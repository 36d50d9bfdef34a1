"""What do plugins add? (`airflow.plugins_manager`)

A plugin is a class in a file of the plugins folder, or named by an installed package under
`airflow.plugins`. It is user code, so it is loaded where DAG files are: in parser children, in the
parents of attempts, and by commands that run a DAG in their own process; never in a daemon. One
that cannot be loaded is left out and told of; everything else goes on.
"""

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from flowctl.authoring import extra_links, macros
from flowctl.authoring.entry_points import PLUGINS, EntryPoint, offered
from flowctl.authoring.exceptions import AirflowException, AirflowTaskTimeout
from flowctl.authoring.hook_functions import marked

UNUSED = (
    "admin_views",
    "appbuilder_menu_items",
    "appbuilder_views",
    "deadline_references",
    "executors",
    "external_views",
    "fastapi_apps",
    "fastapi_root_middlewares",
    "flask_blueprints",
    "hook_lineage_readers",
    "menu_links",
    "partition_mappers",
    "react_apps",
    "ti_deps",
    "windows",
)
"""What a plugin may list and flowctl does nothing with; it says so, once for each plugin."""


UNHEARD = (
    "on_asset_alias_created",
    "on_asset_created",
    "on_dataset_alias_created",
    "on_dataset_created",
)
"""What a listener may ask for and is never told: the metastore makes assets, without user code."""


class AirflowPluginException(AirflowException):
    """A plugin makes no sense."""


class AirflowPlugin:
    """What users derive a plugin from: a name, and lists of what it adds."""

    name: str | None = None
    source: str | None = None
    hooks: ClassVar[list[Any]] = []
    macros: ClassVar[list[Any]] = []
    global_operator_extra_links: ClassVar[list[Any]] = []
    operator_extra_links: ClassVar[list[Any]] = []
    timetables: ClassVar[list[Any]] = []
    listeners: ClassVar[list[Any]] = []
    priority_weight_strategies: ClassVar[list[Any]] = []

    @classmethod
    def validate(cls) -> None:
        """Raise `AirflowPluginException` if the plugin has no name."""
        if not cls.name:
            raise AirflowPluginException(f"the plugin {cls.__qualname__} needs a `name`")

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Do whatever the plugin wants done once in each process that loads it."""


@dataclass
class Plugins:
    """The plugins of this process, and why others are not among them."""

    loaded: list[AirflowPlugin] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)  # by file or entry point

    def all_of(self, name: str) -> list[Any]:
        """Return what the plugins list under `name`, in their order."""
        if not self.loaded:
            return []
        return [thing for plugin in self.loaded for thing in getattr(plugin, name, None) or ()]


current = Plugins()


def load(folder: Path | None) -> Plugins:
    """Load all plugins, and have what they add take effect in this process.

    What they do in vain is said where each is looked at for itself.

    Args:
        folder: that holds plugin files; its modules can be imported already.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if folder is not None and folder.is_dir():
            for path in sorted(folder.rglob("*.py")):
                _try(str(path), partial(load_file, path, folder))
        for entry in offered(PLUGINS):
            _try(f"{entry.package}: {entry.value}", partial(_load_entry, entry))
    return current


@contextmanager
def put_aside() -> Iterator[None]:
    """Have no plugins for a while: for what is no task of the user's."""
    loaded, current.loaded = current.loaded, []
    try:
        yield
    finally:
        current.loaded = loaded


def load_file(path: Path, folder: Path) -> list[AirflowPlugin]:
    """Load the plugins of one file; return them.

    Raises:
        AirflowPluginException: one has no name.
        Whatever the file raises.
    """
    module = _module(path, folder)
    classes = [value for value in vars(module).values() if _is_plugin(value)]
    found = [_register(kind, str(path)) for kind in classes]
    return [plugin for plugin in found if plugin is not None]


def _load_entry(entry: EntryPoint) -> None:
    module, _, attribute = entry.value.partition(":")
    value: Any = import_module(module)
    value = getattr(value, attribute) if attribute else value
    if _is_plugin(value):
        _register(value, entry.package)


def _try(where: str, act: Callable[[], object]) -> None:
    try:
        act()
    except (Exception, AirflowTaskTimeout) as error:  # user code; it is shown with the plugin
        current.errors[where] = (
            f"the plugin {where} cannot be loaded: {type(error).__name__}: {error};"
            " correct it or take it out of the plugins folder"
        )


def _module(path: Path, folder: Path) -> ModuleType:
    """Import a file under the name by which DAG files import it, else under one of its own."""
    parts = path.relative_to(folder).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__") or folder.name
    spec = _known(name)
    if spec is not None and spec.origin == str(path):
        return import_module(name)
    private = "flowctl_plugin_" + "_".join(parts)
    found = spec_from_file_location(private, path)
    assert found is not None
    assert found.loader is not None
    module = sys.modules[private] = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _known(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except (ImportError, ValueError, AttributeError):  # a package on the way there is broken
        return None


def _is_plugin(value: Any) -> bool:
    is_ours = value is AirflowPlugin
    return inspect.isclass(value) and issubclass(value, AirflowPlugin) and not is_ours


def _register(kind: type[AirflowPlugin], source: str) -> AirflowPlugin | None:
    """Have a plugin take effect; None if one of its name already has."""
    kind.validate()
    if any(plugin.name == kind.name for plugin in current.loaded):
        return None
    plugin = kind()
    plugin.source = source
    plugin.on_load()
    current.loaded.append(plugin)
    _add_macros(str(plugin.name), plugin.macros)
    extra_links.ADDED.extend(_links(plugin))
    unused = unused_parts(plugin)
    if unused:
        warnings.warn(
            f"plugin {plugin.name!r} ({source}): flowctl does nothing with its {', '.join(unused)}",
            stacklevel=2,
        )
    return plugin


def unused_parts(plugin: AirflowPlugin) -> list[str]:
    """Return the names of what the plugin lists in vain, and of what its listeners never hear."""
    heard = plugin.listeners or ()
    return [name for name in UNUSED if getattr(plugin, name, None)] + [
        name for name in UNHEARD if any(marked(listener, name) for listener in heard)
    ]


def _links(plugin: AirflowPlugin) -> Iterator[Any]:
    """Yield the links that the plugin adds; one that names no operator counts only as global."""
    yield from plugin.global_operator_extra_links
    yield from (link for link in plugin.operator_extra_links if getattr(link, "operators", ()))


def _add_macros(name: str, functions: Sequence[Any]) -> None:
    """Show macros as `macros.<plugin>.<function>` and as module `airflow.macros.<plugin>`."""
    if not functions:
        return
    module = ModuleType(f"airflow.macros.{name}")
    for function in functions:
        setattr(module, getattr(function, "__name__", str(function)), function)
    sys.modules[module.__name__] = module
    setattr(macros, name, module)
