"""What do DAG files and providers say about where data comes from and goes to?

Without a lineage backend Airflow keeps none of it, and neither does flowctl: the decorators leave
methods as they are, the collector forgets. What tasks read and write for scheduling are assets.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

AUTO = "auto"
PIPELINE_INLETS = "pipeline_inlets"
PIPELINE_OUTLETS = "pipeline_outlets"


def apply_lineage(func: F) -> F:
    """Return `post_execute` as it is."""
    return func


def prepare_lineage(func: F) -> F:
    """Return `pre_execute` as it is."""
    return func


def get_backend() -> None:
    """Return the lineage backend: there is none."""


@dataclass
class User:
    """A person that data belongs to."""

    email: str
    first_name: str | None = None
    last_name: str | None = None
    template_fields: ClassVar = ("email", "first_name", "last_name")


@dataclass
class File:
    """A file, by its URL."""

    url: str
    type_hint: str | None = None
    template_fields: ClassVar = ("url",)


@dataclass
class Tag:
    """A word about data."""

    tag_name: str
    template_fields: ClassVar = ("tag_name",)


@dataclass
class Column:
    """A column of a table."""

    name: str
    description: str | None = None
    data_type: str = ""
    tags: list[Tag] = field(default_factory=list)
    template_fields: ClassVar = ("name", "description", "data_type", "tags")


@dataclass
class Table:
    """A table of a database."""

    database: str
    cluster: str
    name: str
    tags: list[Tag] = field(default_factory=list)
    description: str | None = None
    columns: list[Column] = field(default_factory=list)
    owners: list[User] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    template_fields: ClassVar = (
        "database", "cluster", "name", "tags", "description", "columns", "owners", "extra",
    )  # fmt: skip


class HookLineage(NamedTuple):
    """What hooks have read and written: nothing was kept."""

    inputs: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    extra: tuple[Any, ...] = ()


class NoCollector:
    """Is told by hooks what they read and write, and keeps nothing."""

    has_collected = False
    _extra: ClassVar = ()  # packages look for it before they put methods of their own in place

    @property
    def collected_assets(self) -> HookLineage:
        """Return what hooks have told."""
        return HookLineage()

    collected_datasets = collected_assets

    def create_asset(self, *_: Any, **__: Any) -> None:
        """Make nothing of what a hook knows of its data."""

    def add_input_asset(self, *_: Any, **__: Any) -> None:
        """Hear of something that was read."""

    def add_output_asset(self, *_: Any, **__: Any) -> None:
        """Hear of something that was written."""

    def add_extra(self, *_: Any, **__: Any) -> None:
        """Hear of something else."""

    create_dataset = create_asset
    add_input_dataset = add_input_asset
    add_output_dataset = add_output_asset


_COLLECTOR = NoCollector()


def get_hook_lineage_collector() -> NoCollector:
    """Return whom hooks tell."""
    return _COLLECTOR
