"""`@asset` and `@asset.multi`: a function that makes data becomes an asset, a DAG and its task.

The arguments of the function that have no default are names of assets: they become inlets of the
task, and the function gets them as assets. `self` is the asset itself, `context` the context, and
`outlet_events` what it says of its outlets.

Source: Airflow 3.3's decorators.
"""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from flowctl.authoring.asset_events import described
from flowctl.authoring.assets import Asset, AssetAll, BaseAsset
from flowctl.authoring.dag import DAG
from flowctl.authoring.ports import AssetQuery
from flowctl.authoring.settings import NOTSET
from flowctl.authoring.taskflow import TaskFactory
from flowctl.operators.python import PythonOperator

NOT_INLETS = ("self", "context", "outlet_events")
DAG_OPTIONS = (
    "is_paused_upon_creation",
    "dag_display_name",
    "description",
    "params",
    "on_success_callback",
    "on_failure_callback",
    "access_control",
    "owner_links",
    "tags",
)


class _AssetOperator(PythonOperator):
    """The task of a function decorated with `@asset`."""

    custom_operator_name = "@asset"

    def __init__(self, *, definition_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.definition_name = definition_name

    def execute(self, context: Any) -> Any:
        """Find the assets that the function names, and call it."""
        self.op_kwargs = dict(self._arguments(context))
        return super().execute(context)

    def _arguments(self, context: Any) -> Iterator[tuple[str, Any]]:
        for name, parameter in inspect.signature(self.python_callable).parameters.items():
            if parameter.default is not parameter.empty:
                yield name, parameter.default
            elif name == "context":
                yield name, context
            elif name == "outlet_events":
                yield name, context["outlet_events"]
            else:
                wanted = self.definition_name if name == "self" else name
                yield name, described(AssetQuery(name=wanted))


class AssetDefinition(Asset):
    """The asset that a decorated function makes; used like any other."""

    def __init__(self, function: Callable[..., Any], source: "asset") -> None:
        name = source.name or function.__name__
        super().__init__(
            name,
            source.uri,
            group=source.group,
            extra=source.extra,
            watchers=source.watchers,
        )
        with source.dag(name, function):
            _make_task(function, name, [self])


class MultiAssetDefinition(AssetAll):
    """All assets that a decorated function makes; used like a condition over them."""

    def __init__(self, function: Callable[..., Any], source: "_Multi") -> None:
        super().__init__(*source.outlets)
        self.name = function.__name__
        with source.dag(self.name, function):
            _make_task(function, self.name, list(source.outlets))


def _make_task(function: Any, name: str, outlets: list[BaseAsset]) -> None:
    if isinstance(function, TaskFactory):  # decorated with @task: it keeps its operator
        function.override(outlets=outlets)()
        return
    _AssetOperator(
        task_id=function.__name__,
        python_callable=function,
        definition_name=name,
        inlets=[Asset.ref(name=one) for one in _inlets(function)],
        outlets=outlets,
    )


def _inlets(function: Callable[..., Any]) -> Iterator[str]:
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"@asset function {function.__name__!r} cannot take {parameter}")
        if name not in NOT_INLETS and parameter.default is parameter.empty:
            yield name


class _Source:
    """What `@asset` and `@asset.multi` are told of their DAG."""

    def __init__(self, schedule: Any = NOTSET, dag_id: str | None = None, **options: Any) -> None:
        unknown = sorted(set(options) - set(DAG_OPTIONS))
        if unknown:
            known = ", ".join(("schedule", "dag_id", *DAG_OPTIONS))
            raise TypeError(f"@asset does not take {unknown[0]!r}; it takes {known}")
        if schedule is NOTSET:
            raise TypeError("@asset needs schedule=; None makes it only when somebody asks for it")
        self._schedule, self._dag_id, self._options = schedule, dag_id, options

    def dag(self, default_id: str, function: Any) -> DAG:
        """Return the DAG."""
        return DAG(
            self._dag_id or default_id,
            schedule=self._schedule,
            catchup=False,
            full_filepath=inspect.unwrap(function).__code__.co_filename,
            **self._options,
        )


class _Multi(_Source):
    """`@asset.multi(schedule=..., outlets=[...])`: a function that makes several assets."""

    def __init__(self, *, outlets: Collection[BaseAsset] = (), **options: Any) -> None:
        super().__init__(**options)
        if not outlets:
            raise ValueError("@asset.multi needs outlets=, the assets that the function makes")
        self.outlets = tuple(outlets)

    def __call__(self, function: Callable[..., Any]) -> MultiAssetDefinition:
        """Decorate a function."""
        return MultiAssetDefinition(function, self)


class asset(_Source):
    """`@asset(schedule=...)`: an asset that is called like its function unless `name` is given."""

    multi = _Multi

    def __init__(
        self,
        *,
        name: str | None = None,
        uri: Any = None,
        group: str | None = None,
        extra: Mapping[str, Any] | None = None,
        watchers: Collection[Any] = (),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.name, self.uri, self.group = name, uri, group
        self.extra, self.watchers = dict(extra or {}), list(watchers)

    def __call__(self, function: Callable[..., Any]) -> AssetDefinition:
        """Decorate a function."""
        return AssetDefinition(function, self)
