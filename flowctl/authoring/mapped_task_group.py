"""A group of tasks that becomes several when its run knows how many."""

from collections.abc import Iterator
from typing import Any

from flowctl.authoring.rule_names import ASKS_NOTHING
from flowctl.authoring.task_group import TaskGroup


class MappedTaskGroup(TaskGroup):
    """A group whose tasks are expanded together; made by `expand` of a `@task_group` function.

    Inside, a task waits for its own index of the others only.
    """

    def __init__(self, *, expand_input: Any, **options: Any) -> None:
        super().__init__(**options)
        self.expand_input = expand_input
        outer = self.parent_group.get_closest_mapped_task_group() if self.parent_group else None
        if outer is not None:
            raise NotImplementedError(
                f"task group {self.group_id!r} is expanded in the mapped task group"
                f" {outer.group_id!r}; one cannot be expanded in another"
            )

    def iter_mapped_task_groups(self) -> Iterator["MappedTaskGroup"]:
        """Yield this."""
        yield self

    def iter_mapped_dependencies(self) -> Iterator[Any]:
        """Yield the tasks whose results it is mapped over."""
        return (operator for operator, _ in self.expand_input.iter_references())

    def __exit__(self, *error: object) -> None:
        for task in self.iter_tasks():
            if task.trigger_rule in ASKS_NOTHING:
                raise ValueError(
                    f"task {task.task_id!r} with the trigger rule 'always' would not wait for what"
                    f" its task group {self.group_id!r} is mapped over; choose another rule"
                )
        for operator in self.iter_mapped_dependencies():
            self.set_upstream(operator)
        super().__exit__(*error)
