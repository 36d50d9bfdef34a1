"""Which executor? `[core] executor` by its short name."""

from collections.abc import Callable
from importlib import import_module

from flowctl.config import Config
from flowctl.errors import FlowctlError
from flowctl.executors.contract import Executor
from flowctl.executors.local import LocalExecutor


def _sequential(conf: Config) -> Executor:
    return LocalExecutor(conf.home, slots=1)


def _local(conf: Config) -> Executor:
    return LocalExecutor(conf.home, slots=conf.whole("core", "parallelism"))


def _debug(conf: Config) -> Executor:
    """Loaded by name: it brings along all that user code needs, which no other daemon holds."""
    made: Executor = import_module("flowctl.executors.debug").DebugExecutor(conf)
    return made


EXECUTORS: dict[str, Callable[[Config], Executor]] = {
    "SequentialExecutor": _sequential,
    "LocalExecutor": _local,
    "DebugExecutor": _debug,
}


def executor(conf: Config, name: str | None = None) -> Executor:
    """Return the executor called `name`, or the configured one.

    Raises:
        FlowctlError: flowctl has no executor of that name.
    """
    name = name or conf.text("core", "executor")
    if name not in EXECUTORS:
        raise FlowctlError(
            f"[core] executor: flowctl has no {name!r}; it has {', '.join(sorted(EXECUTORS))}"
        )
    return EXECUTORS[name](conf)
