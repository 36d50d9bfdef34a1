"""Statements that are executed all day long: worked out once for each kind of database.

SQLAlchemy looks up and fills in a statement for 70 us each time, SQLite executes it in 10; a task
needs half a dozen (measured in 2026 with SQLAlchemy 2.1). A `Prepared` keeps the text and the
order of its parameters. Its rows come as the driver gives them: only numbers and texts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.engine import Dialect

Convert = Callable[[Any], Any]


class Prepared:
    """One statement, whose parameters are all given by name."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}  # by name of the dialect

    def run(
        self, conn: Connection, rows: Sequence[Mapping[str, Any]]
    ) -> CursorResult[*tuple[Any, ...]]:
        """Execute it for each of these rows of parameters, at least one."""
        return conn.exec_driver_sql(*self.form(conn, rows))

    def form(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
        """Return the text and the rows of parameters as the driver takes them."""
        form = self._forms.get(conn.dialect.name)
        if form is None:
            form = self._forms[conn.dialect.name] = _Form(self._statement, conn.dialect)
        return form.text, [form.values(row) for row in rows]


class _Form:
    """A statement as one driver takes it."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._is_positional = bool(compiled.positional)
        names = compiled.positiontup if compiled.positional else compiled.bind_names.values()
        self._parts: list[tuple[str, str, Any, Convert | None]] = []
        for name in names:
            bind = compiled.binds[name]
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            constant = None if bind.required else convert(bind.value) if convert else bind.value
            self._parts.append((name, bind.key if bind.required else "", constant, convert))

    def values(self, row: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        found = [
            constant if not key else row[key] if convert is None else convert(row[key])
            for _name, key, constant, convert in self._parts
        ]
        if self._is_positional:
            return tuple(found)
        return {part[0]: value for part, value in zip(self._parts, found, strict=True)}
