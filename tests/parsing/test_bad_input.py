"""Each mistake of an author is one import error: file, line, DAG, task, what is wrong, the cure.

Every row is a DAG file of its own; all of them lie in one folder and are parsed the real way, in
children. The line is that of the mistake, counted from the top of the file.
"""

from pathlib import Path

import pytest

from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.parsed import ParsedFile
from flowctl.parsing.now import parse_now
from tests.parsing.conftest import Folder

HEAD = """
from airflow import DAG
from airflow.decorators import dag, task
from airflow.hooks.base import BaseHook
from airflow.models import Variable
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup
"""
FIRST = HEAD.count("\n") + 1

BAD: dict[str, tuple[str, int, str]] = {
    # name: the file after HEAD, the line of the mistake in it, what the error says
    "cycle": (
        'with DAG("d"):\n    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")\n'
        "    a >> b >> a\n",
        1,
        "DAG 'd' has a cycle: a >> b >> a; remove one of these links",
    ),
    "twin": (
        'with DAG("d"):\n    EmptyOperator(task_id="a")\n'
        '    BashOperator(task_id="a", bash_command="x")\n',
        3,
        "DAG 'd' already has a task 'a' (EmptyOperator); give a task 'a' (BashOperator) another id",
    ),
    "twin_group": (
        'with DAG("d"):\n    TaskGroup("g")\n    TaskGroup("g")\n',
        3,
        "DAG 'd' already has a task group 'g'",
    ),
    "twin_dag": (
        'one = DAG("d")\ntwo = DAG("d")\n',
        2,
        f"DAG 'd': two DAGs of this file have this id, made in the lines {FIRST} and {FIRST + 1}",
    ),
    "rule": (
        'with DAG("d"):\n    EmptyOperator(task_id="a", trigger_rule="all_sucess")\n',
        2,
        "trigger_rule of task 'a' of DAG 'd' is 'all_sucess'; it must be one of all_done,",
    ),
    "rule_hint": (
        'with DAG("d"):\n    EmptyOperator(task_id="a", trigger_rule="all_sucess")\n',
        2,
        "did you mean 'all_success'?",
    ),
    "param": (
        'with DAG("d", schedule="@daily", params={"n": Param("x", type="integer")}):\n    pass\n',
        1,
        "DAG 'd' has a schedule, so all of its params need valid defaults: param 'n': 'x' is not",
    ),
    "argument": (
        'with DAG("d"):\n    EmptyOperator(task_id="a", retrys=3)\n',
        2,
        "task 'a' of DAG 'd': EmptyOperator does not know the arguments retrys=3; did you mean"
        " 'retries'?",
    ),
    "needed_argument": (
        'with DAG("d"):\n    BashOperator(task_id="a", bash_comand="true")\n',
        2,
        "BashOperator needs 'bash_command' (task 'a' of DAG 'd'); it was given 'bash_comand'; did"
        " you mean 'bash_command'?",
    ),
    "own_argument": (
        "class Mine(EmptyOperator):\n    def __init__(self, *, size=1, **kwargs):\n"
        '        super().__init__(**kwargs)\nwith DAG("d"):\n    Mine(task_id="a", sise=1)\n',
        5,
        "task 'a' of DAG 'd': Mine does not know the arguments sise=1; did you mean 'size'?",
    ),
    "dag_argument": (
        'with DAG(\n    "d",\n    shedule="@daily",\n):\n    pass\n',
        1,
        "DAG 'd': DAG does not know the arguments shedule='@daily'; did you mean 'schedule'?",
    ),
    "group_argument": (
        'with DAG("d"):\n    TaskGroup("g", tooltp="x")\n',
        2,
        "task group 'g': TaskGroup does not know the arguments tooltp='x'; did you mean 'tooltip'?",
    ),
    "place": (
        'with DAG("d"):\n    EmptyOperator("a")\n',
        2,
        "by name, not by place, as in EmptyOperator(task_id='a')",
    ),
    "number": (
        'with DAG("d", default_args={"retries": "many"}):\n    EmptyOperator(task_id="a")\n',
        2,
        "retries of task 'a' of DAG 'd' is a whole number, not 'many'",
    ),
    "memory": (
        'with DAG("d"):\n    EmptyOperator(task_id="a", mem="2 pounds")\n',
        2,
        "mem of task 'a' of DAG 'd' is a size such as 512M, 2G, 1.5GiB or 800MB, or a number of"
        " bytes, not '2 pounds'",
    ),
    "duration": (
        'with DAG("d"):\n    EmptyOperator(task_id="a", execution_timeout=60)\n',
        2,
        "execution_timeout of task 'a' of DAG 'd' is a timedelta, not 60",
    ),
    "function": (
        'with DAG("d"):\n    PythonOperator(task_id="a", python_callable="f")\n',
        2,
        "python_callable of task 'a' of DAG 'd' is a function, not 'f'",
    ),
    "call": (
        'with DAG("d"):\n    @task\n    def f(x):\n        pass\n    f()\n',
        5,
        "task 'f' of DAG 'd': f was called without 'x'",
    ),
    "decorator": (
        'with DAG("d"):\n    @task(retrys=3)\n    def f():\n        pass\n    f()\n',
        5,
        "task 'f' of DAG 'd': @task does not know the arguments retrys=3; did you mean 'retries'?",
    ),
    "dag_decorator": (
        '@dag(shedule="@daily")\ndef d():\n    pass\nd()\n',
        4,
        "DAG 'd': DAG does not know the arguments shedule='@daily'; did you mean 'schedule'?",
    ),
    "both_kinds": (
        'with DAG("d"):\n    EmptyOperator(task_id="a").as_setup().as_teardown()\n',
        2,
        "task 'a' of DAG 'd' is a setup; it cannot be a teardown as well",
    ),
    "plain_with": (
        'with DAG("d"):\n    with EmptyOperator(task_id="a"):\n        pass\n',
        2,
        "`with` takes setup and teardown tasks; 'a' is neither, mark it by as_setup()",
    ),
    "view": (
        'with DAG("d", default_view="gird"):\n    pass\n',
        1,
        "default_view of DAG 'd' is 'gird'; it must be one of grid,",
    ),
    "loop": (
        'with DAG("d"):\n    @task\n    def f():\n        pass\n    list(f())\n',
        5,
        "the result of task 'f' is not known before it ran, so the DAG file cannot loop over it",
    ),
    "arrow": (
        'with DAG("d"):\n    EmptyOperator(task_id="a") >> "b"\n',
        2,
        "'b' (str) cannot stand beside >> or << with task 'a' of DAG 'd'",
    ),
    "no_dag": (
        'a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")\na >> b\n',
        2,
        "tasks 'a' and 'b' have no DAG yet",
    ),
    "two_dags": (
        'a = EmptyOperator(task_id="a", dag=DAG("d"))\n'
        'b = EmptyOperator(task_id="b", dag=DAG("e"))\na >> b\n',
        3,
        "task 'a' of DAG 'd' cannot be linked with task 'b' of DAG 'e'",
    ),
    "expand_number": (
        'with DAG("d"):\n    @task\n    def f(x):\n        pass\n    f.expand(x=5)\n',
        5,
        "task 'f' of DAG 'd': expand() cannot map over 'x', which is an int; give it a list",
    ),
    "expand_text": (
        'with DAG("d"):\n    BashOperator.partial(task_id="a").expand(bash_command="ls")\n',
        2,
        "task 'a' of DAG 'd': expand() cannot map over 'bash_command', which is a str",
    ),
    "expand_argument": (
        'with DAG("d"):\n    BashOperator.partial(task_id="a").expand(bash_comand=["ls"])\n',
        2,
        "BashOperator.expand() has no argument 'bash_comand'; did you mean 'bash_command'?",
    ),
    "expand_dicts": (
        'with DAG("d"):\n    BashOperator.partial(task_id="a").expand_kwargs("ls")\n',
        2,
        "task 'a' of DAG 'd': expand_kwargs() takes a list of dicts or the result of a task, not",
    ),
    "expand_nothing": (
        'with DAG("d"):\n    BashOperator.partial(task_id="a", bash_command="ls").expand()\n',
        2,
        "task 'a' of DAG 'd': expand() has nothing to map over",
    ),
    "schedule": (
        'with DAG("d", schedule="every day"):\n    pass\n',
        1,
        "DAG 'd': schedule 'every day' is not a cron expression",
    ),
    "date": (
        'with DAG("d", start_date="some day"):\n    pass\n',
        1,
        "start_date of DAG 'd' is 'some day', which is no date",
    ),
    "setup": (
        'with DAG("d"):\n    EmptyOperator(task_id="s").as_setup() >> '
        'EmptyOperator(task_id="w", trigger_rule="all_done")\n',
        1,
        "task 'w' comes right after the setup 's', so its trigger rule must be all_success",
    ),
    "variable": (
        'with DAG("d"):\n    EmptyOperator(task_id="a", doc=Variable.get("lost"))\n',
        2,
        "Variable lost does not exist; set it with: flowctl variables set lost VALUE, or give it",
    ),
    "connection": (
        'host = BaseHook.get_connection("lost").host\n',
        1,
        "The conn_id `lost` isn't defined; add it with: flowctl connections add lost",
    ),
    "import_": (
        "import nowhere_to_be_found\n",
        1,
        "No module named 'nowhere_to_be_found'; to install it: pip install nowhere_to_be_found",
    ),
    "import_other_name": (
        "from sklearnx import x\n",
        1,
        "No module named 'sklearnx'; to install it: pip install sklearnx; if it is a module of your"
        " own, put it into the DAG folder",
    ),
    "import_provider": (
        "from airflow.providers.nosuchthing.hooks.x import XHook\n",
        1,
        "to install it: flowctl providers add nosuchthing",
    ),
    "import_part": (
        "import json.nothing\n",
        1,
        "No module named 'json.nothing'",
    ),
    "import_airflow": (
        "from airflow.operators.bash import BashOperater\n",
        1,
        "the closest it has is `airflow.operators.bash.BashOperator`",
    ),
    "name": ('with DAG("d"):\n    EmptyOperator(task_id=tsk)\n', 2, "name 'tsk' is not defined"),
    "syntax": ('with DAG("d")\n    pass\n', 1, "SyntaxError: expected ':'"),
}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ParsedFile]:
    """Give what the parser says about each file, by its name."""
    folder = Folder(tmp_path_factory.mktemp("bad"))
    for name, (content, _, _) in BAD.items():
        folder.write(f"{name}.py", HEAD + content)
    folder.good("good.py")
    results = parse_now(folder.options, ports=InMemoryPorts())
    return {Path(result.path).stem: result for result in results}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_named_with_its_place_and_its_cure(
    parsed: dict[str, ParsedFile], name: str
) -> None:
    _, line, sentence = BAD[name]

    headline = (parsed[name].error or "").partition("\n")[0]

    assert sentence in headline
    assert headline.endswith(f"({name}.py, line {FIRST + line - 1})")


def test_the_other_dags_go_on(parsed: dict[str, ParsedFile]) -> None:
    """Those of other files, and those of the same file that are fine."""
    assert parsed["good"].error is None
    assert [spec.dag_id for spec in parsed["good"].specs] == ["good"]
    assert [spec.dag_id for spec in parsed["twin_dag"].specs] == ["d"]


def test_the_traceback_shows_the_lines_of_the_author_only(parsed: dict[str, ParsedFile]) -> None:
    """Those of flowctl tell nobody what to change."""
    error = parsed["twin"].error or ""

    assert 'BashOperator(task_id="a", bash_command="x")' in error
    assert "task_group.py" not in error
