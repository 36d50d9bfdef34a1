"""The names that a DAG file written for flowctl imports: `from flowctl import DAG, task`.

They are loaded when first asked for, so that daemons and the command line pay nothing for them.
"""

import sys
from importlib import import_module
from typing import Any

_HOMES = {
    "__version__": "flowctl.version",
    "DAG": "flowctl.authoring.dag",
    "dag": "flowctl.authoring.dag_functions",
    "BaseOperator": "flowctl.authoring.operator",
    "TaskGroup": "flowctl.authoring.task_group",
    "task_group": "flowctl.authoring.task_group_functions",
    "task": "flowctl.operators.decorators",
    "Asset": "flowctl.authoring.assets",
    "AssetAlias": "flowctl.authoring.assets",
    "AssetAll": "flowctl.authoring.assets",
    "AssetAny": "flowctl.authoring.assets",
    "Dataset": "flowctl.authoring.assets",
    "Metadata": "flowctl.authoring.assets",
    "asset": "flowctl.operators.asset_functions",
    "Label": "flowctl.authoring.labels",
    "Param": "flowctl.authoring.params",
    "XComArg": "flowctl.authoring.xcom_arg",
    "chain": "flowctl.authoring.links",
    "chain_linear": "flowctl.authoring.links",
    "cross_downstream": "flowctl.authoring.links",
    "Connection": "flowctl.authoring.connection",
    "Variable": "flowctl.authoring.variable",
    "get_current_context": "flowctl.authoring.context",
    "TriggerRule": "flowctl.authoring.rule_names",
}

__all__ = [*_HOMES]

_DEFAULTS = "flowctl.compat.defaults"
"""What DAGs get that say nothing themselves. Parser, runner and commands import it and apply it
before user code; in a plain `python my_dag.py` nobody has, and the first DAG it imports does."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowctl' has no attribute {name!r}")
    if name in ("DAG", "dag", "asset") and _DEFAULTS not in sys.modules:
        import_module(_DEFAULTS).apply_own()
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
