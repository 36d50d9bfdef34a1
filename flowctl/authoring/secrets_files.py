"""Variables and connections from a file: JSON, YAML, or lines of `NAME=value`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowctl.authoring.connection import Connection, parsed
from flowctl.authoring.ports import ConnectionRecord
from flowctl.errors import FlowctlError
from flowctl.late import Late

if TYPE_CHECKING:
    import yaml
else:
    yaml = Late("yaml")


def variables_in(path: str | Path) -> dict[str, str]:
    """Return the variables of a file; values that are no text are kept as JSON.

    Raises:
        FlowctlError: the file cannot be read, or is of no known kind.
    """
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in _entries(Path(path)).items()
    }


def connections_in(path: str | Path) -> dict[str, ConnectionRecord]:
    """Return the connections of a file, each a URI or an object of fields.

    Raises:
        FlowctlError: the file cannot be read, is of no known kind, or a connection is wrong.
    """
    found = {}
    for conn_id, value in _entries(Path(path)).items():
        try:
            found[conn_id] = _record(conn_id, value)
        except ValueError as error:
            raise FlowctlError(f"{path}: {error}") from error
    return found


def _record(conn_id: str, value: Any) -> ConnectionRecord:
    text = value if isinstance(value, str) else json.dumps(value)
    conn: Connection = parsed(text, conn_id)
    return ConnectionRecord(
        conn_id=conn_id,
        conn_type=conn.conn_type or "",
        description=conn.description,
        host=conn.host,
        login=conn.login,
        password=conn.password,
        schema=conn.schema,
        port=conn.port,
        extra=conn.extra,
    )


def _entries(path: Path) -> Mapping[str, Any]:
    try:
        entries = _READERS[path.suffix](path.read_text(encoding="utf-8"))
    except KeyError:
        raise FlowctlError(f"{path}: its name must end in one of {', '.join(_READERS)}") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise FlowctlError(f"{path} cannot be read: {error}") from error
    if not isinstance(entries, Mapping):
        raise FlowctlError(f"{path} must hold names with values, not a {type(entries).__name__}")
    return entries


def _env(text: str) -> dict[str, str]:
    """Read lines of NAME=value; empty lines and those with a leading # do not count."""
    entries = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"line {number} is not NAME=value")
        entries[name.strip()] = value.strip()
    return entries


_READERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".yaml": lambda text: yaml.safe_load(text),
    ".yml": lambda text: yaml.safe_load(text),
    ".env": _env,
}
