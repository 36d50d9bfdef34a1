"""What the tables are made of: their types of columns, the conditions of their indexes."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    MetaData,
    TypeDecorator,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.event import listens_for

from flowctl.core.headroom import HEAVY_BYTES
from flowctl.core.states import FINISHED, UNFINISHED_RUN

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WHERE = "where"  # in the `info` of an index: it covers only the rows that meet this condition


@listens_for(METADATA, "before_create")
def _make_partial(*_: Any, **__: Any) -> None:
    """Tell SQLAlchemy the conditions of the indexes, now that tables are to be made.

    `Index(postgresql_where=...)` would import all dialects, their drivers' adapters included, into
    every process: 95 ms of the 470 of a command (CPU time, measured on 2026-11-21).
    """
    for index in (index for table in METADATA.tables.values() for index in table.indexes):
        if WHERE in index.info:
            for dialect in ("sqlite", "postgresql"):
                index.dialect_options[dialect]["where"] = text(index.info[WHERE])


ID = 250  # longest dag id, task id, run id, pool name
ASSET_ID = 1500  # bytes of the longest URI, name and group of an asset; an index takes 2,700


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, microseconds kept, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r} must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Read the texts of SQLite in one step: lists of runs have thousands of them."""
        if dialect.name == "sqlite":
            return _from_sqlite
        return super().result_processor(dialect, coltype)


class ShownMoment(TypeDecorator[str]):
    """A `Moment` as text, ISO 8601 with its zone: for long lists that are only shown."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat()

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Take the texts of SQLite as they are."""
        if dialect.name == "sqlite":
            return _shown_from_sqlite
        return super().result_processor(dialect, coltype)


def _shown_from_sqlite(value: str | None) -> str | None:
    return None if value is None else value.replace(" ", "T") + "+00:00"


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER key


def _one_of(column: str, values: Any) -> str:
    listed = ", ".join(f"'{value.value}'" for value in sorted(values))
    return f"{column} IN ({listed})"


UNFINISHED_TASKS = f"NOT ({_one_of('state', FINISHED)})"
UNFINISHED_RUNS = _one_of("state", UNFINISHED_RUN)
HEAVY_TRIES = f"peak_rss_bytes >= {HEAVY_BYTES}"
"""Where-clauses of the partial indexes, in their very words: SQLite takes such an index only for
a query that says the same without parameters, `.where(text(UNFINISHED_TASKS))`."""
