"""Variables: the environment first, then the ports."""

from collections.abc import Iterator

import pytest

from flowctl.authoring import masking, ports
from flowctl.authoring.ports import InMemoryPorts
from flowctl.authoring.variable import Variable


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    before = ports.current()
    ports.use(InMemoryPorts())
    yield
    masking.forget()
    ports.use(before)


def test_what_is_set_is_found_until_it_is_deleted() -> None:
    Variable.set("n", 1)
    assert Variable.get("n") == "1"
    assert Variable.delete("n") == 1
    assert Variable.delete("n") == 0


def test_a_missing_variable_is_an_error_or_the_default() -> None:
    assert Variable.get("gone", default_var=None) is None
    with pytest.raises(KeyError, match="gone"):
        Variable.get("gone")


def test_json_goes_in_and_out() -> None:
    Variable.set("tree", {"a": [1]}, serialize_json=True)
    assert Variable.get("tree", deserialize_json=True) == {"a": [1]}


@pytest.mark.parametrize("prefix", ["AIRFLOW_VAR_", "FLOWCTL_VAR_"])
def test_the_environment_answers_first(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    Variable.set("place", "stored")
    monkeypatch.setenv(f"{prefix}PLACE", "environment")
    assert Variable.get("place") == "environment"


def test_setdefault_stores_only_what_is_missing() -> None:
    assert Variable.setdefault("tree", [1], deserialize_json=True) == [1]
    assert Variable.setdefault("tree", [2], deserialize_json=True) == [1]


def test_update_needs_a_variable() -> None:
    with pytest.raises(KeyError):
        Variable.update("gone", 1)
    Variable.set("n", 1)
    Variable.update("n", 2)
    assert Variable.get("n") == "2"


def test_a_variable_with_a_secret_name_is_hidden_once_it_is_read() -> None:
    Variable.set("my_api_key", "abc123")
    Variable.set("open", "visible")
    Variable.get("my_api_key")
    Variable.get("open")

    assert masking.redact("abc123 visible") == "*** visible"
