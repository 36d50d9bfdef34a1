"""Values in an operator's fields that are not known before the task runs, or never rendered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class ResolveMixin:
    """A value that is not known before the task runs, such as another task's result."""

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        """Return the (operator, key) pairs that the value needs."""
        raise NotImplementedError

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:
        """Return the value."""
        raise NotImplementedError


@dataclass(frozen=True)
class LiteralValue(ResolveMixin):
    """A value to be taken as it is, whatever marks it contains."""

    value: Any

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        return ()

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        return self.value


def literal(value: Any) -> LiteralValue:
    """Keep `value` from being rendered."""
    return LiteralValue(value)
