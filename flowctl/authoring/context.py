"""What does user code know while it runs, and how does it ask for it?

A `Context` is a mapping from Airflow's names to values. Most values are made when first asked for:
a task that never looks at its context pays for none of them. Which names there are, and how their
values are made, is known to who starts the code (`runner.context`), not here.
"""

import copy
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any

from flowctl.authoring.exceptions import AirflowException, RemovedInAirflow3Warning

LACKING = frozenset({"asset_state_store", "task_state_store"})
"""Names of Airflow 3.3 that code may ask for and that are not here."""

INSTEAD: Mapping[str, tuple[str, ...]] = {
    "conf": (),
    "execution_date": ("data_interval_start", "logical_date"),
    "next_ds": ("{{ data_interval_end | ds }}",),
    "next_ds_nodash": ("{{ data_interval_end | ds_nodash }}",),
    "next_execution_date": ("data_interval_end",),
    "prev_ds": (),
    "prev_ds_nodash": (),
    "prev_execution_date": (),
    "prev_execution_date_success": ("prev_data_interval_start_success",),
    "tomorrow_ds": (),
    "tomorrow_ds_nodash": (),
    "yesterday_ds": (),
    "yesterday_ds_nodash": (),
}
"""Deprecated names, and what to use for them. Source: Airflow 2.10's template reference."""


class AirflowContextDeprecationWarning(RemovedInAirflow3Warning):
    """A template or a task reads a name that Airflow 3 no longer has."""


class Context(MutableMapping[str, Any]):
    """What user code finds in its context; each of `makers` is called once, when first asked.

    Makers get the context itself; what else they need stands in `source`, which no name shows.
    Reading a deprecated name by key warns, once for each name; `items` and `values` never warn, as
    user code did not choose those names.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        makers: Mapping[str, Callable[["Context"], Any]] | None = None,
        source: Any = None,
        **more: Any,
    ) -> None:
        self._values: dict[str, Any] = {**(values or {}), **more}
        self._makers = makers or {}
        self.source = source
        self._deprecated = set(INSTEAD)

    def __getitem__(self, key: str) -> Any:
        if key in self._deprecated and key in self:
            self._deprecated.discard(key)
            warnings.warn(_deprecation(key), AirflowContextDeprecationWarning, stacklevel=2)
        return self.value(key)

    def value(self, key: str) -> Any:
        """Return the value of `key`, without a warning.

        Raises:
            KeyError: there is no such name.
        """
        if key in LACKING and key not in self:
            raise KeyError(
                f"flowctl has no {key} (yet); keep what the next try needs in a Variable or a file"
            )
        if key not in self._values:
            self._values[key] = self._makers[key](self)
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._deprecated.discard(key)
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._values.pop(key, None)
        self._makers = {name: maker for name, maker in self._makers.items() if name != key}

    def __contains__(self, key: object) -> bool:
        return key in self._values or key in self._makers

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*self._values, *self._makers))

    def __len__(self) -> int:
        return len(self._values.keys() | self._makers.keys())

    def items(self) -> Any:
        """Return all names with their values."""
        return {key: self.value(key) for key in self}.items()

    def values(self) -> Any:
        """Return all values."""
        return {key: self.value(key) for key in self}.values()

    def __copy__(self) -> "Context":
        new = Context(self._values, self._makers, self.source)
        new._deprecated = set(self._deprecated)
        return new

    def __repr__(self) -> str:
        return f"Context({', '.join(self)})"


def _deprecation(key: str) -> str:
    instead = " or ".join(repr(name) for name in INSTEAD[key])
    advice = f"; use {instead}" if instead else ""
    return f"the context name {key!r} is deprecated and gone in Airflow 3{advice}"


entered_contexts: list[Context] = []
"""Those of the tasks that are running in this process, the innermost last."""


class entered:
    """Make `context` the one that `get_current_context` returns, until the block ends."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def __enter__(self) -> None:
        entered_contexts.append(self.context)

    def __exit__(self, *_: object) -> None:
        entered_contexts.pop()


def get_current_context() -> Context:
    """Return the context of the task that is running.

    Raises:
        AirflowException: no task is running here.
    """
    if not entered_contexts:
        raise AirflowException(
            "get_current_context() has no answer here: no task is running;"
            " call it from the code of a task, not from the DAG file's top level"
        )
    return entered_contexts[-1]


def context_merge(context: MutableMapping[str, Any], *args: Any, **kwargs: Any) -> None:
    """Put more names into a context, as `dict.update` takes them; the context is changed."""
    for key, value in dict(*args, **kwargs).items():
        context[key] = value


def context_copy_partial(source: Context, keys: Container[str]) -> Context:
    """Return a context with only the names in `keys`, their values made when asked for."""
    copied = copy.copy(source)
    for key in [key for key in copied if key not in keys]:
        del copied[key]
    return copied


def context_get_outlet_events(context: Mapping[str, Any]) -> Any:
    """Return where a task says what it did to its outlets."""
    return context["outlet_events"]


def context_to_airflow_vars(
    context: Mapping[str, Any], in_env_var_format: bool = False
) -> dict[str, str]:
    """Return what names this attempt, to be handed on to a sub-process or another system.

    Args:
        context: the context of the task.
        in_env_var_format: name them AIRFLOW_CTX_DAG_ID instead of airflow.ctx.dag_id.
    """
    task, ti, dag_run = (context.get(name) for name in ("task", "task_instance", "dag_run"))
    return airflow_vars(
        in_env_var_format,
        dag_email=getattr(task, "email", None),
        dag_owner=getattr(task, "owner", None),
        dag_id=getattr(ti, "dag_id", None),
        task_id=getattr(ti, "task_id", None),
        execution_date=_logical_date(ti),
        try_number=getattr(ti, "try_number", None),
        dag_run_id=getattr(dag_run, "run_id", None),
    )


def _logical_date(ti: Any) -> Any:
    """Return the logical date, from a task instance of ours without loading pendulum for it."""
    return getattr(ti, "plain_logical_date", None) or getattr(ti, "execution_date", None)


_EXPORTED = (
    "dag_id",
    "task_id",
    "execution_date",
    "try_number",
    "dag_run_id",
    "dag_owner",
    "dag_email",
)

AIRFLOW_VAR_NAME_FORMAT_MAPPING = {
    f"AIRFLOW_CONTEXT_{name.upper()}": {
        "default": f"airflow.ctx.{name}",
        "env_var_format": f"AIRFLOW_CTX_{name.upper()}",
    }
    for name in _EXPORTED
}
"""How each name that is exported is written, for whoever reads them in a sub-process."""


def airflow_vars(in_env_var_format: bool, **found: Any) -> dict[str, str]:
    """Return what is known of an attempt under the names that Airflow exports."""
    return {
        f"AIRFLOW_CTX_{name.upper()}" if in_env_var_format else f"airflow.ctx.{name}": _text(value)
        for name, value in found.items()
        if value
    }


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return ",".join(value) if isinstance(value, list) else str(value)
