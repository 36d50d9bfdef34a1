"""What makes a task a setup or a teardown?

A setup prepares what the tasks after it need; its teardown removes that, however they ended.
"""

from collections.abc import Iterable
from typing import Any, Self

from flowctl.authoring import scope, setup_scope
from flowctl.authoring.dependencies import DependencyMixin
from flowctl.authoring.rule_names import TriggerRule
from flowctl.authoring.settings import NOTSET, is_set


class SetupTeardown(DependencyMixin):
    """A task that may be a setup or a teardown, and that may stand behind `with`."""

    task_id: str
    _dag: Any
    trigger_rule: str
    _is_setup = False
    _is_teardown = False
    _on_failure_fail_dagrun = False

    @property
    def is_setup(self) -> bool:
        """Say whether it prepares something that a teardown removes again."""
        return self._is_setup

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        if value and self._is_teardown:
            raise ValueError(f"{_named(self)} is a teardown; it cannot be a setup as well")
        self._is_setup = value

    @property
    def is_teardown(self) -> bool:
        """Say whether it removes what setup tasks prepared, however the work between them ended."""
        return self._is_teardown

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        if value and self._is_setup:
            raise ValueError(f"{_named(self)} is a setup; it cannot be a teardown as well")
        self._is_teardown = value

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Say whether the failure of this teardown fails the run."""
        return self._on_failure_fail_dagrun

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        if value and not self._is_teardown:
            raise ValueError(
                f"on_failure_fail_dagrun is for teardowns; {_named(self)} is none, its failure"
                " counts as that of any task"
            )
        self._on_failure_fail_dagrun = value

    def as_setup(self) -> Self:
        """Make this a setup task; return it."""
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = NOTSET, on_failure_fail_dagrun: bool = NOTSET) -> Self:
        """Make this a teardown; return it.

        Args:
            setups: one task or several; they become setup tasks that this comes after.
            on_failure_fail_dagrun: see the property.
        """
        self.is_teardown = True
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if is_set(on_failure_fail_dagrun):
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        if is_set(setups):
            several: Iterable[Any] = [setups] if isinstance(setups, DependencyMixin) else setups
            for setup in several:
                setup.as_setup()
                setup.set_downstream(self)
        return self

    def __enter__(self) -> type[setup_scope.SetupTeardownContext]:
        return setup_scope.open_block([self])

    def __exit__(self, *_: object) -> None:
        setup_scope.close_block()


def _named(task: SetupTeardown) -> str:
    return scope.in_words("task", task.task_id, task._dag)
