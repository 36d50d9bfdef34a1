"""One connection by its id, wherever it is kept: in a variable of the environment or stored."""

import os

from flowctl.authoring.connection import Connection, parsed
from flowctl.authoring.ports import ConnectionRecord
from flowctl.cli.lazy import Failure
from flowctl.cli.metastore import reading
from flowctl.cli.settings import settings
from flowctl.store import connections
from flowctl.store.metastore import cipher

PREFIXES = ("AIRFLOW_CONN_", "FLOWCTL_CONN_")
FIELDS = ("conn_type", "description", "login", "password", "host", "port", "schema", "extra")


def found(conn_id: str) -> ConnectionRecord:
    """Return the connection that tasks get by this id. Raises Failure when there is none."""
    for prefix in PREFIXES:
        if (text := os.environ.get(prefix + conn_id.upper())) is not None:
            return _of_text(text, conn_id)
    with reading() as conn:
        stored = connections.get(conn, cipher(settings()), conn_id)
    if stored is None:
        raise Failure(f"there is no connection {conn_id!r}")
    return stored


def _of_text(text: str, conn_id: str) -> ConnectionRecord:
    try:
        return of_connection(parsed(text, conn_id), conn_id)
    except ValueError as error:
        raise Failure(str(error)) from error


def of_connection(conn: Connection, conn_id: str) -> ConnectionRecord:
    """Return what is stored of a connection."""
    fields = {name: getattr(conn, name) for name in FIELDS}
    return ConnectionRecord(conn_id=conn_id, **{**fields, "conn_type": conn.conn_type or ""})
