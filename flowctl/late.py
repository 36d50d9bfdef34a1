"""Which libraries are loaded only when something of them is first asked for?

Every attempt is forked from a process that has imported its DAG file, and pays at the fork for each
library that is mapped there, asked for or not. So what few attempts and few commands need is named
by a `Late` at the top of a module, where an import would stand:

    if TYPE_CHECKING:
        import pendulum
    else:
        pendulum = Late("pendulum")

`tests/architecture/test_weight.py` lists what must not be loaded in vain. Imports inside functions
lost, as they hide what a module needs; `importlib.util.LazyLoader` lost, as it puts a module into
`sys.modules` that is not loaded, and `is_a` asks there.
"""

import sys
from importlib import import_module
from typing import Any


class Late:
    """Stands for a module, which is imported when a name is taken out of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


def is_a(value: object, kind: str) -> bool:
    """Say whether `value` is an instance of the class "module.Name", without loading the module.

    Where the module is not loaded, nothing can be an instance of its classes.
    """
    module, _, name = kind.rpartition(".")
    return isinstance(value, getattr(sys.modules.get(module), name, ()))
