"""XCom values survive as JSON; what cannot is refused with its place."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.authoring.exceptions import SerializationError
from flowctl.authoring.serialization import dumps, loads

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "value",
    [
        (1, (2, [3])),
        {1, 2},
        frozenset({1}),
        b"\x00\xff",
        datetime(2024, 1, 2, 3, 4, 5, 6, UTC),
        datetime(2024, 1, 2, 3, 4),  # noqa: DTZ001 - users return such
        datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN),
        datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
        pendulum.datetime(2024, 1, 2, tz="Europe/Berlin"),
        pendulum.parse("2024-01-02T00:00:00+05:30"),
        date(2024, 1, 2),
        time(3, 4),
        timedelta(days=-1, microseconds=7),
        Decimal("1.10"),
        UUID(int=5),
        float("inf"),
        {"__type__": "datetime", "value": "not one"},
        {"a": {"__type__": [1]}},
    ],
)
def test_values_that_json_lacks_come_back_as_they_were(value: Any) -> None:
    found = loads(dumps(value))

    assert found == value
    assert type(found) is type(value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(plain)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(plain.filter(lambda value: "__type__" not in repr(value) and "inf" not in repr(value)))
def test_plain_values_are_plain_json(value: Any) -> None:
    assert json.loads(dumps(value)) == value


def test_keys_become_texts_and_enums_their_values() -> None:
    class Colour(Enum):
        RED = 1

    assert loads(dumps({1: Colour.RED})) == {"1": 1}


class Unknown:
    """Nothing that JSON could say."""


@pytest.mark.parametrize("value", [Unknown(), {"a": [0, Unknown()]}])
def test_what_cannot_be_stored_is_named_with_its_place(value: Any) -> None:
    with pytest.raises(SerializationError, match=r"value(\['a'\]\[1\])? is a .*Unknown"):
        dumps(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(SerializationError, match="contains itself"):
        dumps(loop)


@pytest.mark.parametrize(
    "text", ["{", '{"__type__": "os.system", "value": "x"}', '{"__type__": 1}']
)
def test_foreign_text_is_refused(text: str) -> None:
    with pytest.raises(SerializationError):
        loads(text)
