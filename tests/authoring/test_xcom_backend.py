"""XComs by a class of the site's choice, and of classes that users write."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import xcom_backend
from flowctl.authoring.exceptions import AirflowException, SerializationError
from flowctl.authoring.ports import XComRow
from flowctl.authoring.serialization import dumps, loads
from flowctl.authoring.settings import stored
from flowctl.authoring.xcom import BaseXCom
from flowctl.authoring.xcom_backend import Owner

OWNER = Owner("d", "t", "r", -1)


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    before = vars(stored).copy()
    yield
    vars(stored).update(before)


class Shouting(BaseXCom):
    """A backend in the form that Airflow 2 documents."""

    @staticmethod
    def serialize_value(value: Any, **owner: Any) -> Any:
        if isinstance(value, bytes):
            return b"not json: " + value
        return json.dumps({"of": owner["task_id"], "value": str(value).upper()}).encode()

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        if result.value.startswith(b"not json: "):
            return result.value
        found = json.loads(result.value.decode("UTF-8"))
        return f"{found['of']} said {found['value']} under {result.key}"


def through(key: str, value: Any) -> Any:
    """Return what comes back of a value."""
    text = xcom_backend.write(key, value, OWNER)
    json.loads(text)  # whatever is stored is JSON
    return xcom_backend.read(XComRow("t", "r", text, -1, key), "d")


def test_a_backend_writes_and_reads_what_tasks_leave() -> None:
    """It knows whose XCom it is, and finds the bytes that it wrote."""
    stored.xcom_backend = f"{__name__}.Shouting"
    assert through("k", "hello") == "t said HELLO under k"
    assert through("k", b"raw") == b"not json: raw"


def test_a_backend_can_be_put_aside() -> None:
    """While flowctl warms up, so that it never sees what is no task of a user."""
    stored.xcom_backend = f"{__name__}.Shouting"
    with xcom_backend.put_aside():
        assert through("k", "hello") == "hello"
    assert through("k", "hello") == "t said HELLO under k"


def test_a_backend_that_cannot_be_imported_is_named() -> None:
    """The task fails with it."""
    stored.xcom_backend = "nowhere.Backend"
    with pytest.raises(AirflowException, match=r"xcom_backend = nowhere\.Backend cannot be used"):
        through("k", 1)


@dataclass
class Order:
    """A class of a user."""

    number: int
    places: list[Path] = field(default_factory=list)
    total: int = field(default=0, init=False)


class Price:
    """A class that says itself what an XCom keeps of it."""

    __version__ = 2

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def serialize(self) -> dict[str, Any]:
        return {"cents": self.cents}

    @staticmethod
    def deserialize(data: dict[str, Any], version: int) -> "Price":
        assert version == 2
        return Price(data["cents"])


def test_objects_of_allowed_classes_come_back_as_they_were() -> None:
    """Also within other values; the patterns may have stars."""
    stored.xcom_classes = (f"airflow.* {__name__.rpartition('.')[0]}.*", "")
    order = Order(1, [Path("/tmp/a")])
    assert loads(dumps({"order": [order]})) == {"order": [order]}
    assert loads(dumps(Price(5))).cents == 5


def test_other_classes_are_not_made_from_xcoms() -> None:
    """Who can write an XCom must not choose what is made of it."""
    text = dumps(Order(1))
    stored.xcom_classes = ("airflow.*", "")
    with pytest.raises(SerializationError, match=r"Order, which may not be made .* add the class"):
        loads(text)
    stored.xcom_classes = ("", r".*\.Order$")
    assert loads(text) == Order(1)


def test_a_class_that_is_gone_is_an_error_that_names_it() -> None:
    """As after a change of the file that had it."""
    stored.xcom_classes = ("*", "")
    text = dumps(Order(1)).replace(".Order", ".Ordre")
    with pytest.raises(SerializationError, match="Ordre, which cannot be found"):
        loads(text)
    with pytest.raises(SerializationError, match="cannot be made into a"):
        loads(dumps(Order(1)).replace('"number"', '"amount"'))
