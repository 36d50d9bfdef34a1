"""How are tasks of one DAG put together under a name, and linked as one?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from flowctl.authoring import scope
from flowctl.authoring.dependencies import DependencyMixin
from flowctl.authoring.exceptions import (
    AirflowException,
    DuplicateTaskIdFound,
    TaskAlreadyInTaskGroup,
)
from flowctl.authoring.hints import unknown_arguments
from flowctl.authoring.ids import checked, unused

if TYPE_CHECKING:
    from flowctl.authoring.mapped_task_group import MappedTaskGroup


class TaskGroup(DependencyMixin):
    """A group of tasks and groups.

    Args:
        group_id: its name inside the parent group.
        prefix_group_id: whether ids of what is in it start with its own id and a dot.
        parent_group: the group around it; default is the innermost open one.
        dag: default is that of the innermost `with DAG(...)`.
        default_args: of its tasks, on top of those of the DAG and of the groups around.
        tooltip, ui_color, ui_fgcolor: what the graph shows.
        group_display_name: what it is called there.
        doc_md: its documentation, or the name of an .md file beside the DAG's.
        add_suffix_on_collision: make the id unique by `__1`, `__2` ... where it is taken.

    Raises:
        AirflowException: there is no DAG, or the id has characters that are not allowed.
        DuplicateTaskIdFound: the id is taken.
    """

    def __init__(
        self,
        group_id: str | None,
        prefix_group_id: bool = True,
        parent_group: "TaskGroup | None" = None,
        dag: Any = None,
        default_args: dict[str, Any] | None = None,
        tooltip: str = "",
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
        group_display_name: str = "",
        doc_md: str | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise TypeError(unknown_arguments(f"task group {group_id!r}", TaskGroup, unknown))
        self.prefix_group_id = prefix_group_id
        self.group_display_name = group_display_name
        self.tooltip, self.doc_md = tooltip, doc_md
        self.ui_color, self.ui_fgcolor = ui_color, ui_fgcolor
        self.children: dict[str, Any] = {}
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.upstream_group_ids: set[str | None] = set()
        self.downstream_group_ids: set[str | None] = set()
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self._group_id = group_id
        self.parent_group: TaskGroup | None = None
        self.dag = dag
        if group_id is not None:
            self._join(
                checked("task group", group_id, dots=False), parent_group, add_suffix_on_collision
            )

    def _join(self, group_id: str, parent: "TaskGroup | None", make_unique: bool) -> None:
        self.dag = self.dag or (parent.dag if parent else scope.current_dag())
        parent = parent or scope.current_group(self.dag)
        if parent is None:
            raise AirflowException(
                f"task group {group_id!r} has no DAG; open it inside `with DAG(...)` or give dag="
            )
        self.dag = parent.dag
        if make_unique:
            free = unused(parent.child_id(group_id), self.dag.used_ids)
            group_id = free.removeprefix(parent.child_id(""))
        self._group_id = group_id
        self.default_args = {**parent.default_args, **self.default_args}
        self.parent_group = parent
        parent.add(self)

    @classmethod
    def create_root(cls, dag: Any) -> "TaskGroup":
        """Return the group that holds all of a DAG; it has no id."""
        return cls(group_id=None, dag=dag)

    # Names

    @property
    def is_root(self) -> bool:
        """Say whether this is the group that stands for the whole DAG."""
        return self._group_id is None

    @property
    def group_id(self) -> str | None:
        """Return the id with those of the parents in front; None for the root."""
        if self.parent_group is None or self._group_id is None:
            return self._group_id
        return self.parent_group.child_id(self._group_id)

    @property
    def node_id(self) -> str | None:
        """Return the id."""
        return self.group_id

    @property
    def label(self) -> str | None:
        """Return the name that people see: by default the one inside the parent."""
        return self.group_display_name or self._group_id

    @property
    def dag_id(self) -> str:
        """Return the id of the DAG."""
        return str(self.dag.dag_id)

    @property
    def task_group(self) -> "TaskGroup | None":
        """Return the group around this one."""
        return self.parent_group

    def child_id(self, label: str) -> str:
        """Return the full id of something that is called `label` in here."""
        return f"{self.group_id}.{label}" if self.prefix_group_id and self.group_id else label

    # Contents

    def add(self, node: Any) -> Any:
        """Put a task or a group into this group; return it.

        Raises:
            TaskAlreadyInTaskGroup: it is in another one.
            DuplicateTaskIdFound: its id is taken.
        """
        known = node.parent_group if isinstance(node, TaskGroup) else node.task_group
        if known is not None and known is not self:
            raise TaskAlreadyInTaskGroup(node.node_id, known.group_id, self.group_id or "")
        self._claim(node)
        self.children[node.node_id] = node
        if not isinstance(node, TaskGroup):
            node.task_group = self
        return node

    def _claim(self, node: Any) -> None:
        twin = self.children.get(node.node_id)
        if twin is None and self.dag is not None:
            twin = self.dag.used_ids.get(node.node_id)
        if twin is not None and twin is not node:
            place = f"DAG {self.dag.dag_id!r}" if self.dag else f"group {self.group_id!r}"
            raise DuplicateTaskIdFound(
                f"{place} already has {_described(twin)}; give {_described(node)} another id"
            )
        if self.dag is not None:
            self.dag.used_ids[node.node_id] = node

    def iter_tasks(self) -> Iterator[Any]:
        """Yield the tasks in here and in the groups in here."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child.iter_tasks()
            else:
                yield child

    def __iter__(self) -> Iterator[Any]:
        return self.iter_tasks()

    def iter_mapped_task_groups(self) -> Iterator["MappedTaskGroup"]:
        """Yield the mapped groups that this is or is in, the innermost first."""
        return self.parent_group.iter_mapped_task_groups() if self.parent_group else iter(())

    def get_closest_mapped_task_group(self) -> "MappedTaskGroup | None":
        """Return the innermost mapped group that this is or is in, None if there is none."""
        return next(self.iter_mapped_task_groups(), None)

    def has_task(self, task: Any) -> bool:
        """Say whether `task` is in here or in a group in here."""
        return any(task is one for one in self.iter_tasks())

    def get_child_by_label(self, label: str) -> Any:
        """Return the task or group that is called `label` in here."""
        return self.children[self.child_id(label)]

    def get_task_group_dict(self) -> dict[str | None, "TaskGroup"]:
        """Return this group and all groups in it, by id."""
        groups: dict[str | None, TaskGroup] = {self.group_id: self}
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                groups |= child.get_task_group_dict()
        return groups

    # Arrows

    def get_roots(self) -> Iterator[Any]:
        """Yield the tasks in here that wait for nothing in here."""
        inside = {task.task_id for task in self.iter_tasks()}
        return (task for task in self.iter_tasks() if not task.upstream_task_ids & inside)

    def get_leaves(self) -> Iterator[Any]:
        """Yield the tasks in here that nothing in here waits for.

        A teardown at the end is no leaf, what comes before it is: nobody waits for cleaning up.
        """
        inside = {task.task_id: task for task in self.iter_tasks()}
        for task in inside.values():
            if task.downstream_task_ids & inside.keys():
                continue
            if task.is_teardown:
                yield from _before_teardown(task, inside)
            else:
                yield task

    @property
    def roots(self) -> list[Any]:
        """Return the tasks that an arrow into the group reaches."""
        return list(self.get_roots())

    @property
    def leaves(self) -> list[Any]:
        """Return the tasks from which an arrow out of the group starts."""
        return list(self.get_leaves())

    def update_relative(
        self,
        other: Any,
        upstream: bool = True,
        edge_modifier: Any = None,  # noqa: ARG002 - part of the contract
    ) -> None:
        """Remember that the group as a whole is linked with `other`."""
        if isinstance(other, TaskGroup):
            groups = self.upstream_group_ids if upstream else self.downstream_group_ids
            groups.add(other.group_id)
            return
        ids = self.upstream_task_ids if upstream else self.downstream_task_ids
        ids.update(task.task_id for task in (other.leaves if upstream else other.roots))

    # The scope

    def __enter__(self) -> "TaskGroup":
        scope.enter_group(self)
        return self

    def __exit__(self, *_: object) -> None:
        scope.leave_group()

    def as_setup(self) -> NoReturn:
        """Complain: only tasks can be setups.

        Raises:
            AirflowException: always.
        """
        raise AirflowException(
            f"task group {self.group_id!r} cannot be a setup or teardown; mark the tasks in it"
        )

    def as_teardown(self, **_: Any) -> NoReturn:
        """Complain, as `as_setup` does."""
        self.as_setup()

    def __repr__(self) -> str:
        return f"<TaskGroup: {self.group_id}>"


def _before_teardown(teardown: Any, inside: dict[str, Any]) -> Iterator[Any]:
    """Yield the work tasks that end where a teardown begins, looking through other teardowns.

    A setup before it is none of them, and neither is a task that other work waits for.
    """
    for task_id in sorted(teardown.upstream_task_ids & inside.keys()):
        task = inside[task_id]
        if task.is_teardown:
            yield from _before_teardown(task, inside)
        elif not task.is_setup and all(
            inside[after].is_teardown
            for after in task.downstream_task_ids & inside.keys() - {teardown.task_id}
        ):
            yield task


def _described(node: Any) -> str:
    if isinstance(node, TaskGroup):
        return f"a task group {node.node_id!r}"
    return f"a task {node.node_id!r} ({type(node).__name__})"
