"""Results of tasks that are changed before another task is mapped over them: map, zip, concat."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flowctl.authoring.settings import NOTSET, is_set
from flowctl.authoring.xcom_arg import XComArg
from flowctl.core.spec import Length


class _Combined(XComArg):
    """Something made of other references."""

    def __init__(self, *args: XComArg) -> None:
        for arg in args:
            if not isinstance(arg, XComArg):
                raise TypeError(
                    f"only results of tasks can be combined with each other, not {arg!r};"
                    " a list is to be returned by a task first"
                )
        self.args = args

    @property
    def roots(self) -> list[Any]:
        """Return the tasks."""
        return [operator for operator, _ in self.iter_references()]

    leaves = roots

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Return the tasks and keys that the value needs."""
        for arg in self.args:
            yield from arg.iter_references()

    def __getitem__(self, item: str) -> XComArg:
        raise ValueError(f"{self!r}[{item!r}]: a combined result has no keys; use it as it is")

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return repr(self)

    def _values(self, context: Mapping[str, Any]) -> list[Sequence[Any]]:
        return [_listed(arg.resolve(context), type(self).__name__) for arg in self.args]


class MapXComArg(_Combined):
    """The elements of a result, each gone through functions."""

    def __init__(self, arg: XComArg, functions: Sequence[Callable[[Any], Any]]) -> None:
        super().__init__(arg)
        for function in functions:
            if hasattr(function, "operator_class"):
                raise ValueError(
                    f"map() takes a plain function; {function.__name__!r} is a task. Call"
                    f" {function.__name__}.expand(...) instead"
                )
            if not callable(function):
                raise ValueError(f"map() takes a function, not {function!r}")
        self.functions = tuple(functions)

    def map(self, f: Callable[[Any], Any]) -> "MapXComArg":
        """Apply one more function."""
        return MapXComArg(self.args[0], [*self.functions, f])

    @property
    def length(self) -> Length:
        """Return that of the result."""
        return self.args[0].length

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        """Return the elements; the functions are called when one is asked for."""
        return _Mapped(self._values(context)[0], self.functions)

    def __repr__(self) -> str:
        calls = "".join(f".map({getattr(f, '__name__', f)})" for f in self.functions)
        return f"{self.args[0]!r}{calls}"


class ZipXComArg(_Combined):
    """Tuples of the elements of several results."""

    def __init__(self, args: Sequence[XComArg], *, fillvalue: Any = NOTSET) -> None:
        super().__init__(*args)
        self.fillvalue = fillvalue

    @property
    def length(self) -> Length:
        """Return that of the shortest, or where there is something to fill in, of the longest."""
        kind = "longest" if is_set(self.fillvalue) else "shortest"
        return Length(kind, parts=tuple(arg.length for arg in self.args))  # type: ignore[arg-type]  # one of the two

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        """Return the tuples."""
        return _Zipped(self._values(context), self.fillvalue)

    def __repr__(self) -> str:
        rest = [repr(arg) for arg in self.args[1:]]
        filled = [f"fillvalue={self.fillvalue!r}"] if is_set(self.fillvalue) else []
        return f"{self.args[0]!r}.zip({', '.join(rest + filled)})"


class ConcatXComArg(_Combined):
    """The elements of several results, one after the other; of a dict its keys.

    Source: Airflow 2.10.5.
    """

    @property
    def length(self) -> Length:
        """Return the sum."""
        return Length("sum", parts=tuple(arg.length for arg in self.args))

    def concat(self, *others: XComArg) -> "ConcatXComArg":
        """Add more results."""
        return ConcatXComArg(*self.args, *others)

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        """Return the elements."""
        values = [arg.resolve(context) for arg in self.args]
        lists = [list(value) if isinstance(value, Mapping) else value for value in values]
        return _Concatenated([_listed(value, type(self).__name__) for value in lists])

    def __repr__(self) -> str:
        return f"{self.args[0]!r}.concat({', '.join(map(repr, self.args[1:]))})"


class _Lazy(Sequence[Any]):
    """A list whose elements are made when they are asked for."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._element(place) for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]  # negative ones, and an IndexError beyond the end
        return self._element(place)

    def _element(self, index: int) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return repr(list(self))


class _Mapped(_Lazy):
    def __init__(self, values: Sequence[Any], functions: Sequence[Callable[[Any], Any]]) -> None:
        self._values = values
        self._functions = functions

    def __len__(self) -> int:
        return len(self._values)

    def _element(self, index: int) -> Any:
        value = self._values[index]
        for function in self._functions:
            value = function(value)
        return value


class _Zipped(_Lazy):
    def __init__(self, values: Sequence[Sequence[Any]], fillvalue: Any) -> None:
        self._values = values
        self._fillvalue = fillvalue

    def __len__(self) -> int:
        lengths = [len(values) for values in self._values]
        return max(lengths) if is_set(self._fillvalue) else min(lengths)

    def _element(self, index: int) -> Any:
        return tuple(
            values[index] if index < len(values) else self._fillvalue for values in self._values
        )


class _Concatenated(_Lazy):
    def __init__(self, values: Sequence[Sequence[Any]]) -> None:
        self._values = values

    def __len__(self) -> int:
        return sum(len(values) for values in self._values)

    def _element(self, index: int) -> Any:
        for values in self._values:
            if index < len(values):
                return values[index]
            index -= len(values)
        raise IndexError(index)


def _listed(value: Any, what: str) -> Sequence[Any]:
    """Return a result as a list; a dict as one of pairs.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise ValueError(f"{what} needs a list or a dict, the task left a {type(value).__name__}")
