"""What may a task say of the assets that it updates, and learn of updates that others made?

`outlet_events[asset]` gathers what the task's own events will say; they are written with its
success. `inlet_events[asset]` and the triggering events are read when they are first looked at.

Source: Airflow 2.10.5's and 3.3.2's accessors.
"""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from flowctl.authoring import ports, serialization
from flowctl.authoring.assets import (
    Asset,
    AssetAlias,
    AssetNameRef,
    BaseAsset,
    Metadata,
    asset_of,
    event_key,
)
from flowctl.authoring.dag_run import DagRun, moment
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.ports import AssetEventRow, AssetQuery, XComQuery
from flowctl.core.assets import AssetSpec

if TYPE_CHECKING:
    import pendulum


class OutletEvent:
    """What the event of one asset, or the events through one alias, will say."""

    def __init__(self, key: Any) -> None:
        self.key = key
        self.extra: dict[str, Any] = {}
        self.added: list[tuple[AssetSpec, dict[str, Any]]] = []

    def add(self, asset: Any, extra: dict[str, Any] | None = None) -> None:
        """Update an asset through this alias; without an alias this does nothing, as in Airflow."""
        if isinstance(self.key, AssetAlias | str):
            self.added.append((_described(asset), extra or {}))


class OutletEvents(Mapping[Any, OutletEvent]):
    """`outlet_events`: by asset, alias, reference, or URI."""

    def __init__(self, outlets: Sequence[Any] = ()) -> None:
        self._uris = {one.name: one.uri for one in outlets if isinstance(one, Asset)}
        self._events: dict[str, OutletEvent] = {}

    def __getitem__(self, key: Any) -> OutletEvent:
        name = event_key(key)
        if isinstance(key, AssetNameRef):
            name = self._uris.get(name) or _described(key).uri
        return self._events.setdefault(name, OutletEvent(key))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def for_asset(self, *, name: str = "", uri: str = "") -> OutletEvent:
        """Return what the event of an asset will say."""
        return self[Asset(name, uri) if name and uri else Asset.ref(name=name, uri=uri)]

    def for_asset_alias(self, *, name: str) -> OutletEvent:
        """Return what the events through an alias will say."""
        return self[AssetAlias(name)]

    def take(self, said: Metadata) -> None:
        """Take in what a task yielded."""
        self[said.asset].extra.update(said.extra)
        if said.alias is not None:
            self[said.alias].add(said.asset, said.extra)

    def drain(self, generator: Generator[Any, None, Any], log: logging.Logger) -> Any:
        """Run a generator to its end, and take in what it yields; return its result."""
        while True:
            try:
                said = next(generator)
            except StopIteration as end:
                return end.value
            if isinstance(said, Metadata):
                self.take(said)
            else:
                log.warning("what was yielded is not Metadata, and is dropped: %r", said)


class AssetEvent:
    """One update of an asset that was recorded."""

    def __init__(self, row: AssetEventRow) -> None:
        self._row = row
        self.id = row.id
        self.uri = row.uri
        self.extra: dict[str, Any] = dict(row.extra)
        self.source_dag_id = row.source_dag_id
        self.source_run_id = row.source_run_id
        self.source_task_id = row.source_task_id
        self.source_map_index = row.source_map_index

    @cached_property
    def timestamp(self) -> "pendulum.DateTime | None":
        """Return when it was recorded."""
        return moment(self._row.at)

    @cached_property
    def asset(self) -> Asset:
        """Return the asset."""
        return asset_of(self._row.asset)

    @property
    def dataset(self) -> Asset:
        """Return the asset, by the name of 2.x."""
        return self.asset

    @property
    def source_aliases(self) -> list[AssetAlias]:
        """Return the aliases through which the asset was updated."""
        return [AssetAlias(name) for name in self._row.aliases]

    @cached_property
    def source_dag_run(self) -> DagRun | None:
        """Return the run that updated the asset; None for an update from outside."""
        row = self._row
        if row.source_run is None:
            return None
        return DagRun(row.source_run, str(row.source_dag_id), ports.current())

    @property
    def source_task_instance(self) -> "SourceTask | None":
        """Return the task instance that updated the asset; None for an update from outside."""
        return SourceTask(self._row) if self._row.source_task_id else None

    def __repr__(self) -> str:
        return f"AssetEvent(id={self.id}, uri={self.uri!r}, extra={self.extra!r})"


class SourceTask:
    """The task instance that updated an asset."""

    def __init__(self, row: AssetEventRow) -> None:
        self.dag_id, self.run_id = str(row.source_dag_id), str(row.source_run_id)
        self.task_id, self.map_index = str(row.source_task_id), row.source_map_index

    def xcom_pull(self, *, key: str = "return_value", default: Any = None) -> Any:
        """Return what it left under `key`."""
        query = XComQuery(self.dag_id, self.run_id, [self.task_id], [self.map_index], key)
        rows = ports.current().xcoms(query)
        return serialization.loads(rows[0].value) if rows else default


