"""Functions of users are called with what they ask for, and packages may offer them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flowctl.authoring import entry_points, listeners, plugins, policies
from flowctl.authoring.entry_points import EntryPoint, offered
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.hook_functions import hookimpl
from flowctl.authoring.priority_strategy import PriorityWeightStrategy, strategy_of, weights
from flowctl.operators.empty import EmptyOperator


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder on the path for packages, and no plugins or policies but theirs."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(plugins, "current", plugins.Plugins())
    monkeypatch.setattr(policies, "_functions", None)
    entry_points.offered.cache_clear()
    yield tmp_path
    entry_points.offered.cache_clear()


def package(folder: Path, group: str, value: str, module: str) -> None:
    """Install a package of one module."""
    about = folder / "nice-1.2.dist-info"
    about.mkdir()
    lines = ["[console_scripts]", "x = y:z", "", f"[{group}]", f"one = {value}", "[other]", "a = b"]
    (about / "entry_points.txt").write_text("\n".join(lines))
    (folder / f"{value.partition(':')[0]}.py").write_text(module)


def test_entry_points_are_read_from_what_is_installed(packages: Path) -> None:
    package(packages, "airflow.plugins", "nice_a:Nice", "")

    assert offered("airflow.plugins") == (EntryPoint("nice==1.2", "one", "nice_a:Nice"),)
    assert offered("airflow.policy") == ()


def test_a_package_may_bring_a_plugin(packages: Path) -> None:
    text = "from flowctl.authoring.plugins import AirflowPlugin\nclass Nice(AirflowPlugin):\n"
    package(packages, "airflow.plugins", "nice_b:Nice", f"{text}    name = 'nice'\n")
    found = plugins.load(None)

    assert [(plugin.name, plugin.source) for plugin in found.loaded] == [("nice", "nice==1.2")]


def test_a_package_may_bring_policies(packages: Path) -> None:
    text = (
        "from flowctl.authoring.hook_functions import hookimpl\n"
        "@hookimpl\ndef task_policy(task):\n    task.owner = 'package'\n"
        "def dag_policy(dag):\n    raise ValueError('it is not marked')\n"
    )
    package(packages, "airflow.policy", "nice_c", text)
    task = EmptyOperator(task_id="a")
    dag = SimpleNamespace(tasks=[task])

    assert policies.is_kept(dag)
    assert task.owner == "package"


class Listener:
    heard: list[Any]

    def __init__(self) -> None:
        self.heard = []

    @hookimpl
    def on_task_instance_failed(self, task_instance: str, error: str) -> None:
        self.heard.append((task_instance, error))

    @hookimpl(tryfirst=True)
    def on_dag_run_success(self, dag_run: str) -> None:
        self.heard.append(dag_run)
        raise SystemExit(3)

    def on_dag_run_running(self, dag_run: str) -> None:
        self.heard.append(f"{dag_run}, though it is not marked")


@pytest.mark.usefixtures("packages")
def test_listeners_hear_what_they_ask_for_and_their_errors_change_nothing() -> None:
    listener = Listener()
    plugin = plugins.AirflowPlugin()
    plugin.listeners = [listener]  # type: ignore[misc]
    plugins.current.loaded.append(plugin)
    listeners.tell_of_task("retry", "ti", "ValueError")
    listeners.tell_of_run("running", "run", "")
    listeners.tell_of_run("success", "run", "")
    with plugins.put_aside():
        listeners.tell_of_run("success", "another", "")

    assert listener.heard == [("ti", "ValueError"), "run"]
    assert not listeners.is_heard("on_dag_run_running")


class Fixed(PriorityWeightStrategy):
    def __init__(self, answer: Any = 7) -> None:
        self.answer = answer

    def get_weight(self, ti: Any) -> int:
        answer: int = self.answer
        return answer * ti.priority_weight

    def serialize(self) -> dict[str, Any]:
        return {"answer": self.answer}


def test_a_strategy_is_given_as_object_class_or_name() -> None:
    assert strategy_of(Fixed(3)) == Fixed(3)
    assert strategy_of(Fixed) == Fixed()
    assert strategy_of(f"{__name__}.Fixed") == Fixed.deserialize({"answer": 7})
    assert strategy_of("upstream") is None


def test_a_strategy_answers_for_a_task_or_says_what_is_wrong() -> None:
    task = EmptyOperator(task_id="a", priority_weight=2)

    assert weights(task, Fixed(3)) == (6,)
    with pytest.raises(AirflowException, match="Fixed of task 'a' answered 'xx'; return a whole"):
        weights(task, Fixed("x"))
    with pytest.raises(AirflowException, match="Fixed of task 'a' raised TypeError"):
        weights(task, Fixed(None))


class Fading(PriorityWeightStrategy):
    def get_weight(self, ti: Any) -> int:
        return max(4 - int(ti.try_number), 2)


class ByRun(PriorityWeightStrategy):
    def get_weight(self, ti: Any) -> int:
        return 9 if ti.run_id.startswith("manual") else 1


def test_a_strategy_that_looks_at_the_run_has_a_warning() -> None:
    task = EmptyOperator(task_id="a")

    with pytest.warns(UserWarning, match="ByRun looks at run_id, .* holds for all runs"):
        assert weights(task, ByRun()) == (1,)


def test_a_strategy_is_asked_about_each_try() -> None:
    task = EmptyOperator(task_id="a", retries=5)

    assert weights(task, Fading()) == (3, 2)
    assert weights(EmptyOperator(task_id="b"), Fading()) == (3,)
