"""`flowctl plugins`, and commands about timetables that users wrote."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flowctl.authoring import plugins
from flowctl.core.spec import DagSpec, ScheduleSpec
from tests.cli.conftest import Call
from tests.cli.test_dags import record

PLUGIN = """
from airflow.plugins_manager import AirflowPlugin
def shout(text): ...
class Timetable: ...
class P(AirflowPlugin):
    name = "mine"
    macros = [shout]
    timetables = [Timetable]
    appbuilder_views = [{"name": "x"}]
"""
OWN = """
from datetime import datetime, timedelta
from airflow import DAG
from airflow.timetables.base import DagRunInfo, Timetable
class Mine(Timetable):
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        start = restriction.earliest if last is None else last.end
        return DagRunInfo.interval(start, start + timedelta(hours=36))
dag = DAG("own", schedule=Mine(), start_date=datetime(2024, 1, 1))
"""


@pytest.fixture
def folder(flowctl_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the plugins folder, and forget afterwards what was loaded."""
    monkeypatch.setattr(plugins, "current", plugins.Plugins())
    monkeypatch.syspath_prepend(str(flowctl_home))
    made = flowctl_home / "plugins"
    made.mkdir()
    return made


def test_plugins_are_listed_with_what_they_bring(call: Call, folder: Path) -> None:
    (folder / "cli_mine.py").write_text(PLUGIN)
    result = call("plugins", "-o", "json")
    (row,) = json.loads(result.stdout)

    assert result.exit_code == 0
    assert (row["name"], row["macros"], row["timetables"]) == ("mine", "shout", "Timetable")
    assert row["source"] == "$PLUGINS_FOLDER/cli_mine.py"
    assert "plugin 'mine': flowctl does nothing with its appbuilder_views" in result.stderr


def test_a_plugin_that_cannot_be_loaded_is_named_with_exit_code_1(call: Call, folder: Path) -> None:
    (folder / "cli_broken.py").write_text("import nothing_there")
    result = call("plugins")

    assert result.exit_code == 1
    assert result.stdout == "No plugins loaded\n"
    assert "cli_broken.py cannot be loaded: ModuleNotFoundError" in result.stderr


def test_the_next_runs_of_a_timetable_of_the_user_are_asked_for(
    call: Call, home: Engine, flowctl_home: Path
) -> None:
    dags = flowctl_home / "dags"
    dags.mkdir(exist_ok=True)
    (dags / "own.py").write_text(OWN)
    schedule = ScheduleSpec("own", timetable="own.Mine")
    record(home, DagSpec(dag_id="own", file="own.py", schedule=schedule))

    assert call("dags", "next-execution", "own", "-n", "2").stdout.split() == [
        "2024-01-01T00:00:00+00:00",
        "2024-01-02T12:00:00+00:00",
    ]
