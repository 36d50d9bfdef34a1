"""What is an asset in a DAG file: the data that tasks make, and that other DAGs wait for?

Dataset is the name of 2.x, Asset that of 3.x; they are one thing here, and so are their aliases. An
asset is known by its URI: two objects with the same URI are equal, whatever else they say. Assets
are joined with `|` and `&` into conditions for `schedule=`.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from flowctl.authoring import asset_uris, ports
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.triggers import BaseEventTrigger, BaseTrigger, plain_text
from flowctl.core import assets as core
from flowctl.core.assets import AssetSpec, Condition, WatcherSpec

BYTES_MAX = 1500  # of a URI, name or group, as in Airflow 3; PostgreSQL's indexes take 2,700
NOT_A_NAME = ("self", "context")
"""What @asset functions call something else."""


class BaseAsset:
    """What `schedule=` takes: assets, aliases, references, and conditions over them."""

    def condition(self) -> Condition:
        """Return it as plain data."""
        raise NotImplementedError

    def iter_assets(self) -> Iterator[tuple[str, "Asset"]]:
        """Yield the assets in it with their URIs, each once."""
        yield from ()

    def iter_asset_aliases(self) -> Iterator["AssetAlias"]:
        """Yield the aliases in it."""
        yield from ()

    def iter_datasets(self) -> Iterator[tuple[str, "Asset"]]:
        """Yield the assets in it, by the name of 2.x."""
        return self.iter_assets()

    def iter_dataset_aliases(self) -> Iterator["AssetAlias"]:
        """Yield the aliases in it, by the name of 2.x."""
        return self.iter_asset_aliases()

    def as_expression(self) -> Any:
        """Return it in the form in which Airflow's API shows it."""
        return core.expression(self.condition())

    def evaluate(self, statuses: Mapping[str, bool]) -> bool:
        """Say whether updates of these URIs make it true."""
        return core.is_met(
            self.condition(), {(core.ASSET, uri) for uri, is_new in statuses.items() if is_new}
        )

    def __bool__(self) -> bool:
        return True

    def __or__(self, other: Any) -> "AssetAny":
        return AssetAny(self, other) if isinstance(other, BaseAsset) else NotImplemented

    def __and__(self, other: Any) -> "AssetAll":
        return AssetAll(self, other) if isinstance(other, BaseAsset) else NotImplemented


