"""What may a run be given as parameters, and is a given value allowed?

A `Param` is a default with a JSON schema; a `ParamsDict` holds them by name and shows their values.
"""

import copy
from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from contextlib import suppress
from typing import Any, ClassVar

from flowctl.authoring.exceptions import AirflowException, ParamValidationError
from flowctl.authoring.json_schema import problem
from flowctl.authoring.resolving import ResolveMixin
from flowctl.authoring.settings import NOTSET, is_set


class Param:
    """A parameter: its default, what it is for, and as keywords its JSON schema.

    Raises:
        ParamValidationError: the default does not fit, checked when the value is first needed.
    """

    CLASS_IDENTIFIER: ClassVar[str] = "__class"

    def __init__(
        self, default: Any = NOTSET, description: str | None = None, **kwargs: Any
    ) -> None:
        self.value = default
        self.description = description
        self.schema: dict[str, Any] = kwargs.pop("schema") if "schema" in kwargs else kwargs

    @property
    def has_value(self) -> bool:
        """Say whether there is a value other than None."""
        return is_set(self.value) and self.value is not None

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """Take `value` as the new one if it is given, and return the value.

        Raises:
            ParamValidationError: there is no value, or it does not fit the schema. With
                `suppress_exception` the answer is None instead.
        """
        taken = value if is_set(value) else self.value
        wrong = (
            "it has no value and no default" if not is_set(taken) else problem(taken, self.schema)
        )
        if wrong:
            if suppress_exception:
                return None
            raise ParamValidationError(wrong)
        self.value = taken
        return taken

    def dump(self) -> dict[str, Any]:
        """Return value, description, schema and the name of the class as one dict."""
        value = self.value if is_set(self.value) else None
        kind = f"{type(self).__module__}.{type(self).__name__}"
        return {self.CLASS_IDENTIFIER: kind, **self.__dict__, "value": value}

    def __copy__(self) -> "Param":
        """Return one of the same class, so that a subclass keeps what it adds."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        return new

    def __repr__(self) -> str:
        return f"Param({self.value!r})"


class ParamsDict(MutableMapping[str, Any]):
    """Params by name. Reading gives values; a plain value that is set becomes a `Param`."""

    def __init__(
        self, dict_obj: Mapping[str, Any] | None = None, suppress_exception: bool = False
    ) -> None:
        self.suppress_exception = suppress_exception
        self._params: dict[str, Param] = {}
        source = dict_obj._params if isinstance(dict_obj, ParamsDict) else dict_obj or {}
        for name, value in source.items():
            self._params[name] = value if isinstance(value, Param) else Param(value)

    def __getitem__(self, key: str) -> Any:
        return self._params[key].resolve(suppress_exception=self.suppress_exception)

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, Param):
            self._params[key] = value
        elif key in self._params:
            self._params[key] = copy.copy(self._params[key])
            try:
                self._params[key].resolve(value, self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"param {key!r}: {error}") from None
        else:
            self._params[key] = Param(value)

    def __delitem__(self, key: str) -> None:
        del self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, key: object) -> bool:
        return key in self._params

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParamsDict):
            return self.dump() == other.dump()
        return isinstance(other, dict) and self.dump() == other

    __hash__ = None  # type: ignore[assignment]  # as a dict

    def items(self) -> ItemsView[str, Any]:
        """Return names and `Param` objects."""
        return ItemsView(self._params)

    def values(self) -> ValuesView[Any]:
        """Return the `Param` objects."""
        return ValuesView(self._params)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over params or values; a value is checked against the schema that is there."""
        for source in (*args, kwargs):
            pairs = source._params if isinstance(source, ParamsDict) else dict(source)
            for name, value in pairs.items():
                self[name] = value

    def get_param(self, key: str) -> Param:
        """Return the `Param` itself."""
        return self._params[key]

    def dump(self) -> dict[str, Any]:
        """Return the values by name; None where one is missing or does not fit."""
        return {
            name: param.resolve(suppress_exception=True) for name, param in self._params.items()
        }

    def validate(self) -> dict[str, Any]:
        """Return the values by name, each checked against its schema.

        Raises:
            ParamValidationError: one has no value or does not fit; it is named.
        """
        checked = {}
        for name, param in self._params.items():
            try:
                checked[name] = param.resolve(suppress_exception=self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"param {name!r}: {error}") from None
        return checked

    def __copy__(self) -> "ParamsDict":
        params = {name: copy.copy(param) for name, param in self._params.items()}
        return ParamsDict(params, self.suppress_exception)

    def __deepcopy__(self, memo: Any) -> "ParamsDict":
        params = {name: copy.deepcopy(param, memo) for name, param in self._params.items()}
        return ParamsDict(params, self.suppress_exception)

    def __repr__(self) -> str:
        return repr({name: param.value for name, param in self._params.items()})


class DagParam(ResolveMixin):
    """The value that one run has for a param: from its conf, else the default, else the params."""

    def __init__(self, current_dag: Any, name: str, default: Any = NOTSET) -> None:
        if is_set(default):
            current_dag.params[name] = default
        self._name = name
        self._default = default

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Return nothing: a param needs no task."""
        return iter(())

    def resolve(self, context: Mapping[str, Any], *, include_xcom: bool = True) -> Any:  # noqa: ARG002 - part of the contract
        """Return the value in the run of `context`.

        Raises:
            AirflowException: there is none.
        """
        with suppress(KeyError):
            return context["dag_run"].conf[self._name]
        if is_set(self._default):
            return self._default
        with suppress(KeyError):
            return context["params"][self._name]
        raise AirflowException(f"the run was given no value for param {self._name!r}")


def process_params(own: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> ParamsDict:
    """Return the params of a DAG or task: its own on top of those of its `default_args`."""
    params = ParamsDict(defaults)
    params.update(ParamsDict(own))
    return params
