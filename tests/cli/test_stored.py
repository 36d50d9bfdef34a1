"""`flowctl pools`, `variables` and `connections`."""

import json
from pathlib import Path

import pytest

from flowctl import config
from flowctl.authoring import providers
from tests.cli.conftest import Call

pytestmark = pytest.mark.usefixtures("engine")


def test_pools_are_made_shown_and_deleted(call: Call) -> None:
    assert call("pools", "set", "p", "3", "mine", "--include-deferred").exit_code == 0
    assert json.loads(call("pools", "get", "p", "-o", "json").stdout) == [
        {"pool": "p", "slots": "3", "description": "mine", "include_deferred": "True"}
    ]
    assert call("pools", "delete", "p").exit_code == 0
    assert call("pools", "get", "p").stderr == "flowctl: there is no pool 'p'\n"
    assert call("pools", "delete", "default_pool").exit_code == 1


def test_a_pool_without_a_limit_has_minus_one_slots(call: Call) -> None:
    assert call("pools", "set", "p", "-1", "open").exit_code == 0
    assert json.loads(call("pools", "get", "p", "-o", "json").stdout)[0]["slots"] == "-1"
    assert call("pools", "set", "p", "3", "--include-defered").exit_code == 2


def test_pools_travel_in_a_file(call: Call, tmp_path: Path) -> None:
    file = str(tmp_path / "pools.json")
    call("pools", "set", "p", "3", "mine")
    assert call("pools", "export", file).exit_code == 0
    call("pools", "delete", "p")

    assert call("pools", "import", file).exit_code == 0
    assert "mine" in call("pools", "list").stdout
    Path(file).write_text('{"q": {"slots": "many"}}')
    assert "pool 'q' needs `slots`" in call("pools", "import", file).stderr


def test_variables_are_stored_and_read(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("variables", "set", "k", "v").exit_code == 0
    assert call("variables", "get", "k").stdout == "v\n"
    assert json.loads(call("variables", "list", "-o", "json").stdout) == [{"key": "k"}]
    assert call("variables", "get", "nope").exit_code == 1
    assert call("variables", "get", "nope", "-d", "else").stdout == "else\n"
    monkeypatch.setenv("AIRFLOW_VAR_K", "from outside")
    assert call("variables", "get", "k").stdout == "from outside\n"
    assert call("variables", "delete", "k").exit_code == 0
    assert call("variables", "delete", "k").exit_code == 1


def test_json_variables_are_checked(call: Call) -> None:
    assert call("variables", "set", "k", "{", "--json").exit_code == 1
    assert call("variables", "get", "k").exit_code == 1


def test_variables_travel_in_a_file(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "variables.json"
    call("variables", "set", "k", "v", "--description", "about")
    call("variables", "set", "j", '{"a": 1}')
    assert call("variables", "export", str(file)).exit_code == 0
    assert json.loads(file.read_text()) == {
        "j": '{"a": 1}',
        "k": {"value": "v", "description": "about"},
    }
    assert file.stat().st_mode & 0o777 == 0o600

    call("variables", "set", "k", "other")
    assert call("variables", "import", str(file), "-a", "fail").exit_code == 1
    assert call("variables", "import", str(file), "-a", "skip").exit_code == 0
    assert call("variables", "get", "k").stdout == "other\n"
    assert call("variables", "import", str(file)).exit_code == 0
    assert call("variables", "get", "k").stdout == "v\n"


def test_connections_are_added_whole_or_by_field(call: Call) -> None:
    assert call("connections", "add", "a", "--conn-uri", "postgres://u:pw@h:1/s?x=y").exit_code == 0
    assert call("connections", "add", "a", "--conn-type", "http").exit_code == 1
    assert call("connections", "add", "b").exit_code == 2
    assert call("connections", "add", "b", "--conn-type", "http", "--conn-host", "h").exit_code == 0
    shown = json.loads(call("connections", "get", "a", "-o", "json").stdout)[0]
    assert shown["password"] == "pw"
    assert shown["get_uri"] == "postgres://u:pw@h:1/s?x=y"


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--conn-uri", "nonsense", "scheme"),
        ("--conn-uri", "http://h:port", "port"),
        ("--conn-json", "{bad", "JSON"),
        ("--conn-json", "[1]", "JSON object"),
        ("--conn-json", '{"host": "h"}', "conn_type"),
    ],
)
def test_what_is_no_connection_is_not_stored(call: Call, option: str, text: str, said: str) -> None:
    refused = call("connections", "add", "c", option, text)

    assert refused.exit_code in (1, 2)
    assert f"{option}: " in refused.stderr
    assert said in refused.stderr
    assert call("connections", "get", "c").exit_code == 1


