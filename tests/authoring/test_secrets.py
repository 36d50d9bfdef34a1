"""Where variables and connections come from: a backend, the environment, the metastore."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import ports, secrets
from flowctl.authoring.connection import Connection
from flowctl.authoring.exceptions import AirflowException, AirflowNotFoundException
from flowctl.authoring.ports import ConnectionRecord, InMemoryPorts
from flowctl.authoring.secrets import BaseSecretsBackend, LocalFilesystemBackend
from flowctl.authoring.settings import Stored, stored
from flowctl.authoring.variable import Variable


class Vault(BaseSecretsBackend):
    """A backend as users write them; `asked` counts what it was asked."""

    asked: list[str] = []  # noqa: RUF012 - shared on purpose

    def __init__(self, **values: str) -> None:
        self.values = values

    def get_variable(self, key: str) -> str | None:
        self.asked.append(key)
        if key == "broken":
            raise OSError("the vault is sealed")
        return self.values.get(key)

    def get_conn_value(self, conn_id: str) -> str | None:
        return self.values.get(conn_id)


@pytest.fixture(autouse=True)
def memory() -> Iterator[InMemoryPorts]:
    """Keep settings and answers apart from those of other tests."""
    memory = InMemoryPorts()
    ports.use(memory)
    before = vars(stored).copy()
    yield memory
    vars(stored).update(before)
    secrets.forget()
    secrets._made.clear()
    Vault.asked.clear()


def use_vault(kept_s: float = 0.0, **values: str) -> None:
    """Let the vault answer first."""
    given = Stored(f"{__name__}.Vault", values, kept_s)
    vars(stored).update(vars(given))


def test_the_backend_goes_before_environment_and_metastore(
    monkeypatch: pytest.MonkeyPatch, memory: InMemoryPorts
) -> None:
    """And each place answers what those before it lack."""
    use_vault(one="vault", db="sqlite:///vault.db")
    for name in ("ONE", "TWO"):
        monkeypatch.setenv(f"AIRFLOW_VAR_{name}", "environment")
    memory.variables.update(one="store", two="store", three="store")
    memory.connections["other"] = ConnectionRecord("other", "http")

    found = [Variable.get(key) for key in ("one", "two", "three")]
    assert found == ["vault", "environment", "store"]
    assert Connection.get_connection_from_secrets("db").conn_type == "sqlite"
    assert Connection.get("other").conn_type == "http"


def test_a_backend_that_fails_is_no_error_for_values_that_lie_elsewhere(
    memory: InMemoryPorts, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the backend and the value."""
    use_vault()
    memory.variables["broken"] = "from the store"

    with caplog.at_level(logging.WARNING):
        assert Variable.get("broken") == "from the store"
    assert "Vault fails for 'broken': OSError('the vault is sealed')" in caplog.text


def test_a_backend_that_cannot_be_made_is_no_error_either(
    memory: InMemoryPorts, caplog: pytest.LogCaptureFixture
) -> None:
    """Until nothing has the value."""
    stored.secrets_backend = "nowhere.Vault"
    memory.variables["a"] = "1"

    assert Variable.get("a") == "1"
    assert "[secrets] backend = nowhere.Vault cannot be used" in caplog.text
    with pytest.raises(AirflowNotFoundException):
        Connection.get("b")
    with pytest.raises(AirflowException, match="cannot be used"):
        secrets.option("c")


def test_answers_are_kept_where_the_site_wants_that() -> None:
    """Until a variable is changed here."""
    use_vault(one="1")
    assert [Variable.get("one"), Variable.get("one")] == ["1", "1"]
    assert Vault.asked == ["one", "one"]

    use_vault(kept_s=60.0, one="1")
    assert [Variable.get("one"), Variable.get("one")] == ["1", "1"]
    assert Vault.asked == ["one"] * 3
    Variable.set("two", "2")
    assert Variable.get("one") == "1"
    assert Vault.asked == ["one"] * 4


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("v.json", json.dumps({"a": "1", "b": {"c": 2}})),
        ("v.yaml", "a: '1'\nb: {c: 2}\n"),
        ("v.env", 'a=1\nb={"c": 2}\n'),
    ],
)
def test_a_file_can_be_the_backend(tmp_path: Path, name: str, text: str) -> None:
    """With variables, and with connections."""
    path = tmp_path / name
    path.write_text(text)
    values: Any = LocalFilesystemBackend(variables_file_path=str(path))
    assert values.get_variable("a") == "1"
    assert json.loads(values.get_variable("b")) == {"c": 2}
    assert values.get_variable("nothing") is None

    connections = tmp_path / "c.json"
    connections.write_text('{"x": "http://me@host", "y": {"conn_type": "ftp", "port": 21}}')
    found = LocalFilesystemBackend(connections_file_path=str(connections))
    x, y = found.get_connection("x"), found.get_connection("y")
    assert x is not None
    assert y is not None
    assert (x.login, y.port) == ("me", 21)
