"""What stands in a DAG file for the result of a task that has not run yet?

Giving an `XComArg` to another task, also inside lists and dicts, makes that task wait for the one
it comes from. When the other task's fields are rendered, the value takes its place.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from flowctl.authoring import setup_scope
from flowctl.authoring.dependencies import DependencyMixin
from flowctl.authoring.exceptions import XComNotFound
from flowctl.authoring.resolving import ResolveMixin
from flowctl.authoring.settings import NOTSET, is_set
from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.core.spec import Length
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import xcom_transforms
else:
    xcom_transforms = Late("flowctl.authoring.xcom_transforms")


class XComArg(ResolveMixin, DependencyMixin):
    """The value that `operator` will have left under `key`."""

    def __init__(self, operator: Any, key: str = XCOM_RETURN_KEY) -> None:
        self.operator = operator
        self.key = key

    @property
    def roots(self) -> list[Any]:
        """Return the task."""
        return [self.operator]

    @property
    def leaves(self) -> list[Any]:
        """Return the task."""
        return [self.operator]

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Return the one task and key that the value needs."""
        yield self.operator, self.key

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[Any, str]]:
        """Yield the (task, key) pairs that `arg` needs; see `references`."""
        return references(arg)

    @staticmethod
    def apply_upstream_relationship(op: Any, arg: Any) -> None:
        """Make `op` wait for all tasks that `arg` needs."""
        for operator, _ in references(arg):
            op.set_upstream(operator)

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        """Return what the task left in the run of `context`; a task may leave no return value.

        Raises:
            XComNotFound: it left nothing under the key.
        """
        ti = context["ti"]
        shared = _shared_group(self.operator, context.get("task", self.operator))
        value = ti.xcom_pull(
            task_ids=self.operator.task_id,
            key=self.key,
            default=NOTSET,
            map_indexes=ti.map_index if shared and ti.map_index >= 0 else None,
        )
        if is_set(value):
            return value
        if self.key == XCOM_RETURN_KEY or getattr(self.operator, "multiple_outputs", False):
            return None
        raise XComNotFound(context["ti"].dag_id, self.operator.task_id, self.key)

    def __getitem__(self, item: str) -> "XComArg":
        if not isinstance(item, str):
            raise ValueError(
                f"{self}[{item!r}]: the result of a task is not known before it ran; only a text"
                " key is possible here, which needs multiple_outputs"
            )
        return XComArg(self.operator, item)

    def __iter__(self) -> NoReturn:
        raise TypeError(
            f"the result of task {self.operator.task_id!r} is not known before it ran, so the DAG"
            " file cannot loop over it"
        )

    def __len__(self) -> NoReturn:
        raise TypeError(
            f"the result of task {self.operator.task_id!r} is not known before it ran, so it has"
            " no length here"
        )

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, XComArg) and self.operator is other.operator
        return same and self.key == other.key  # type: ignore[attr-defined]  # checked above

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __str__(self) -> str:
        """Return the template that gives the value, so that an f-string works."""
        dag = self.operator.get_dag()
        place = f"task_ids='{self.operator.task_id}'" + (f", dag_id='{dag.dag_id}'" if dag else "")
        return f"{{{{ task_instance.xcom_pull({place}, key='{self.key}') }}}}"

    def __repr__(self) -> str:
        key = "" if self.key == XCOM_RETURN_KEY else f", {self.key!r}"
        return f"XComArg({self.operator!r}{key})"

    # What others are mapped over

    @property
    def length(self) -> Length:
        """Return into how many instances a task is expanded that is mapped over this."""
        return Length("result", task_id=self.operator.task_id)

    def map(self, f: Any) -> "XComArg":
        """Have each element go through the function `f` first.

        A task instance whose element makes it raise AirflowSkipException is skipped.
        """
        self._check_whole("map")
        return xcom_transforms.MapXComArg(self, [f])

    def zip(self, *others: "XComArg", fillvalue: Any = NOTSET) -> "XComArg":
        """Combine the elements with those of other results, as tuples.

        Args:
            others: the other results.
            fillvalue: what stands in for elements that a shorter result lacks; without it, the
                shortest decides how many tuples there are.
        """
        self._check_whole("zip")
        return xcom_transforms.ZipXComArg([self, *others], fillvalue=fillvalue)

    def concat(self, *others: "XComArg") -> "XComArg":
        """Add the elements of other results behind those of this one."""
        self._check_whole("concat")
        return xcom_transforms.ConcatXComArg(self, *others)

    def _check_whole(self, method: str) -> None:
        if getattr(self, "key", XCOM_RETURN_KEY) != XCOM_RETURN_KEY:
            raise ValueError(
                f"{self!r}.{method}(): only the whole result of a task can be mapped over, not what"
                f" it left as {self.key!r}"
            )

    # Setup and teardown: what holds for the tasks that the value comes from

    @property
    def is_setup(self) -> bool:
        """Say whether the task is a setup task."""
        return bool(self.operator.is_setup)

    @property
    def is_teardown(self) -> bool:
        """Say whether the task is a teardown."""
        return bool(self.operator.is_teardown)

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Say whether the failure of the task, a teardown, fails the run."""
        return bool(self.operator.on_failure_fail_dagrun)

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        self.operator.on_failure_fail_dagrun = value

    def as_setup(self) -> "XComArg":
        """Make the tasks setup tasks; return this."""
        for operator, _ in self.iter_references():
            operator.as_setup()
        return self

    def as_teardown(self, **options: Any) -> "XComArg":
        """Make the tasks teardowns; return this. Takes what a task's `as_teardown` takes."""
        for operator, _ in self.iter_references():
            operator.as_teardown(**options)
        return self

    def __enter__(self) -> type[setup_scope.SetupTeardownContext]:
        return setup_scope.open_block([self])

    def __exit__(self, *_: object) -> None:
        setup_scope.close_block()


PlainXComArg = XComArg


def _shared_group(operator: Any, task: Any) -> bool:
    """Say whether two tasks are in the same mapped group, so that one index is both's."""
    group = operator.get_closest_mapped_task_group()
    other = task.get_closest_mapped_task_group()
    return group is not None and other is not None and group.group_id == other.group_id


def references(arg: Any) -> Iterator[tuple[Any, str]]:
    """Yield the (task, key) pairs that `arg` needs, also inside collections and objects."""
    yield from _references(arg, set())


def _references(arg: Any, seen: set[int]) -> Iterator[tuple[Any, str]]:
    if isinstance(arg, str | int | float | bytes) or arg is None or id(arg) in seen:
        return
    seen.add(id(arg))
    if isinstance(arg, ResolveMixin):
        yield from arg.iter_references()
    elif isinstance(arg, tuple | list | set):
        for item in arg:
            yield from _references(item, seen)
    elif isinstance(arg, dict):
        for item in arg.values():
            yield from _references(item, seen)
    elif not isinstance(arg, DependencyMixin):
        for field in getattr(arg, "template_fields", None) or ():
            yield from _references(getattr(arg, field, None), seen)
