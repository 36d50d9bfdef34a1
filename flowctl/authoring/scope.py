"""Into which DAG and which task group does a task go that names neither?

`with DAG(...)` and `with TaskGroup(...)` open a scope; a task belongs to the innermost one.
"""

from typing import Any

_dags: list[Any] = []
_groups: list[Any] = []


def enter_dag(dag: Any) -> None:
    """Open the scope of a DAG."""
    _dags.append(dag)


def leave_dag() -> Any:
    """Close the innermost DAG's scope and return that DAG."""
    return _dags.pop()


def current_dag() -> Any:
    """Return the DAG of the innermost scope, None outside of all."""
    return _dags[-1] if _dags else None


def in_words(what: str, name: str, dag: Any = None) -> str:
    """Return how a message calls something that is being made: "task 'a' of DAG 'd'"."""
    dag = dag or current_dag()
    return f"{what} {name!r}" + (f" of DAG {dag.dag_id!r}" if dag is not None else "")


def enter_group(group: Any) -> None:
    """Open the scope of a task group."""
    _groups.append(group)


def leave_group() -> Any:
    """Close the innermost group's scope and return that group."""
    return _groups.pop()


def current_group(dag: Any) -> Any:
    """Return the group that new tasks of `dag` belong to, its root group at least."""
    if dag is None:
        return _groups[-1] if _groups else None
    if _groups and _groups[-1].dag is dag:
        return _groups[-1]
    return dag.task_group


class DagContext:
    """Airflow's name for the scope of a DAG."""

    @staticmethod
    def push_context_managed_dag(dag: Any) -> None:
        """Open the scope of a DAG."""
        enter_dag(dag)

    @staticmethod
    def pop_context_managed_dag() -> Any:
        """Close the innermost scope and return its DAG."""
        return leave_dag()

    @staticmethod
    def get_current_dag() -> Any:
        """Return the DAG of the innermost scope, None outside of all."""
        return current_dag()


class TaskGroupContext:
    """Airflow's name for the scope of a task group."""

    @staticmethod
    def push_context_managed_task_group(task_group: Any) -> None:
        """Open the scope of a task group."""
        enter_group(task_group)

    @staticmethod
    def pop_context_managed_task_group() -> Any:
        """Close the innermost scope and return its group."""
        return leave_group()

    @staticmethod
    def get_current_task_group(dag: Any) -> Any:
        """Return the group that new tasks of `dag` belong to."""
        return current_group(dag or current_dag())
