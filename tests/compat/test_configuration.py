"""`conf` and `settings` read flowctl's own options under Airflow's names."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flowctl import config
from flowctl.authoring.exceptions import AirflowConfigException
from flowctl.compat import settings
from flowctl.compat.configuration import conf


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give this process a home of its own, and forget what it read."""
    monkeypatch.setenv("FLOWCTL_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "7")
    monkeypatch.setenv("AIRFLOW__MINE__WORDS", "a, b")
    monkeypatch.setenv("AIRFLOW__MINE__JSON", '{"a": 1}')
    monkeypatch.setenv("AIRFLOW__MINE__WAIT", "90")
    monkeypatch.setenv("AIRFLOW__MINE__CLASS", "collections.OrderedDict")
    config.forget()
    yield tmp_path
    config.forget()


def test_an_option_is_read_as_the_kind_that_is_asked_for() -> None:
    """One getter for each kind, as providers call them."""
    assert conf.get("core", "parallelism") == "7"
    assert conf.getint("core", "parallelism") == 7
    assert conf.getfloat("core", "parallelism") == 7.0
    assert conf.getboolean("core", "load_examples") in (True, False)
    assert conf.getlist("mine", "words") == ["a", "b"]
    assert conf.getjson("mine", "json") == {"a": 1}
    assert conf.gettimedelta("mine", "wait") == timedelta(seconds=90)
    assert conf.getimport("mine", "class").__name__ == "OrderedDict"


def test_the_fallback_is_for_what_nobody_set() -> None:
    """A value that is there wins."""
    assert conf.getint("mine", "unheard_of", fallback=3) == 3
    assert conf.getjson("mine", "unheard_of", fallback=None) is None
    assert conf.getint("core", "parallelism", fallback=3) == 7
    assert conf.has_option("core", "parallelism")
    assert not conf.has_option("mine", "unheard_of")


def test_what_is_not_there_or_not_of_that_kind_is_an_airflow_error() -> None:
    """Providers catch AirflowConfigException."""
    with pytest.raises(AirflowConfigException, match="there is no option"):
        conf.get("mine", "unheard_of")
    with pytest.raises(AirflowConfigException, match="must be"):
        conf.getint("mine", "words")
    with pytest.raises(AirflowConfigException, match=r"\[mine\] words"):
        conf.getjson("mine", "words")


def test_settings_are_those_of_this_home(home: Path) -> None:
    """Asked for late, so that importing them costs nothing."""
    assert Path(settings.AIRFLOW_HOME) == home
    assert Path(settings.DAGS_FOLDER).is_absolute()
    assert settings.TIMEZONE.name == "UTC"
    with pytest.raises(AttributeError, match="there is no setting"):
        _ = settings.ENGINE
