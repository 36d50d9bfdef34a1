"""What does the site demand of DAGs and tasks? Cluster policies.

Functions in `airflow_local_settings.py` (in the config folder, or anywhere on the path), and marked
ones of installed packages that offer a module under `airflow.policy`. They are user code: they run
where a DAG file is loaded, on every DAG of it, so parser and attempts see the same DAG. Policies
that cannot be loaded make every DAG file an import error, as nothing may run past them.

`task_instance_mutation_hook` is called when a file is loaded, with a task instance of no run: what
it says of queue, pool, priority and tries holds for all runs. Airflow calls it in its scheduler,
where flowctl runs no user code; where it looks at the run, the DAG file has a warning.
`pod_mutation_hook` has nothing to change here.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any

from flowctl.authoring.entry_points import POLICIES, offered
from flowctl.authoring.exceptions import AirflowClusterPolicyError, AirflowClusterPolicySkipDag
from flowctl.authoring.hook_functions import called, marked
from flowctl.authoring.task_stand_in import TaskStandIn, warn_of_looks

MODULE = "airflow_local_settings"
NAMES = (
    "dag_policy",
    "task_policy",
    "task_instance_mutation_hook",
    "get_airflow_context_vars",
    "get_dagbag_import_timeout",
)
_OLD_NAMES = {"task_policy": "policy"}  # before Airflow 2

_functions: dict[str, list[Callable[..., Any]]] | None = None


@contextmanager
def put_aside() -> Iterator[None]:
    """Have no policies for a while: for what is no task of the user's."""
    global _functions
    kept, _functions = _functions, {}
    try:
        yield
    finally:
        _functions = kept


def _found() -> dict[str, list[Callable[..., Any]]]:
    """Return the functions of each name, those of the local settings first; loaded once."""
    global _functions
    if _functions is None:
        found = defaultdict(list)
        for name, function in (*_local(), *_packaged()):
            found[name].append(function)
        _functions = dict(found)
    return _functions


def _local() -> Iterator[tuple[str, Callable[..., Any]]]:
    if MODULE not in sys.modules and PathFinder.find_spec(MODULE) is None:
        return
    try:
        module = import_module(MODULE)
    except Exception as error:
        raise AirflowClusterPolicyError(
            f"{MODULE}.py, which holds the cluster policies, cannot be loaded:"
            f" {type(error).__name__}: {error}; correct it or take it away"
        ) from error
    for name in NAMES:
        function = getattr(module, name, None) or getattr(module, _OLD_NAMES.get(name, name), None)
        if callable(function):
            yield name, function


def _packaged() -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in offered(POLICIES):
        module, _, attribute = entry.value.partition(":")
        try:
            owner: Any = import_module(module)
        except Exception as error:
            raise AirflowClusterPolicyError(
                f"the cluster policies of {entry.package} ({entry.value}) cannot be loaded:"
                f" {type(error).__name__}: {error}; correct or uninstall the package"
            ) from error
        owner = getattr(owner, attribute) if attribute else owner
        for name in NAMES:
            function = marked(owner, name)
            if function is not None:
                yield name, function


def import_timeout_s(path: str, default_s: float | None) -> float | None:
    """Return how long the import of a DAG file may take."""
    for function in _found().get("get_dagbag_import_timeout", ()):
        chosen = called(function, dag_file_path=path)
        if chosen is not None:
            return float(chosen)
    return default_s


def context_vars(context: Any) -> dict[str, str]:
    """Return what the site adds to the environment of a task of a file that was loaded."""
    found: dict[str, str] = {}
    for function in reversed((_functions or {}).get("get_airflow_context_vars", [])):
        found |= {str(k): str(v) for k, v in (called(function, context=context) or {}).items()}
    return found


def has_context_vars() -> bool:
    """Say whether the site adds anything to the environment of tasks."""
    return bool((_functions or {}).get("get_airflow_context_vars"))


def is_kept(dag: Any) -> bool:
    """Hold a DAG and its tasks against the policies, which may change it; False: leave it out.

    Raises:
        AirflowClusterPolicyViolation: it breaks a rule.
        Whatever else a policy raises.
    """
    found = _found()
    if not found:
        return True
    try:
        for function in found.get("dag_policy", ()):
            called(function, dag=dag)
        for task in dag.tasks:
            for function in found.get("task_policy", ()):
                called(function, task=task)
            _mutate(task, found.get("task_instance_mutation_hook", []))
    except AirflowClusterPolicySkipDag:
        return False
    return True


def _mutate(task: Any, functions: list[Callable[..., Any]]) -> None:
    """Take over into a task what the hook says of its task instance."""
    if not functions:
        return
    stand_in = TaskStandIn(task)
    before = dict(vars(stand_in))
    for function in functions:
        called(function, task_instance=stand_in)
    warn_of_looks("task_instance_mutation_hook", stand_in.looked_at)
    for name in ("queue", "pool", "pool_slots", "priority_weight", "executor", "executor_config"):
        if vars(stand_in)[name] != before[name]:
            setattr(task, name, vars(stand_in)[name])
    if stand_in.max_tries != before["max_tries"]:
        task.retries = stand_in.max_tries
