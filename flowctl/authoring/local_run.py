"""Who runs a DAG in this very process when `dag.test()` asks for it?

Running is the business of a layer above, which names itself here when it is imported. Its module is
loaded by name on first use: `python my_dag.py` imports nothing of flowctl but what the file names.
"""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

from flowctl.errors import FlowctlError

RUNNER_MODULE = "flowctl.runner.local"

_runners: list[Callable[..., Any]] = []


def use(runner: Callable[..., Any]) -> None:
    """Let `runner` run DAGs from now on.

    It is called as `runner(dag, logical_date, conf=..., connections_file=..., variables_file=...,
    mark_success_pattern=...)`; None stands for what was not given.
    """
    _runners[:] = [runner]


def run(dag: Any, logical_date: datetime | None, **options: Any) -> Any:
    """Run a DAG once, here and now; return how it ended.

    Raises:
        FlowctlError: nothing can run DAGs in this process.
    """
    if not _runners:
        try:
            import_module(RUNNER_MODULE)
        except ModuleNotFoundError as error:
            raise FlowctlError(f"dag.test(): DAGs cannot be run here ({error})") from error
    if not _runners:
        raise FlowctlError(f"dag.test(): {RUNNER_MODULE} offers no way to run a DAG")
    return _runners[0](dag, logical_date, **options)
