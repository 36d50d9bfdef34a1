"""How does a plain `python my_dag.py` find Airflow's names?

The wheel puts this file, and `on_demand.pth` beside it, into site-packages, so that every start of
that interpreter runs `watch()`. It costs a fraction of a millisecond: nothing of flowctl is
imported until somebody asks for `airflow`. A real Airflow in the environment is then left alone.

The watcher stands first, not last: provider packages installed without Airflow leave a folder
`airflow` without `__init__.py` in site-packages, and Python takes such a folder for the package
before it asks whoever stands behind. Loading a `sitecustomize` lost, as there can be only one, and
environments have their own.
"""

import sys

TYPE_CHECKING = False  # typing's own constant would cost more than all the rest of this file
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class AirflowWatch:
    """Calls `flowctl.compat.install()` when `airflow` is imported and there is no real one."""

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        """Return where `airflow` comes from, or None for every other import."""
        if fullname != "airflow":
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.origin is not None:  # a folder alone has no origin
                return spec
        __import__("flowctl.compat", fromlist=["install"]).install()
        __import__("flowctl.compat.defaults", fromlist=["apply_own"]).apply_own()
        return sys.meta_path[0].find_spec(fullname, path, target)


def watch() -> None:
    """Put the watcher in place."""
    sys.meta_path.insert(0, AirflowWatch())
