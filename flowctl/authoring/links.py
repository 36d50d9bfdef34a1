"""How are many tasks linked at once?"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from flowctl.authoring.dependencies import DependencyMixin
from flowctl.authoring.exceptions import AirflowException


def chain(*tasks: Any) -> None:
    """Link each argument with the next; two neighbouring lists are linked item by item.

    Raises:
        TypeError: an argument is neither a task or the like nor a list.
        AirflowException: two neighbouring lists differ in length.
    """
    for before, after in pairwise(tasks):
        one_before, one_after = (isinstance(end, DependencyMixin) for end in (before, after))
        if one_before:
            before.set_downstream(after)
        elif one_after:
            after.set_upstream(before)
        elif not (isinstance(before, Sequence) and isinstance(after, Sequence)):
            raise TypeError(
                f"chain takes tasks, groups and lists of them, not {type(before).__name__}"
                f" and {type(after).__name__}"
            )
        elif len(before) != len(after):
            raise AirflowException(
                f"chain: a list of {len(before)} stands beside a list of {len(after)};"
                " neighbouring lists must be equally long"
            )
        else:
            for up, down in zip(before, after, strict=True):
                up.set_downstream(down)


def chain_linear(*elements: Any) -> None:
    """Link every task of each argument with every task of the next.

    Raises:
        ValueError: there are fewer than two arguments.
    """
    if len(elements) < 2:
        raise ValueError("chain_linear links nothing: it needs at least two arguments")
    for before, after in pairwise(elements):
        for up in [before] if isinstance(before, DependencyMixin) else before:
            up.set_downstream(after)


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Link every one of `from_tasks` with every one of `to_tasks`."""
    for task in from_tasks:
        task.set_downstream(to_tasks)
