"""How does `import airflow...` find what flowctl has?

A finder makes empty modules; a module looks up its names, one by one, when they are asked for.
Which names there are, `flowctl.compat.names` knows.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flowctl.compat.missing import lacking, sentence
from flowctl.compat.names import Home, find, has_module, names_in
from flowctl.errors import FlowctlError
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import provider_names
    from flowctl.compat import distribution
else:
    distribution = Late("flowctl.compat.distribution")
    provider_names = Late("flowctl.authoring.provider_names")

FOREIGN = ("airflow.providers.", "airflow.example_dags.")
"""What belongs to packages that are installed, and what people unpack to look at."""

OURS_IN_ANY_CASE = frozenset(
    f"airflow.providers.standard.{name}"
    for name in (
        "operators.latest_only",
        "operators.trigger_dagrun",
        "sensors.external_task",
        "triggers.external_task",
        "triggers.file",
    )
)
"""Modules of a provider package in whose place flowctl's own are taken.

Most of theirs need a session; that of files has what watches assets only under Airflow 3.
"""


def taken(asked: str, home: Home) -> Any:
    """Return what lives at `home`.

    Raises:
        ImportError: it is in a provider package that is not installed, or too new or too old.
    """
    try:
        return getattr(import_module(home.module), home.attribute)
    except AttributeError:
        raise ImportError(f"`{asked}` is not in the installed version of {home.module}") from None
    except ModuleNotFoundError as error:
        cure = provider_names.how_to_install(home.module)
        if not cure or not f"{home.module}.".startswith(f"{error.name}."):
            raise
        raise ModuleNotFoundError(
            f"`{asked}` is `{home.module}.{home.attribute}` today; {cure}", name=error.name
        ) from None


class AirflowModule(ModuleType):
    """A module whose names come from the table, each when it is first used."""

    def __getattr__(self, name: str) -> Any:
        full_name = f"{self.__name__}.{name}"
        home = find(self.__name__, name)
        if home is not None:
            value = taken(full_name, home)
        elif name == "__all__":
            value = names_in(self.__name__)
        elif has_module(full_name):
            value = import_module(full_name)
        else:
            is_private = name.startswith("_")  # asked for by machinery, nobody reads the answer
            raise AttributeError(full_name if is_private else sentence(full_name))
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *names_in(self.__name__)})


class AirflowNames:
    """Owns `airflow` and all below it, but for what real provider packages bring.

    Finder and loader in one; not derived from `importlib.abc`, whose import takes 20 times as long
    as that of this package.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to make the module, or None when it is none of ours.

        Raises:
            ModuleNotFoundError: an `airflow` name that flowctl does not have. The exception carries
                no `name`, or `from airflow.models import Nothing` would drop its sentence.
        """
        if not f"{fullname}.".startswith("airflow."):
            return None
        if f"{fullname}.".startswith(FOREIGN):
            return self._foreign(fullname, path, target)
        if not has_module(fullname):
            raise ModuleNotFoundError(sentence(fullname))
        return self._spec(fullname)

    def _foreign(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        real = PathFinder.find_spec(fullname, path, target)
        if has_module(fullname):
            keeps = real is not None and fullname not in OURS_IN_ANY_CASE
            return real if keeps else self._spec(fullname)
        if real is None and lacking(fullname):
            raise ModuleNotFoundError(sentence(fullname))
        parent = fullname.rpartition(".")[0]
        if real is None and names_in(parent) and isinstance(sys.modules[parent], AirflowModule):
            raise ModuleNotFoundError(f"{sentence(fullname)}; {_cure(fullname)}")
        return real

    def find_distributions(self, context: Any) -> list[Any]:
        """Return what `importlib.metadata` shall know of the package apache-airflow."""
        return distribution.found(context.name)

    def _spec(self, fullname: str) -> ModuleSpec:
        """Make every module a package, so that a name it lacks comes back to `find_spec`."""
        loader: Any = self
        spec = ModuleSpec(fullname, loader, origin="flowctl", is_package=True)
        if fullname == "airflow":
            spec.submodule_search_locations = _folders_of_providers()
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the empty module."""
        return AirflowModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module empty: its names come when they are asked for."""


def _cure(fullname: str) -> str:
    """Return where a module comes from that lies below `FOREIGN` and is not there."""
    package = provider_names.how_to_install(fullname)
    if package:
        return f"its package may: {package}"
    return "to run Airflow's own examples, put its folder airflow/example_dags into the DAG folder"


def _folders_of_providers() -> list[str]:
    """Return the `airflow` folders in which provider packages may lie."""
    folders = (os.path.join(entry or ".", "airflow") for entry in sys.path)
    return [folder for folder in folders if os.path.isdir(folder)]


def install() -> None:
    """Make `import airflow...` mean flowctl in this process. Calling it again changes nothing.

    Raises:
        FlowctlError: the real Airflow has already been imported here.
    """
    if any(isinstance(finder, AirflowNames) for finder in sys.meta_path):
        return
    if "airflow" in sys.modules:
        where = getattr(sys.modules["airflow"], "__file__", None) or "an unknown place"
        raise FlowctlError(
            f"airflow is already imported from {where}; call flowctl.compat.install() before that"
        )
    sys.meta_path.insert(0, AirflowNames())
