"""How to reach another system: a record with an id, written as a URI, as JSON or field by field.

`flowctl.authoring.secrets` knows where connections may be. Whatever is secret in one is hidden in
logs from the moment it is read.

Source: what Airflow 2.10 parses and prints, asked of it (`tests/authoring/connection_oracle.json`).
"""

import json
import logging
import re
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowNotFoundException,
    RemovedInAirflow3Warning,
)
from flowctl.authoring.masking import mask_secret
from flowctl.authoring.ports import ConnectionRecord
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import secrets
else:
    secrets = Late("flowctl.authoring.secrets")

CONN_ID_MAX_LEN = 250

_HOOKS = "flowctl.hooks.providers"
"""Who makes hooks; loaded by name when somebody wants one, as it is a layer above."""

_CONN_ID = re.compile(rf"[\w#!()\-.:/\\]{{1,{CONN_ID_MAX_LEN}}}")

_log = logging.getLogger(__name__)


class Connection:
    """One connection. Give either `uri` or the single fields.

    Raises:
        AirflowException: both were given, or the URI is none.
    """

    EXTRA_KEY = "__extra__"

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | dict[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        if uri and any((conn_type, host, login, password, schema, port, extra)):
            raise AirflowException(
                f"connection {conn_id!r}: give either uri or the single fields, not both"
            )
        self.conn_id = conn_id if conn_id and _CONN_ID.match(conn_id) else None
        self.description = description
        self.conn_type = conn_type
        self.host, self.login, self.password = host, login, password or None
        self.schema, self.port = schema, port
        self.extra: str | None = extra if isinstance(extra, str) or not extra else json.dumps(extra)  # type: ignore[assignment]  # an empty dict is kept, as Airflow keeps it
        if uri:
            self._read_uri(uri)
        self._check_extra()
        if self.password:
            mask_secret(self.password)

    def _read_uri(self, uri: str) -> None:
        """Take the fields from a URI; its host may be a URL itself ("http://https://host")."""
        scheme, rest = urlsplit(uri).scheme, ""
        schemes = uri.count("://")
        if schemes > 2:
            raise AirflowException(f"connection {self.conn_id!r}: the URI names too many schemes")
        self.conn_type = conn_type_of(scheme)
        rest = uri.replace(f"{scheme}://", "" if schemes == 2 else "//")
        if schemes == 2 and re.search("[@:]", rest.split("://", 1)[0]):
            raise AirflowException(
                f"connection {self.conn_id!r}: the URI has its login before the second scheme;"
                " write it after: http://https://login:password@host"
            )
        parts = urlsplit(rest)
        host = _host_of(parts)
        self.host = f"{parts.scheme}://{host}" if host and schemes == 2 else host
        self.schema = unquote(parts.path[1:])
        self.login = parts.username and unquote(parts.username)
        self.password = unquote(parts.password) if parts.password else None
        self.port = parts.port
        if parts.query:
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            self.extra = query.get(self.EXTRA_KEY) or json.dumps(query)

    def get_uri(self) -> str:
        """Return the connection as a URI, secrets included."""
        scheme = f"{self.conn_type.lower().replace('_', '-')}://" if self.conn_type else "//"
        protocol, host = "", self.host or ""
        if "://" in host:
            protocol, host = host.split("://", 1)
            protocol += "://"
        login = quote(self.login, safe="") if self.login is not None else ""
        if self.password is not None:
            login += ":" + quote(self.password, safe="")
        if login or (self.port and not host):
            login += "@"
        place = quote(host, safe="") + (f":{self.port}" if self.port else "")
        path = f"/{quote(self.schema, safe='')}" if self.schema else ""
        return f"{scheme}{protocol}{login}{place}{path}{self._query()}"

    def _query(self) -> str:
        """Return the extra as the query of a URI; one that a query cannot say goes in whole."""
        if not self.extra:
            return ""
        extra = self.extra_dejson
        try:
            query = urlencode(extra)
        except TypeError:
            query = ""
        if not query or dict(parse_qsl(query, keep_blank_values=True)) != extra:
            query = urlencode({self.EXTRA_KEY: self.extra})
        return ("?" if self.schema else "/?") + query

    @property
    def extra_dejson(self) -> Any:
        """Return what the JSON of `extra` says; an empty dict if it is no JSON."""
        return self.get_extra_dejson()

    def get_extra_dejson(self, nested: bool = False) -> Any:
        """Return what the JSON of `extra` says; `nested` reads JSON inside of texts, too."""
        if not self.extra:
            return {}
        try:
            extra = json.loads(self.extra)
        except ValueError:
            _log.error("connection %r: its extra is not JSON", self.conn_id)
            return {}
        if nested:
            extra = {key: _nested(value) for key, value in extra.items()}
        mask_secret(extra)
        return extra

    def _check_extra(self) -> None:
        if self.extra and not isinstance(_nested(self.extra), dict):
            warnings.warn(
                f"connection {self.conn_id!r}: Airflow 3 wants a JSON object as its extra",
                RemovedInAirflow3Warning,
                stacklevel=3,
            )

    def get_hook(self, *, hook_params: dict[str, Any] | None = None) -> Any:
        """Return the hook of this connection, of the provider package for its type.

        Raises:
            AirflowException: no installed package has one.
        """
        return import_module(_HOOKS).hook(self.conn_type, self.conn_id, hook_params)

    def test_connection(self) -> tuple[bool, str]:
        """Ask the hook whether the connection works; return the answer and a sentence."""
        try:
            found = self.get_hook()
        except AirflowException as error:
            return False, str(error)
        if not hasattr(found, "test_connection"):
            return False, f"{type(found).__name__} has no test"
        answer: tuple[bool, str] = found.test_connection()
        return answer

    def get_password(self) -> str | None:
        """Return the password in clear."""
        return self.password

    def set_password(self, value: str | None) -> None:
        """Change the password."""
        self.password = value or None
        mask_secret(value or "")

    def get_extra(self) -> str | None:
        """Return the extra in clear."""
        return self.extra

    def set_extra(self, value: str | None) -> None:
        """Change the extra."""
        self.extra = value
        self._check_extra()

    def to_dict(self, *, prune_empty: bool = False, validate: bool = True) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Return all fields, `extra` parsed; `prune_empty` leaves out those that are not set."""
        fields = {
            "conn_id": self.conn_id,
            "conn_type": self.conn_type,
            "description": self.description,
            "host": self.host,
            "login": self.login,
            "password": self.password,
            "schema": self.schema,
            "port": self.port,
            "extra": self.extra_dejson,
        }
        if not prune_empty:
            return fields
        return {key: value for key, value in fields.items() if value not in (None, {})}

    def as_json(self) -> str:
        """Return the connection as the JSON that `from_json` reads; without what is not set."""
        fields = self.to_dict(prune_empty=True)
        fields.pop("conn_id", None)
        return json.dumps(fields)

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> "Connection":
        """Return the connection that a JSON object describes.

        Raises:
            ValueError: this is no JSON, its port is no number, or it has an unknown field.
        """
        fields = json.loads(value)
        extra = fields.pop("extra", None)
        fields["extra"] = extra if isinstance(extra, str) or not extra else json.dumps(extra)
        if fields.get("conn_type"):
            fields["conn_type"] = conn_type_of(fields["conn_type"])
        port = fields.pop("port", None)
        try:
            fields["port"] = int(port) if port else None
            return cls(conn_id=conn_id, **fields)
        except (TypeError, ValueError) as error:
            raise ValueError(f"connection {conn_id!r}: {error}") from error

    @classmethod
    def from_record(cls, record: ConnectionRecord) -> "Connection":
        """Return the connection that the metastore describes."""
        return cls(
            conn_id=record.conn_id,
            conn_type=record.conn_type,
            description=record.description,
            host=record.host,
            login=record.login,
            password=record.password,
            schema=record.schema,
            port=record.port,
            extra=record.extra,
        )

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> "Connection":
        """Return the connection of this id, wherever it is kept.

        Raises:
            AirflowNotFoundException: there is none.
        """
        found: Connection | None = secrets.connection(conn_id)
        if found is None:
            raise AirflowNotFoundException(
                f"The conn_id `{conn_id}` isn't defined; add it with: flowctl connections add"
                f" {conn_id} --conn-uri URI"
            )
        return found

    get = get_connection_from_secrets

    def __repr__(self) -> str:
        return self.conn_id or ""


def parsed(text: str, conn_id: str) -> Connection:
    """Return the connection that a URI or a JSON object describes."""
    text = text.strip()
    if text.startswith("{"):
        return Connection.from_json(text, conn_id)
    return Connection(conn_id=conn_id, uri=text)


def conn_type_of(scheme: str) -> str:
    """Return the connection type that a URI's scheme stands for."""
    return "postgres" if scheme == "postgresql" else scheme.replace("-", "_")


def _host_of(parts: SplitResult) -> str:
    """Return the host; one with an encoded slash in it (a socket's path) keeps its letter case."""
    host = unquote(parts.hostname or "")
    if "/" not in host:
        return host
    return unquote(parts.netloc.rsplit("@", 1)[-1].split(":", 1)[0])


def _nested(value: Any) -> Any:
    """Return what a text says as JSON, or the value itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
