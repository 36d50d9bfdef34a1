"""Connections are read and written as Airflow reads and writes them."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import masking, ports
from flowctl.authoring.connection import Connection
from flowctl.authoring.exceptions import AirflowException, AirflowNotFoundException
from flowctl.authoring.ports import ConnectionRecord, InMemoryPorts
from flowctl.hooks.base import BaseHook

ORACLE = json.loads((Path(__file__).parent / "connection_oracle.json").read_text())

FIELDS = ("conn_type", "host", "login", "password", "schema", "port", "extra")


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    before = ports.current()
    ports.use(InMemoryPorts())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    masking.forget()
    ports.use(before)


def facts(conn: Connection) -> dict[str, Any]:
    return {field: getattr(conn, field) for field in FIELDS} | {
        "get_uri": conn.get_uri(),
        "extra_dejson": conn.extra_dejson,
        "to_dict": conn.to_dict(),
        "to_dict_pruned": conn.to_dict(prune_empty=True),
        "as_json": conn.as_json(),
    }


def differences(found: dict[str, Any], case: dict[str, Any], given: str) -> dict[str, Any]:
    return {
        name: (found[name], value)
        for name, value in case.items()
        if name != given and found[name] != value
    }


@pytest.mark.parametrize("case", ORACLE["uris"], ids=lambda case: case["uri"])
def test_a_uri_is_understood_as_by_airflow(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(AirflowException):
            Connection("c", uri=case["uri"])
    else:
        assert differences(facts(Connection("c", uri=case["uri"])), case, "uri") == {}


@pytest.mark.parametrize("case", ORACLE["built"], ids=lambda case: str(case["fields"]))
def test_fields_are_written_as_by_airflow(case: dict[str, Any]) -> None:
    assert differences(facts(Connection("c", **case["fields"])), case, "fields") == {}


@pytest.mark.parametrize("case", ORACLE["json"], ids=lambda case: case["json"])
def test_json_is_understood_as_by_airflow(case: dict[str, Any]) -> None:
    """An unknown field is a ValueError here, a TypeError there."""
    if "error" in case:
        with pytest.raises(ValueError, match="connection 'c'"):
            Connection.from_json(case["json"], "c")
    else:
        assert differences(facts(Connection.from_json(case["json"], "c")), case, "json") == {}


def test_uri_and_fields_cannot_be_mixed() -> None:
    with pytest.raises(AirflowException, match="not both"):
        Connection("c", uri="http://h", host="h")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("AIRFLOW_CONN_DB", "postgresql://me:pw@h:1/s"),
        ("FLOWCTL_CONN_DB", '{"conn_type": "postgres", "host": "h", "login": "me"}'),
    ],
)
def test_the_environment_answers_first(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    ports.current().connections["db"] = ConnectionRecord("db", host="stored")  # type: ignore[attr-defined]
    monkeypatch.setenv(name, text)
    conn = Connection.get_connection_from_secrets("db")

    assert (conn.conn_id, conn.conn_type, conn.host) == ("db", "postgres", "h")


def test_the_metastore_answers_next() -> None:
    ports.current().connections["db"] = ConnectionRecord("db", "mysql", host="stored")  # type: ignore[attr-defined]

    assert BaseHook.get_connection("db").host == "stored"
    assert BaseHook.get_connections("db")[0].conn_type == "mysql"


def test_a_connection_that_is_nowhere_is_an_error() -> None:
    with pytest.raises(AirflowNotFoundException, match="`gone`"):
        Connection.get_connection_from_secrets("gone")


def test_secrets_of_a_connection_are_hidden_once_it_is_read() -> None:
    conn = Connection("c", conn_type="x", password="p@ss/w", extra={"api_key": "k3y", "a": "open"})
    assert conn.extra_dejson["a"] == "open"

    assert masking.redact("p@ss/w p%40ss%2Fw k3y open") == "*** *** *** open"


def test_nested_json_in_an_extra_is_read_on_request() -> None:
    conn = Connection("c", extra={"key": '{"a": 1}', "b": "text"})

    assert conn.get_extra_dejson(nested=True) == {"key": {"a": 1}, "b": "text"}
