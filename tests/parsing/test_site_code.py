"""Plugins and cluster policies count where DAG files are parsed, and harm nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flowctl.core.parsed import ParsedFile
from tests.parsing.conftest import Folder, Loop

PLUGIN = """
import os
from airflow.listeners import hookimpl
from airflow.models.baseoperator import BaseOperatorLink
from airflow.plugins_manager import AirflowPlugin
from airflow.task.priority_strategy import PriorityWeightStrategy

def shout(text):
    return text.upper() + "!"

class Heavy(PriorityWeightStrategy):
    def get_weight(self, ti):
        return 40 + ti.try_number

class Wiki(BaseOperatorLink):
    name = "Wiki"
    def get_link(self, operator, *, ti_key):
        return "http://wiki/" + ti_key.task_id

class Ears:
    @hookimpl
    def on_dag_run_failed(self, dag_run, msg): ...
    @hookimpl
    def on_task_instance_success(self, task_instance): ...
    @hookimpl
    def on_new_dag_import_error(self, filename, stacktrace):
        with open(os.path.dirname(__file__) + "/heard.txt", "a") as file:
            file.write(f"new {os.path.basename(filename)}\\n")

class Mine(AirflowPlugin):
    name = "mine"
    macros = [shout]
    listeners = [Ears()]
    priority_weight_strategies = [Heavy]
    global_operator_extra_links = [Wiki()]
    flask_blueprints = ["something"]
"""
DAG = """
from airflow import DAG
from airflow.operators.bash import BashOperator
with DAG("{dag_id}", schedule=None) as dag:
    BashOperator(task_id="a", bash_command="true"{more})
"""


class Site(Folder):
    """A DAG folder with folders for plugins and settings beside it."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.plugins, self.config = base / "plugins", base / "config"
        self.plugins.mkdir()
        self.config.mkdir()

    def parse(self, **changes: object) -> dict[str, ParsedFile]:
        places = {"plugins_folder": self.plugins, "config_folder": self.config}
        return super().parse(**(places | changes))

    def dag(self, dag_id: str = "d", head: str = "", more: str = "") -> None:
        self.write(f"{dag_id}.py", head + DAG.format(dag_id=dag_id, more=more))


@pytest.fixture
def folder(tmp_path: Path) -> Site:
    """Give the folders in place of the one that `watching` uses."""
    return Site(tmp_path)


@pytest.fixture
def site(folder: Site) -> Site:
    return folder


def test_what_a_plugin_adds_is_there_while_a_file_is_parsed(site: Site) -> None:
    (site.plugins / "mine.py").write_text(PLUGIN)
    site.dag(
        head="from airflow.macros import mine\nfrom mine import Heavy\n",
        more=", weight_rule=Heavy(), doc=mine.shout('hi')",
    )
    found = site.parse()
    (spec,) = found["d.py"].specs
    (task,) = spec.tasks

    assert found["d.py"].error is None
    assert task.doc == {"plain": "HI!"}
    assert (task.priority_weight, task.weight_rule) == (41, "absolute")
    assert task.extra_links == {"Wiki": "_link_Wiki"}
    assert (spec.callbacks, task.callbacks) == (("failure",), ("success",))


def test_what_a_plugin_lists_in_vain_is_said_with_the_plugin_alone(site: Site) -> None:
    (site.plugins / "mine.py").write_text(PLUGIN)
    site.dag()
    found = site.parse()
    (warning,) = found["plugins://mine.py"].warnings

    assert "flowctl does nothing with its flask_blueprints" in warning
    assert found["d.py"].warnings == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import nothing_there", "No module named 'nothing_there'"),
        (
            "from airflow.plugins_manager import AirflowPlugin\nclass P(AirflowPlugin): pass",
            "the plugin P needs a `name`",
        ),
        ("while True: pass", "import took longer than 0.5 s"),
        ("import os; os._exit(3)", "exited with status 3"),
    ],
)
def test_a_broken_plugin_is_an_error_of_its_own(site: Site, text: str, sentence: str) -> None:
    (site.plugins / "bad.py").write_text(text)
    found = site.parse(import_timeout_s=0.5)

    assert sentence in str(found["plugins://bad.py"].error)


def test_a_broken_plugin_leaves_dags_and_other_plugins_alone(site: Site) -> None:
    (site.plugins / "bad.py").write_text("import nothing_there")
    (site.plugins / "mine.py").write_text(PLUGIN)
    site.dag(head="from airflow.macros.mine import shout\n")

    assert site.parse()["d.py"].error is None


