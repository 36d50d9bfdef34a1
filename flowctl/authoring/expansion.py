"""Over which values is a task mapped, and which of them does the instance of an index get?

`expand(a=..., b=...)` gives each instance one combination of the elements; the index counts like a
number whose last digit is the last argument. `expand_kwargs(...)` gives each instance one dict.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.resolving import ResolveMixin
from flowctl.authoring.rule_names import ASKS_NOTHING
from flowctl.authoring.xcom import XCOM_RETURN_KEY
from flowctl.authoring.xcom_arg import XComArg, references
from flowctl.core import mapping
from flowctl.core.spec import Length


class Values(NamedTuple):
    """What one instance gets: by argument, and which of it no template may change."""

    kwargs: dict[str, Any]
    final: set[int]  # ids of values that other tasks left


class ArgumentLists:
    """The argument lists of `expand`."""

    def __init__(self, lists: dict[str, Any]) -> None:
        self.value = lists

    @property
    def length(self) -> Length:
        """Return into how many instances the task is expanded."""
        parts = tuple(_length(value) for value in self.value.values())
        return _simple(parts[0] if len(parts) == 1 else Length("product", parts=parts))

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Return the tasks whose results the lists are."""
        for value in self.value.values():
            if isinstance(value, XComArg):
                yield from value.iter_references()

    def resolve(self, context: Mapping[str, Any]) -> Values:
        """Return what the instance of the context gets."""
        lists = {
            name: value.resolve(context) if isinstance(value, ResolveMixin) else value
            for name, value in self.value.items()
        }
        rest, places = _index(context), dict.fromkeys(lists, 0)
        for name in reversed(lists):
            length = _checked_length(name, lists[name])
            rest, places[name] = divmod(rest, length)
        if rest:
            raise _no_such_index(context)
        kwargs = {name: _element(value, places[name]) for name, value in lists.items()}
        left = [name for name, value in self.value.items() if isinstance(value, ResolveMixin)]
        return Values(kwargs, {id(kwargs[name]) for name in left})


class ArgumentDicts:
    """The list of dicts of `expand_kwargs`."""

    def __init__(self, dicts: Any) -> None:
        self.value = dicts

    @property
    def length(self) -> Length:
        """Return into how many instances the task is expanded."""
        return _length(self.value)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Return the tasks whose results are needed: the list, dicts in it, or values in those."""
        yield from references(self.value)

    def resolve(self, context: Mapping[str, Any]) -> Values:
        """Return what the instance of the context gets.

        Raises:
            ValueError: what a task left is no list of dicts whose keys are texts.
        """
        found = self.value
        if isinstance(found, ResolveMixin):
            found = found.resolve(context)
            if not isinstance(found, Sequence) or isinstance(found, str):
                raise ValueError(f"expand_kwargs() takes a list of dicts, not {_named(found)}")
        index = _index(context)
        if index >= len(found):
            raise _no_such_index(context)
        kwargs = found[index]
        if isinstance(kwargs, ResolveMixin):
            kwargs = kwargs.resolve(context)
        if not isinstance(kwargs, Mapping):
            raise ValueError(f"expand_kwargs() takes a list of dicts, not one of {_named(kwargs)}")
        for name in kwargs:
            if not isinstance(name, str):
                raise ValueError(
                    f"expand_kwargs(): the keys of the dicts name arguments, {name!r} does not"
                )
        is_literal = not isinstance(self.value, ResolveMixin)
        final = {id(v) for v in kwargs.values() if not is_literal or isinstance(v, ResolveMixin)}
        return Values(dict(kwargs), final)


Expansion = ArgumentLists | ArgumentDicts


class MappedArgument(ResolveMixin):
    """What stands in a mapped task group for one of its arguments."""

    def __init__(self, expansion: Expansion, key: str) -> None:
        self._expansion = expansion
        self._key = key

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Return the tasks that the argument comes from."""
        return self._expansion.iter_references()

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        """Return the argument of the instance of the context.

        Raises:
            KeyError: the dict of this index lacks it.
        """
        return self._expansion.resolve(context).kwargs[self._key]

    def __iter__(self) -> NoReturn:
        raise TypeError(
            f"argument {self._key!r} of a mapped task group is not known before the tasks run, so"
            " the DAG file cannot loop over it; hand it to a task"
        )


def lists(where: str, given: dict[str, Any], rule: Any = None) -> ArgumentLists:
    """Return what `expand(**given)` maps over.

    Args:
        where: whose `expand` it is.
        given: the arguments.
        rule: the trigger rule of the task.

    Raises:
        TypeError: nothing is given.
        ValueError: an argument is no list, dict or result of a task; or the task would not wait
            for what it is mapped over.
    """
    if not given:
        raise TypeError(f"{where}: expand() has nothing to map over; give it arguments")
    for name, value in given.items():
        if not isinstance(value, ResolveMixin | Mapping | Sequence) or isinstance(value, str):
            raise ValueError(
                f"{where}: expand() cannot map over {name!r}, which is {_named(value)}; give it a"
                f" list, a dict or the result of a task, or use partial({name}=...)"
            )
    _check(where, given, rule)
    return ArgumentLists(given)


def dicts(where: str, given: Any, rule: Any = None) -> ArgumentDicts:
    """Return what `expand_kwargs(given)` maps over; see `lists`.

    Raises:
        TypeError: it is no list of dicts, and no result of a task.
        ValueError: the task would not wait for what it is mapped over.
    """
    is_list = isinstance(given, Sequence) and not isinstance(given, str)
    wrong = [one for one in given if not isinstance(one, XComArg | Mapping)] if is_list else [given]
    if wrong and not isinstance(given, XComArg):
        raise TypeError(
            f"{where}: expand_kwargs() takes a list of dicts or the result of a task, not"
            f" {_named(wrong[0])}"
        )
    _check(where, given, rule)
    return ArgumentDicts(given)


def _check(where: str, given: Any, rule: Any) -> None:
    for operator, key in references(given):
        if key != XCOM_RETURN_KEY:
            raise ValueError(
                f"{where}: {key!r} of task {operator.task_id!r} cannot be mapped over, only the"
                " whole result of a task can"
            )
        if rule in ASKS_NOTHING:
            raise ValueError(
                f"{where}: with the trigger rule 'always' it would not wait for the result of task"
                f" {operator.task_id!r}, which it is mapped over; choose another rule"
            )


def _length(value: Any) -> Length:
    return value.length if isinstance(value, XComArg) else Length(count=len(value))


def _simple(length: Length) -> Length:
    """Return a number where the length is known now."""
    count = mapping.known(length)
    return length if count is None else Length(count=count)


def _index(context: Mapping[str, Any]) -> int:
    index = int(context["ti"].map_index)
    if index < 0:
        raise AirflowException(
            f"task {context['ti'].task_id!r} is mapped; say which of its instances: --map-index N"
        )
    return index


def _no_such_index(context: Mapping[str, Any]) -> AirflowException:
    ti = context["ti"]
    return AirflowException(
        f"task {ti.task_id!r} has no instance {ti.map_index}: the list is shorter"
    )


def _checked_length(name: str, value: Any) -> int:
    if not isinstance(value, Mapping | Sequence) or isinstance(value, str):
        raise TypeError(f"argument {name!r} cannot be mapped over {_named(value)}")
    if not value:
        raise ValueError(f"argument {name!r} is mapped over nothing: it is empty")
    return len(value)


def _element(value: Any, index: int) -> Any:
    return list(value.items())[index] if isinstance(value, Mapping) else value[index]


def _named(value: Any) -> str:
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