class Asset(os.PathLike[str], BaseAsset):
    """An asset.

    Args:
        name: how people call it; the URI if it is not given.
        uri: where it is; the name if it is not given.
        group: any word; lists show it.
        extra: anything JSON, for whoever looks at the asset.
        watchers: `AssetWatcher`s, which update it from outside.

    Raises:
        TypeError: neither name nor URI was given, or a watcher is none.
        ValueError: one of them is not allowed.
    """

    asset_type: ClassVar[str] = "asset"
    is_strict: ClassVar[bool] = True
    __version__: ClassVar[int] = 1

    def __init__(
        self,
        name: str | None = None,
        uri: Any = None,
        *,
        group: str | None = None,
        extra: dict[str, Any] | None = None,
        watchers: Iterable["AssetWatcher"] | None = None,
    ) -> None:
        kind = type(self).__name__
        if name is None and uri is None:
            raise TypeError(f"{kind}() needs a name or a uri")
        given = str(name if uri is None else uri)
        what = f"{kind} {given if name is None else name!r}"
        self.uri = asset_uris.normalized(_text(what, "uri", given), what, is_strict=self.is_strict)
        # the name of an asset without one is its URI as it was written
        self.name = given if name is None else _text(what, "name", name)
        if self.name in NOT_A_NAME:
            raise ValueError(f"{what}: {self.name!r} is not a name for an asset; choose another")
        self.group = self.asset_type if group is None else group
        self.extra: dict[str, Any] = {} if extra is None else extra
        self.watchers = list(watchers or ())
        for one in self.watchers:
            if not isinstance(one, AssetWatcher):
                raise TypeError(f"{what}: watchers are AssetWatcher objects, not {one!r}")

    @staticmethod
    def ref(*, name: str = "", uri: str = "") -> "AssetRef":
        """Return a reference to an asset that another file describes.

        Raises:
            TypeError: both name and uri were given, or none.
        """
        if bool(name) == bool(uri):
            raise TypeError("Asset.ref() takes either name= or uri=")
        return AssetNameRef(name) if name else AssetUriRef(uri)

    def spec(self) -> AssetSpec:
        """Return it as plain data, without its watchers."""
        return AssetSpec(self.uri, self.name, self.group, self.extra)

    def condition(self) -> Condition:
        return Condition(core.ASSET, self.uri)

    def iter_assets(self) -> Iterator[tuple[str, "Asset"]]:
        yield self.uri, self

    @property
    def normalized_uri(self) -> str | None:
        """Return the URI, None when it has no scheme."""
        return self.uri if "://" in self.uri else None

    def __fspath__(self) -> str:
        return self.uri

    def __eq__(self, other: object) -> bool:
        return self.uri == other.uri if isinstance(other, Asset) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.uri)

    def __repr__(self) -> str:
        shown = [f"uri={self.uri!r}"]
        if self.name != self.uri:
            shown.insert(0, f"name={self.name!r}")
        if self.extra:
            shown.append(f"extra={self.extra!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


class Dataset(Asset):
    """An asset by its name in 2.x: `Dataset(uri, extra)`. 3.x's `Dataset(name, uri)` works, too."""

    asset_type = "dataset"
    is_strict = False

    def __init__(self, uri: Any = None, extra: Any = None, **more: Any) -> None:
        if isinstance(extra, str):
            uri, extra, more = extra, None, {"name": uri, **more}
        where = more.get("name") if uri is None else uri
        if isinstance(where, str) and not where.isascii():
            raise ValueError(f"Dataset {where!r}: a URI is ASCII; quote other characters")
        super().__init__(more.pop("name", None), uri, extra=extra, **more)


class Model(Asset):
    """An asset that is a model."""

    asset_type = "model"


class AssetAlias(BaseAsset):
    """A name under which tasks update assets that are known only while they run."""

    def __init__(self, name: str, *, group: str = "asset") -> None:
        self.name = _text(f"{type(self).__name__} {name!r}", "name", name)
        self.group = group

    def condition(self) -> Condition:
        return Condition(core.ALIAS, self.name)

    def iter_asset_aliases(self) -> Iterator["AssetAlias"]:
        yield self

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, AssetAlias) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


class DatasetAlias(AssetAlias):
    """An alias by its name in 2.x."""


class AssetRef(BaseAsset):
    """A reference to an asset that is described elsewhere."""


