"""How does the result of a task become the text that is stored, and back, in this installation?

By the class that `[core] xcom_backend` names, else as plain JSON. The class gets what it gets from
Airflow: a value and where it belongs to; the bytes it returned, as `result.value`. It runs where
user code runs; `orm_deserialize_value` is never called, as no web server here runs user code, and
neither is `purge`: XComs are deleted where no user code runs.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from flowctl.authoring import serialization
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.ports import XComRow
from flowctl.authoring.settings import stored

OWN = (
    "",
    "airflow.models.xcom.BaseXCom",
    "airflow.sdk.bases.xcom.BaseXCom",
    "airflow.sdk.BaseXCom",
)
RAW = "__raw__"
"""The key under which a text is kept that a backend returned, and that is no JSON."""


class Owner(NamedTuple):
    """Whose XCom it is."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int


class Result(NamedTuple):
    """One stored XCom, as a backend gets it."""

    key: str
    value: Any
    dag_id: str
    task_id: str
    run_id: str
    map_index: int


def write(key: str, value: Any, owner: Owner) -> str:
    """Return the JSON text to store.

    Raises:
        SerializationError: the value cannot be written.
    """
    backend = _backend(stored.xcom_backend)
    if backend is None:
        return serialization.dumps(value, is_xcom=True)
    return _as_json(backend.serialize_value(value, key=key, **owner._asdict()))


def read(row: XComRow, dag_id: str) -> Any:
    """Return the value of a stored XCom.

    Raises:
        SerializationError: the text was not written by flowctl, or the class is not allowed.
    """
    backend = _backend(stored.xcom_backend)
    if backend is None:
        return serialization.loads(row.value)
    raw = _raw(row.value)
    result = Result(row.key, raw, dag_id, row.task_id, row.run_id, row.map_index)
    return backend.deserialize_value(result)


@contextmanager
def put_aside() -> Iterator[None]:
    """Write and read XComs flowctl's own way in the block, for what is no task of a user."""
    path, stored.xcom_backend = stored.xcom_backend, ""
    try:
        yield
    finally:
        stored.xcom_backend = path


def is_foreign() -> bool:
    """Say whether results go through a class that is not ours."""
    return stored.xcom_backend not in OWN


@cache
def _backend(path: str) -> Any:
    """Return the class, None for flowctl's own way."""
    if path in OWN:
        return None
    try:
        return import_string(path)
    except ImportError as error:
        raise AirflowException(f"[core] xcom_backend = {path} cannot be used: {error}") from error


def _as_json(written: Any) -> str:
    """Return as JSON what a backend made: mostly JSON already, as text or as bytes."""
    text = written.decode() if isinstance(written, bytes) else written
    if not isinstance(text, str):
        return serialization.dumps(text)
    try:
        json.loads(text)
    except ValueError:
        return json.dumps({RAW: text})
    return text


def _raw(text: str) -> bytes:
    """Return what the backend had written."""
    if text.startswith(f'{{"{RAW}"'):
        text = json.loads(text)[RAW]
    return text.encode()