def test_lists_of_connections_hold_no_secret(call: Call) -> None:
    uri = "postgres://u:pw-secret@h/s?token=t-secret"
    added = call("connections", "add", "a", "--conn-uri", uri)
    listed = call("connections", "list", "-o", "json").stdout

    assert "secret" not in added.output + listed


def test_a_connection_of_the_environment_is_shown(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_E", "http://somewhere")

    assert "somewhere" in call("connections", "get", "e").stdout
    assert call("connections", "get", "nope").exit_code == 1


@pytest.mark.parametrize("ending", ["json", "yaml", "env"])
def test_connections_travel_in_a_file(call: Call, tmp_path: Path, ending: str) -> None:
    file = str(tmp_path / f"connections.{ending}")
    call("connections", "add", "a", "--conn-uri", "postgres://u:pw@h:1/s?x=y")
    before = call("connections", "get", "a", "-o", "json").stdout
    assert call("connections", "export", file).exit_code == 0
    call("connections", "delete", "a")

    assert call("connections", "import", file).exit_code == 0
    assert call("connections", "get", "a", "-o", "json").stdout == before
    assert "left as it is" not in call("connections", "import", file, "--overwrite").output
    assert "was left as it is" in call("connections", "import", file).stderr


@pytest.fixture
def _provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a provider package whose hook knows one password, and one with a broken import."""
    info = tmp_path / "site" / "fake-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[apache_airflow_provider]\nprovider_info=fake:about\n")
    (info.parent / "fake.py").write_text(PROVIDER)
    monkeypatch.syspath_prepend(info.parent)
    providers.installed.cache_clear()


PROVIDER = """
from flowctl.hooks.base import BaseHook

class FakeHook(BaseHook):
    conn_name_attr = "fake_id"

    def __init__(self, fake_id):
        super().__init__()
        self.fake_id = fake_id

    def test_connection(self):
        if self.get_connection(self.fake_id).password == "right":
            return True, "welcome"
        raise OSError("wrong password")

class Untested:
    def __init__(self, conn_id):
        pass

def about():
    hooks = {"fake": "fake.FakeHook", "plain": "fake.Untested", "odd": "fake_without.Hook"}
    return {
        "connection-types": [
            {"connection-type": kind, "hook-class-name": path} for kind, path in hooks.items()
        ]
    }
"""


@pytest.mark.usefixtures("_provider")
def test_a_connection_is_tested_by_the_hook_of_its_type(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, uri in {
        "good": "fake://me:right@host",
        "bad": "fake://me:wrong@host",
        "alien": "zork://host",
        "plain": "plain://host",
        "odd": "odd://host",
    }.items():
        call("connections", "add", name, "--conn-uri", uri)
    assert "switched off" in call("connections", "test", "good").stderr
    monkeypatch.setenv("AIRFLOW__CORE__TEST_CONNECTION", "Enabled")
    config.forget()

    good = call("connections", "test", "good")
    assert (good.exit_code, good.stdout) == (0, "Connection good works: welcome\n")
    for name, said in {
        "bad": "connection 'bad' does not work: OSError: wrong password",
        "alien": "no hook for connections of type 'zork'",
        "plain": "Untested, the hook of type 'plain', has no test",
        "odd": "the hook fake_without.Hook cannot be imported",
        "none": "there is no connection 'none'",
    }.items():
        refused = call("connections", "test", name)
        assert refused.exit_code == 1
        assert said in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
