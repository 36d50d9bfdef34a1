"""How do `>>`, `<<`, `set_upstream` and `set_downstream` become links between tasks?

Whatever may stand beside an arrow (a task, a task group, another task's result, an edge label) is a
`DependencyMixin` with `roots`, the tasks that an arrow into it reaches, and `leaves`, those from
which an arrow out of it starts. Every arrow ends as one `connect` per pair of tasks.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Union

from flowctl.authoring.exceptions import AirflowException

Ends = Union["DependencyMixin", Sequence["Ends"]]


class DependencyMixin:
    """Something that may stand beside an arrow."""

    @property
    def roots(self) -> Iterable[Any]:
        """Return the tasks that an arrow into this reaches."""
        raise NotImplementedError

    @property
    def leaves(self) -> Iterable[Any]:
        """Return the tasks from which an arrow out of this starts."""
        raise NotImplementedError

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Make `other`, one or several, come before this."""
        _link(list(_flat(other, self)), [self], edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Make `other`, one or several, come after this."""
        _link([self], list(_flat(other, self)), edge_modifier)

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: Any = None) -> None:
        """Take notice of an arrow to or, with `upstream`, from `other`."""

    def __rshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return other

    def __lshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return other

    def __rrshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return self

    def __rlshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return self


def _flat(ends: Any, beside: DependencyMixin) -> Iterator[DependencyMixin]:
    """Yield what stands at one side of an arrow, `beside` something; lists may hold lists.

    Raises:
        AirflowException: something there is no task, group or the like.
    """
    if isinstance(ends, DependencyMixin):
        yield ends
    elif isinstance(ends, Iterable) and not isinstance(ends, str):
        for end in ends:
            yield from _flat(end, beside)
    else:
        raise AirflowException(
            f"{ends!r} ({type(ends).__name__}) cannot stand beside >> or << with {_named(beside)};"
            " tasks, task groups, results of tasks and lists of them can"
        )


def _named(end: Any) -> str:
    """Return for example "task 'a' of DAG 'd'"."""
    dag = getattr(end, "_dag", None) or getattr(end, "dag", None)
    name = f"task {end.task_id!r}" if hasattr(end, "task_id") else repr(end)
    return name + (f" of DAG {dag.dag_id!r}" if dag is not None else "")


def _link(
    befores: Sequence[DependencyMixin], afters: Sequence[DependencyMixin], edge_modifier: Any
) -> None:
    for before in befores:
        for after in afters:
            before.update_relative(after, upstream=False, edge_modifier=edge_modifier)
            after.update_relative(before, upstream=True, edge_modifier=edge_modifier)
            roots = list(after.roots)
            for up in list(before.leaves):
                for down in roots:
                    connect(up, down, edge_modifier)


def connect(up: Any, down: Any, edge_modifier: Any = None) -> None:
    """Make the task `down` wait for the task `up`.

    A task without a DAG joins that of the other.

    Raises:
        AirflowException: they belong to two DAGs, or to none.
    """
    dag = up.get_dag() or down.get_dag()
    if dag is None:
        raise AirflowException(
            f"tasks {up.task_id!r} and {down.task_id!r} have no DAG yet and cannot be linked;"
            " make them inside `with DAG(...)` or give one of them dag="
        )
    for task in (up, down):
        if task.get_dag() is None:
            task.dag = dag
    if up.dag is not down.dag:
        raise AirflowException(
            f"task {up.task_id!r} of DAG {up.dag.dag_id!r} cannot be linked with task"
            f" {down.task_id!r} of DAG {down.dag.dag_id!r}; links stay inside one DAG"
        )
    up.downstream_task_ids.add(down.task_id)
    down.upstream_task_ids.add(up.task_id)
    if edge_modifier is not None:
        edge_modifier.add_edge_info(dag, up.task_id, down.task_id)
