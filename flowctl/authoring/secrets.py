"""Where may variables and connections come from, and in which order?

First from a backend of the site's choice (`[secrets] backend`), then the environment, then the
metastore. A backend that fails is told in the log, and the next one is asked: one that
is away must not stop tasks whose values lie elsewhere. A DAG file may make backends by hand.

Backends run in the children that run user code, as they are classes of packages and of users.
"""

import logging
import os
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from flowctl.authoring import ports
from flowctl.authoring.connection import Connection, parsed
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.settings import stored
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import secrets_files
else:
    secrets_files = Late("flowctl.authoring.secrets_files")

PREFIXES = ("AIRFLOW_", "FLOWCTL_")
DEFAULT_SECRETS_SEARCH_PATH = [
    "airflow.secrets.environment_variables.EnvironmentVariablesBackend",
    "airflow.secrets.metastore.MetastoreBackend",
]

T = TypeVar("T")

_log = logging.getLogger(__name__)


class BaseSecretsBackend:
    """A place that has variables, connections or options. Own ones override what they have."""

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        """Return where a secret lies."""
        return f"{path_prefix}{sep}{secret_id}"

    def get_conn_value(self, conn_id: str) -> str | None:
        """Return a connection as a URI or as JSON, None when it is not here."""
        get_uri = getattr(self, "get_conn_uri", None)  # what backends had before Airflow 2.2
        value: str | None = get_uri(conn_id) if get_uri else None
        return value

    def deserialize_connection(self, conn_id: str, value: str) -> Connection:
        """Return the connection that a value describes."""
        return parsed(value, conn_id)

    def get_connection(self, conn_id: str) -> Connection | None:
        """Return a connection, None when it is not here."""
        value = self.get_conn_value(conn_id=conn_id)
        return self.deserialize_connection(conn_id=conn_id, value=value) if value else None

    def get_variable(self, key: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return the text of a variable, None when it is not here."""
        return None

    def get_config(self, key: str) -> str | None:  # noqa: ARG002 - part of the contract
        """Return the text of an option, None when it is not here."""
        return None


class EnvironmentVariablesBackend(BaseSecretsBackend):
    """The environment of the process."""

    def get_conn_value(self, conn_id: str) -> str | None:
        return _from_environment("CONN_", conn_id)

    def get_variable(self, key: str) -> str | None:
        return _from_environment("VAR_", key)


def _from_environment(kind: str, name: str) -> str | None:
    names = (prefix + kind + name.upper() for prefix in PREFIXES)
    return next((os.environ[name] for name in names if name in os.environ), None)


class MetastoreBackend(BaseSecretsBackend):
    """flowctl's own tables."""

    def get_connection(self, conn_id: str) -> Connection | None:
        record = ports.current().connection(conn_id)
        return None if record is None else Connection.from_record(record)

    def get_variable(self, key: str) -> str | None:
        return ports.current().variable(key)


class LocalFilesystemBackend(BaseSecretsBackend):
    """Files of this machine: JSON, YAML, or lines of NAME=value."""

    def __init__(
        self, variables_file_path: str | None = None, connections_file_path: str | None = None
    ) -> None:
        self.variables_file = variables_file_path
        self.connections_file = connections_file_path

    def get_connection(self, conn_id: str) -> Connection | None:
        found = secrets_files.connections_in(self.connections_file) if self.connections_file else {}
        record = found.get(conn_id)
        return None if record is None else Connection.from_record(record)

    def get_variable(self, key: str) -> str | None:
        found = secrets_files.variables_in(self.variables_file) if self.variables_file else {}
        return found.get(key)


_ENVIRONMENT = EnvironmentVariablesBackend()
_METASTORE = MetastoreBackend()

_made: dict[str, BaseSecretsBackend] = {}
_known: dict[tuple[str, str], tuple[float, Any]] = {}


def variable(key: str) -> str | None:
    """Return the text of a variable, None if it is nowhere."""
    return _find("variable", key, lambda backend: backend.get_variable(key=key))


def connection(conn_id: str) -> Connection | None:
    """Return a connection, None if it is nowhere."""
    return _find("connection", conn_id, lambda backend: backend.get_connection(conn_id=conn_id))


def option(key: str) -> str | None:
    """Return the text that the site's backend has for an option.

    Raises:
        AirflowException: the backend cannot be used.
    """
    return backend().get_config(key)


def forget() -> None:
    """Keep no answer from before: a variable was changed here."""
    _known.clear()


def backend() -> BaseSecretsBackend:
    """Return the backend of the site's choice.

    Raises:
        AirflowException: its class cannot be imported or made.
    """
    path = stored.secrets_backend
    if path not in _made:
        try:
            _made[path] = import_string(path)(**stored.secrets_options)
        except Exception as error:  # the code of a package
            raise AirflowException(f"[secrets] backend = {path} cannot be used: {error}") from error
    return _made[path]


def _find(kind: str, name: str, ask: Callable[[Any], T | None]) -> T | None:
    """Return the first answer; it is kept for a while where the site wants that."""
    until, value = _known.get((kind, name), (0.0, None))
    if until > monotonic():
        found: T | None = value
        return found
    value = next((answer for answer in _answers(name, ask) if answer is not None), None)
    if stored.secrets_kept_s:
        _known[kind, name] = (monotonic() + stored.secrets_kept_s, value)
    return value


def _answers(name: str, ask: Callable[[Any], T | None]) -> Iterator[T | None]:
    if stored.secrets_backend:
        try:
            yield ask(backend())
        except Exception as error:  # the code of a package
            path = stored.secrets_backend
            _log.warning("secrets backend %s fails for %r: %r", path, name, error)
    yield ask(_ENVIRONMENT)
    yield ask(_METASTORE)