class AssetNameRef(AssetRef):
    """A reference by name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def condition(self) -> Condition:
        return Condition(core.NAME, self.name)

    def __repr__(self) -> str:
        return f"Asset.ref(name={self.name!r})"


class AssetUriRef(AssetRef):
    """A reference by URI."""

    def __init__(self, uri: str) -> None:
        self.uri = asset_uris.normalized(uri, f"Asset.ref(uri={uri!r})", is_strict=True)

    def condition(self) -> Condition:
        return Condition(core.ASSET, self.uri)

    def __repr__(self) -> str:
        return f"Asset.ref(uri={self.uri!r})"


class _Joined(BaseAsset):
    """Several assets, aliases and conditions, joined."""

    kind: ClassVar[Any]

    def __init__(self, *objects: BaseAsset) -> None:
        for one in objects:
            if not isinstance(one, BaseAsset):
                raise TypeError(f"{type(self).__name__}() joins assets and aliases, not {one!r}")
        self.objects = objects

    def condition(self) -> Condition:
        return Condition(self.kind, parts=tuple(one.condition() for one in self.objects))

    def iter_assets(self) -> Iterator[tuple[str, Asset]]:
        found: dict[str, Asset] = {}
        for uri, asset in (pair for one in self.objects for pair in one.iter_assets()):
            found.setdefault(uri, asset)
        yield from found.items()

    def iter_asset_aliases(self) -> Iterator[AssetAlias]:
        for one in self.objects:
            yield from one.iter_asset_aliases()

    def __eq__(self, other: object) -> bool:
        return self.objects == other.objects if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.kind, self.objects))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.objects))})"


class AssetAny(_Joined):
    """True once one of them was updated."""

    kind = "any"

    def __or__(self, other: Any) -> "AssetAny":
        both = (*self.objects, other)
        return AssetAny(*both) if isinstance(other, BaseAsset) else NotImplemented


class AssetAll(_Joined):
    """True once each of them was updated."""

    kind = "all"

    def __and__(self, other: Any) -> "AssetAll":
        both = (*self.objects, other)
        return AssetAll(*both) if isinstance(other, BaseAsset) else NotImplemented


class AssetWatcher:
    """Updates an asset whenever a trigger, which waits in the triggerer, fires.

    Raises:
        ValueError: the trigger is not a BaseEventTrigger.
    """

    def __init__(self, name: str, trigger: BaseEventTrigger) -> None:
        self.name = _text(f"AssetWatcher {name!r}", "name", name)
        if not isinstance(trigger, BaseEventTrigger):
            hint = "; packages may have one only where [compat] airflow_version is 3.0.0 or newer"
            raise ValueError(
                f"AssetWatcher {name!r}: {trigger!r} is no BaseEventTrigger; only these may fire"
                f" again and again{hint if isinstance(trigger, BaseTrigger) else ''}"
            )
        self.trigger = trigger

    def spec(self, where: str) -> WatcherSpec:
        """Return it as plain data.

        Args:
            where: names asset and DAG in messages.

        Raises:
            AirflowException: the trigger cannot be made anew from what it says.
        """
        what = f"watcher {self.name!r} of {where}"
        try:
            classpath, kwargs = self.trigger.serialize()
        except (NotImplementedError, TypeError, ValueError) as error:
            raise AirflowException(
                f"{what}: let serialize of its trigger return"
                ' ("package.module.Class", {name: value})'
            ) from error
        return WatcherSpec(self.name, classpath, plain_text(f"{what}: its trigger", kwargs))


class Metadata:
    """What a task yields to say more about an asset that it updates.

    Args:
        asset: the asset, or its URI. (2.x calls the argument `target`.)
        extra: what the event is to say.
        alias: the alias through which the asset is updated.
    """

    def __init__(
        self,
        asset: Any = None,
        extra: dict[str, Any] | None = None,
        alias: Any = None,
        *,
        target: Any = None,
    ) -> None:
        self.asset = target if asset is None else asset
        self.extra = {} if extra is None else extra
        self.alias = alias

    @property
    def uri(self) -> str:
        """Return the URI of the asset."""
        return event_key(self.asset)

    @property
    def alias_name(self) -> str | None:
        """Return the name of the alias, None if there is none."""
        name: str | None = getattr(self.alias, "name", self.alias)
        return name


def listed(given: Any) -> list[Any]:
    """Return the inlets or outlets of a task as a list; conditions are taken apart."""
    wanted = [] if given is None else given if isinstance(given, list | tuple | set) else [given]
    return [part for one in wanted for part in _parts(one)]


def _parts(given: Any) -> Iterator[Any]:
    if isinstance(given, _Joined):
        for one in given.objects:
            yield from _parts(one)
    else:
        yield given


def event_key(given: Any) -> str:
    """Return what names an asset or alias among the events of a task: URI, or alias name."""
    if isinstance(given, Asset | AssetUriRef):
        return given.uri
    if isinstance(given, AssetAlias | AssetNameRef):
        return given.name
    return asset_uris.normalized(str(given), f"Dataset {given!r}", is_strict=False)


def expand_alias_to_assets(alias: Any) -> list[Asset]:
    """Return the assets that were updated through an alias so far."""
    name = getattr(alias, "name", alias)
    return [asset_of(row) for row in ports.current().assets(ports.AssetQuery(alias=name))]


def asset_of(row: ports.AssetRow) -> Asset:
    """Return the asset that a row describes, as it is: its URI was normalized once."""
    found: Asset = object.__new__(Asset)
    found.uri, found.name, found.group = row.uri, row.name, row.group
    found.extra, found.watchers = dict(row.extra), []
    return found


def _text(what: str, field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what}: {field} is a text, not {value!r}")
    if not value.strip():
        raise ValueError(f"{what}: {field} is empty")
    if len(value.encode()) > BYTES_MAX:
        raise ValueError(f"{what[:100]}: {field} has more than {BYTES_MAX} bytes")
    return value
