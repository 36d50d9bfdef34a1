"""An installed provider package may add decorators to `@task`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.authoring import providers
from flowctl.authoring.dag import DAG
from flowctl.compat import install
from flowctl.operators.decorators import task

PACKAGE = """
from airflow.decorators.base import DecoratedOperator, task_decorator_factory
from airflow.operators.bash import BashOperator


class LoudOperator(DecoratedOperator, BashOperator):
    custom_operator_name = "@task.loud"

    def __init__(self, *, volume, python_callable, **kwargs):
        super().__init__(python_callable=python_callable, bash_command="true", **kwargs)
        self.volume = volume


def loud_task(python_callable=None, multiple_outputs=None, **kwargs):
    return task_decorator_factory(
        python_callable=python_callable,
        multiple_outputs=multiple_outputs,
        decorated_operator_class=LoudOperator,
        **kwargs,
    )


def info():
    return {"task-decorators": [{"name": "loud", "class-name": "loud_provider.loud_task"}]}


def broken():
    raise LookupError("no info")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a provider package; the file of its entry points is given."""
    install()
    (tmp_path / "loud_provider.py").write_text(PACKAGE)
    about = tmp_path / "loud_provider-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-provider\nVersion: 1\n")
    entry = "[apache_airflow_provider]\nprovider_info = loud_provider:{}\n"
    (about / "entry_points.txt").write_text(entry.format("info"))
    monkeypatch.syspath_prepend(tmp_path)
    providers.installed.cache_clear()
    yield about / "entry_points.txt"
    providers.installed.cache_clear()


@pytest.mark.usefixtures("package")
def test_its_decorator_makes_tasks_of_its_operator() -> None:
    with DAG("d", schedule=None):

        @task.loud(volume=11, retries=2)
        def shout(word: str) -> None:
            """Shout."""

        made = shout("hey").operator

    assert (made.task_id, made.volume, made.retries) == ("shout", 11, 2)
    assert made.operator_name == "@task.loud"


def test_a_package_that_is_broken_is_named(package: Path, caplog: pytest.LogCaptureFixture) -> None:
    package.write_text(package.read_text().replace(":info", ":broken"))

    with pytest.raises(AttributeError, match=r"there is no decorator @task\.loud"):
        _ = task.loud
    assert "provider package loud-provider is broken" in caplog.text
