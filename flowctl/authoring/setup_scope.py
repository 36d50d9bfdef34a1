"""Which tasks stand inside `with setup_task:` or `with teardown_task:`, and how are they linked?

A work task made inside comes after the setup task and before the teardown. When the block ends, the
tasks at its edges are linked: the first ones with the setup, the last ones with the teardown, and
both with the partner (the teardown after this setup, the setup before this teardown) where there
is one. Blocks inside each other put the inner setup after the outer, the inner teardown before.

Source: Airflow 2.10.5, whose edges for many shapes are in `tests/authoring/data/setups.json`. As
there, the end of a block inside another closes the outer one of the other kind as well, and tasks
made in the outer block after that are linked by hand only.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flowctl.authoring.exceptions import AirflowException

Tasks = list[Any]


class _Open:
    """The open blocks of one kind, the innermost last; each holds one task or several."""

    def __init__(self) -> None:
        self.blocks: list[Tasks] = []

    @property
    def current(self) -> Tasks:
        """Return the tasks of the innermost block."""
        return self.blocks[-1] if self.blocks else []

    def push(self, tasks: Tasks) -> None:
        """Open a block; an empty or equal one is replaced."""
        if self.blocks and self.current in ([], tasks):
            self.blocks[-1] = tasks
        else:
            self.blocks.append(tasks)

    def pop(self) -> tuple[Tasks, Tasks]:
        """Close the innermost block; return its tasks and those of the one around it."""
        return (self.blocks.pop() if self.blocks else []), self.current


_setups = _Open()
_teardowns = _Open()
_setups_before = _Open()  # found before the teardowns of the blocks
_teardowns_after = _Open()  # found after the setups of the blocks
_inside: dict[tuple[str, ...], Tasks] = {}  # by the ids of the tasks of a block
_is_active = False


class SetupTeardownContext:
    """What `with setup_task as scope:` gives: a way to take in tasks that were made before."""

    @staticmethod
    def add_task(task: Any) -> None:
        """Take in a task, or the result of one.

        Raises:
            AirflowException: no block is open.
        """
        if not _is_active:
            raise AirflowException(
                f"task {_task(task).task_id!r} can be added inside `with setup_task:` only"
            )
        enter(_task(task))


def _task(one: Any) -> Any:
    return getattr(one, "operator", one)


def enter(task: Any) -> None:
    """Take notice of a new task; it is inside the innermost setup block and teardown block."""
    if not _is_active or task.is_setup or task.is_teardown:
        return
    for block in (_setups.current, _teardowns.current):
        if block:
            _inside.setdefault(_key(block), []).append(task)


def _key(tasks: Tasks) -> tuple[str, ...]:
    return tuple(task.task_id for task in tasks)


def open_block(tasks: Sequence[Any]) -> type[SetupTeardownContext]:
    """Open the block of one or several setup tasks, or of one or several teardowns.

    Raises:
        AirflowException: a task is neither.
        ValueError: they are of both kinds.
    """
    global _is_active
    block = [_task(one) for one in tasks]
    for task in block:
        if not task.is_setup and not task.is_teardown:
            raise AirflowException(
                f"`with` takes setup and teardown tasks; {task.task_id!r} is neither, mark it by"
                " as_setup() or as_teardown()"
            )
    if any(task.is_setup != block[0].is_setup for task in block):
        forget()
        raise ValueError(
            f"`with` takes setup tasks or teardown tasks, not both: {', '.join(_key(block))}"
        )
    if block[0].is_setup:
        _setups.push(block)
        _teardowns_after.push(_nearest(block[0], "is_teardown", "downstream_list"))
    else:
        _teardowns.push(block)
        _setups_before.push(_nearest(block[0], "is_setup", "upstream_list"))
    _is_active = True
    return SetupTeardownContext


def _nearest(task: Any, kind: str, first_step: str) -> Tasks:
    """Return the tasks of a kind that are nearest to `task`, searched level by level."""
    level: Tasks = list(getattr(task, first_step))
    seen = {task.task_id}
    while level:
        found = [one for one in level if getattr(one, kind)]
        if found:
            return found
        seen.update(_key(level))
        around = [near for one in level for near in one.downstream_list + one.upstream_list]
        level = [one for one in around if one.task_id not in seen]
    return []


def close_block() -> None:
    """Close the innermost blocks: link what is inside."""
    global _is_active
    if _setups.current:
        _link_inside(
            _setups.current,
            lambda first: _link(_setups.current, first),
            lambda last: _link(_teardowns.current or last, _teardowns_after.current),
        )
    if _teardowns.current:
        _link_inside(
            _teardowns.current,
            lambda first: _link(_setups_before.current, _setups.current or first),
            lambda last: _link(last, _teardowns.current),
        )
    for opened, is_setup in ((_setups, True), (_teardowns, False)):
        inner, outer = opened.pop()
        _inside.pop(_key(inner), None)
        _link(*((outer, inner) if is_setup else (inner, outer)))
    _link(*_teardowns_after.pop())
    inner, outer = _setups_before.pop()
    _link(outer, inner)
    _is_active = False


def _link_inside(
    block: Tasks, link_first: Callable[[Tasks], None], link_last: Callable[[Tasks], None]
) -> None:
    """Link the work tasks of a block that have no neighbour of their own on a side."""
    tasks = [
        one for one in _inside.get(_key(block), ()) if not one.is_setup and not one.is_teardown
    ]
    if not tasks:
        return
    link_first([one for one in tasks if not one.upstream_task_ids] or tasks[:1])
    link_last([one for one in tasks if not one.downstream_task_ids] or tasks[-1:])


def _link(befores: Iterable[Any], afters: Iterable[Any]) -> None:
    for before in befores:
        for after in afters:
            before.set_downstream(after)


def forget() -> None:
    """Close all blocks without linking anything, as after an error."""
    global _is_active
    for opened in (_setups, _teardowns, _setups_before, _teardowns_after):
        opened.blocks.clear()
    _inside.clear()
    _is_active = False


class ContextWrapper(list[Any]):
    """Several setup tasks, or several teardowns, for one `with`."""

    def __enter__(self) -> type[SetupTeardownContext]:
        return open_block(self)

    def __exit__(self, *_: object) -> None:
        close_block()


context_wrapper = ContextWrapper
