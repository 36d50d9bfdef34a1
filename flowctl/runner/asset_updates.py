"""What does a try that succeeded say of assets? Its outlets, with what it left in `outlet_events`.

Source: Airflow 2.10: one event for each asset among the outlets, and one for each asset and extra
that was added through its aliases.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from flowctl.authoring import listeners
from flowctl.authoring.asset_events import OutletEvents, described, query_of
from flowctl.authoring.assets import Asset, AssetAlias, AssetRef
from flowctl.authoring.exceptions import AirflowException
from flowctl.core.assets import AssetSpec, AssetUpdate


def updates(task: Any, context: Any) -> tuple[AssetUpdate, ...]:
    """Return what the task updated.

    Raises:
        AirflowException: JSON cannot say an extra.
    """
    if not task.outlets:
        return ()
    said: OutletEvents = context["outlet_events"]
    found = [AssetUpdate(asset, said[one].extra) for one, asset in _assets(task.outlets)]
    found += _through_aliases(task.outlets, said)
    return tuple(_plain(update, task) for update in found)


def _assets(outlets: list[Any]) -> Iterator[tuple[Any, AssetSpec]]:
    for one in outlets:
        if isinstance(one, Asset):
            yield one, one.spec()
        elif isinstance(one, AssetRef):
            yield one, described(query_of(one)).spec()


def _through_aliases(outlets: list[Any], said: OutletEvents) -> list[AssetUpdate]:
    """Return the updates through aliases; one asset with one extra is one, whatever its aliases."""
    found: dict[tuple[str, str], AssetUpdate] = {}
    for alias in (one for one in outlets if isinstance(one, AssetAlias)):
        for asset, extra in said[alias].added:
            key = (asset.uri, json.dumps(extra, sort_keys=True, default=repr))
            before = found.get(key, AssetUpdate(asset, extra))
            names = dict.fromkeys((*before.aliases, alias.name))
            found[key] = msgspec.structs.replace(before, aliases=tuple(names))
    return list(found.values())


def _plain(update: AssetUpdate, task: Any) -> AssetUpdate:
    """Return the update as JSON gives it back."""
    try:
        both = json.dumps([update.extra, update.asset.extra], allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AirflowException(
            f"the extra that task {task.task_id!r} leaves for {update.asset.uri!r} cannot be"
            f" written as JSON: {error}"
        ) from None
    extra, described_extra = json.loads(both)
    asset = msgspec.structs.replace(update.asset, extra=described_extra)
    return msgspec.structs.replace(update, asset=asset, extra=extra)


@dataclass(frozen=True)
class EmittedEvent:
    """What listeners hear of an event; flowctl has no partitions of assets."""

    asset: Asset
    extra: dict[str, Any]
    source_dag_id: str
    source_task_id: str
    source_run_id: str
    source_map_index: int
    source_aliases: list[AssetAlias]
    partition_key: str | None = None
    partition_date: datetime | None = None


def tell_of_them(found: Iterable[AssetUpdate], ti: Any) -> None:
    """Tell listeners of the updates of a try, also of those through aliases."""
    for update in found:
        spec = update.asset
        asset = Asset(spec.name, spec.uri, group=spec.group, extra=spec.extra)
        aliases = [AssetAlias(name) for name in update.aliases]
        source = (ti.dag_id, ti.task_id, ti.run_id, ti.map_index)
        event = EmittedEvent(asset, update.extra, *source, aliases)
        listeners.tell("on_dataset_changed", dataset=asset)
        listeners.tell("on_asset_changed", asset=asset)
        listeners.tell("on_asset_event_emitted", asset_event=event)