class InletEvents(Sequence[AssetEvent]):
    """The events of one asset or alias, the oldest first; asked for when first looked at."""

    def __init__(self, query: AssetQuery) -> None:
        self._query = query

    def after(self, moment: datetime | str) -> "InletEvents":
        """Leave out what was recorded before a moment."""
        return self._narrowed(after=_moment(moment))

    def before(self, moment: datetime | str) -> "InletEvents":
        """Leave out what was recorded from a moment on."""
        return self._narrowed(before=_moment(moment))

    def limit(self, number: int) -> "InletEvents":
        """Take only so many."""
        return self._narrowed(limit=number)

    def ascending(self, ascending: bool = True) -> "InletEvents":
        """Put the oldest first, or the newest."""
        return self._narrowed(newest_first=not ascending)

    def _narrowed(self, **changes: Any) -> "InletEvents":
        fields = {name: getattr(self._query, name) for name in self._query.__struct_fields__}
        return InletEvents(AssetQuery(**(fields | changes)))

    @cached_property
    def _events(self) -> list[AssetEvent]:
        return [AssetEvent(row) for row in ports.current().asset_events(self._query)]

    @overload
    def __getitem__(self, index: int) -> AssetEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AssetEvent]: ...
    def __getitem__(self, index: int | slice) -> AssetEvent | Sequence[AssetEvent]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return repr(self._events)


class InletEventsByInlet(Mapping[Any, InletEvents]):
    """`inlet_events`: by asset, alias, reference, URI, or place among the inlets."""

    def __init__(self, inlets: Sequence[Any]) -> None:
        self._inlets = inlets

    def __getitem__(self, key: Any) -> InletEvents:
        return InletEvents(query_of(self._inlet(key)))

    def _inlet(self, key: Any) -> Any:
        if isinstance(key, int):
            return self._inlets[key]
        wanted = {event_key(key), getattr(key, "name", event_key(key))}
        for one in (one for one in self._inlets if isinstance(one, BaseAsset)):
            if wanted & {event_key(one), getattr(one, "name", event_key(one))}:
                return one
        raise KeyError(f"{key!r} is not among the inlets of the task")

    def for_asset(self, *, name: str = "", uri: str = "") -> InletEvents:
        """Return the events of an asset."""
        return self[Asset(name, uri) if name and uri else Asset.ref(name=name, uri=uri)]

    def for_asset_alias(self, *, name: str) -> InletEvents:
        """Return the events through an alias."""
        return self[AssetAlias(name)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inlets)

    def __len__(self) -> int:
        return len(self._inlets)


class TriggeringEvents(Mapping[Any, list[AssetEvent]]):
    """The events that made this run due, by URI; in 3.x's way also by asset."""

    def __init__(self, run_pk: int) -> None:
        self._run_pk = run_pk

    @cached_property
    def _events(self) -> dict[str, list[AssetEvent]]:
        found: dict[str, list[AssetEvent]] = {}
        for row in ports.current().asset_events(AssetQuery(run_pk=self._run_pk)):
            found.setdefault(row.uri, []).append(AssetEvent(row))
        return found

    def __getitem__(self, key: Any) -> list[AssetEvent]:
        if isinstance(key, AssetNameRef | AssetAlias):
            return [one for events in self._events.values() for one in events if _is_of(one, key)]
        return self._events[event_key(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return repr(self._events)


def described(query: AssetQuery) -> Asset:
    """Return the one asset that a query means.

    Raises:
        AirflowException: there is none.
    """
    rows = ports.current().assets(query)
    if not rows:
        raise AirflowException(
            f"there is no asset {query.name or query.uri!r}: no DAG file has it; see"
            " flowctl assets list"
        )
    return asset_of(rows[0])


def _described(asset: Any) -> AssetSpec:
    if isinstance(asset, Asset):
        return asset.spec()
    if isinstance(asset, AssetNameRef):
        return described(AssetQuery(name=asset.name)).spec()
    uri = event_key(asset)
    return AssetSpec(uri, uri, "dataset" if isinstance(asset, str) else "asset")


def query_of(inlet: Any) -> AssetQuery:
    """Return the question for an asset, an alias or a reference."""
    if isinstance(inlet, AssetAlias):
        return AssetQuery(alias=inlet.name)
    if isinstance(inlet, AssetNameRef):
        return AssetQuery(name=inlet.name)
    return AssetQuery(uri=event_key(inlet))


def _is_of(event: AssetEvent, key: AssetNameRef | AssetAlias) -> bool:
    if isinstance(key, AssetAlias):
        return key in event.source_aliases
    return event.asset.name == key.name


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