def test_listeners_hear_of_files_that_cannot_be_imported(site: Site) -> None:
    (site.plugins / "mine.py").write_text(PLUGIN)
    site.error("raise ValueError(1)")

    assert (site.plugins / "heard.txt").read_text() == "new bad.py\n"


def test_policies_change_refuse_and_leave_out_dags(site: Site) -> None:
    (site.config / "airflow_local_settings.py").write_text(
        "from airflow.exceptions import AirflowClusterPolicySkipDag\n"
        "from airflow.exceptions import AirflowClusterPolicyViolation\n"
        "def dag_policy(dag):\n"
        "    if dag.dag_id == 'bad': raise AirflowClusterPolicyViolation('needs tags')\n"
        "    if dag.dag_id == 'left': raise AirflowClusterPolicySkipDag('no')\n"
        "def policy(task):\n"
        "    task.owner = 'site'\n"
        "def task_instance_mutation_hook(task_instance):\n"
        "    task_instance.queue = 'fast'\n"
    )
    for dag_id in ("good", "bad", "left"):
        site.dag(dag_id)
    found = site.parse()
    (task,) = found["good.py"].specs[0].tasks

    assert (task.owner, task.queue) == ("site", "fast")
    assert found["bad.py"].specs == ()
    assert "DAG 'bad': AirflowClusterPolicyViolation: needs tags" in str(found["bad.py"].error)
    assert (found["left.py"].specs, found["left.py"].error) == ((), None)


def test_a_hook_that_looks_at_the_run_has_one_warning_on_each_file(site: Site) -> None:
    (site.config / "airflow_local_settings.py").write_text(
        "def task_instance_mutation_hook(task_instance):\n"
        "    if task_instance.run_id.startswith('manual'):\n"
        "        task_instance.queue = 'fast'\n"
    )
    site.dag("one")
    (warning,) = site.parse()["one.py"].warnings

    assert "task_instance_mutation_hook looks at run_id, but is asked when" in warning


def test_nothing_runs_past_policies_that_cannot_be_loaded(site: Site) -> None:
    (site.config / "airflow_local_settings.py").write_text("import nothing_there")
    site.dag()
    found = site.parse()["d.py"]

    assert found.specs == ()
    assert "airflow_local_settings.py, which holds the cluster policies, cannot be" in str(
        found.error
    )


def test_the_site_may_choose_how_long_an_import_takes(site: Site) -> None:
    (site.config / "airflow_local_settings.py").write_text(
        "def get_dagbag_import_timeout(dag_file_path):\n"
        "    return 0.3 if dag_file_path.endswith('bad.py') else None\n"
    )

    assert "import took longer than 0.3 s" in site.error("while True: pass")


def test_dags_depend_on_the_plugins_and_policies_that_were_read(site: Site) -> None:
    (site.plugins / "mine.py").write_text(PLUGIN)
    (site.config / "airflow_local_settings.py").write_text("def task_policy(task): pass")
    site.dag()

    assert {Path(path).name for path in site.parse()["d.py"].depends} == {
        "mine.py",
        "airflow_local_settings.py",
    }


def test_listeners_hear_that_the_scheduler_starts_and_stops(
    site: Site, watching: Callable[..., Loop]
) -> None:
    (site.plugins / "ears.py").write_text(
        "import pathlib\n"
        "from airflow.listeners import hookimpl\n"
        "from airflow.plugins_manager import AirflowPlugin\n"
        "class Ears:\n"
        "    @hookimpl\n"
        "    def before_stopping(self, component):\n"
        "        pathlib.Path(__file__).with_suffix('.txt').write_text(component.job_type)\n"
        "class Mine(AirflowPlugin):\n"
        "    name = 'ears'\n"
        "    listeners = [Ears()]\n"
    )
    loop = watching(plugins_folder=site.plugins)
    loop.parser.announce("before_stopping", wait_s=20.0)

    assert (site.plugins / "ears.txt").read_text() == "SchedulerJob"


def test_dags_are_parsed_again_when_a_plugin_comes_or_goes(
    site: Site, watching: Callable[..., Loop]
) -> None:
    site.dag(head="from airflow.macros.mine import shout\n")
    loop = watching(plugins_folder=site.plugins)
    assert loop.until_result("d.py").error is not None
    loop.settle()
    (site.plugins / "mine.py").write_text(PLUGIN)

    assert loop.until_result("d.py").error is None
