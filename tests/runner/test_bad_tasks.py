"""Each mistake that shows when a task runs fails that task: place, DAG, task, cure are named.

Mistakes that show when the file is read: `tests/parsing/test_bad_input.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import ports
from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.states import TaskState
from flowctl.runner.execute import execute
from flowctl.runner.site import Site
from tests.runner.fakes import order_for, ticking

FILE = """from flowctl import DAG, task
from flowctl.operators.bash import BashOperator

with DAG("sales", schedule=None, params={{"region": "north"}}) as dag:
    {task}
"""
LINE = 5

FIELD = f"(field 'bash_command' of task 'load' of DAG 'sales' (d.py, line {LINE})"

BAD_COMMANDS = {
    "echo {{ dss }}": f"UndefinedError: 'dss' is undefined {FIELD}; did you mean 'ds'?)",
    "echo {{ params.regoin }}": (f"has no attribute 'regoin' {FIELD}; did you mean 'region'?)"),
    "echo {{ ds | uper }}": f"No filter named 'uper'. {FIELD}; did you mean 'upper'?)",
    "echo {{ macros.ds_ad(ds, 1) }}": f"has no attribute 'ds_ad' {FIELD}",
    "echo {{ ds": f"TemplateSyntaxError: unexpected end of template, expected 'end of print"
    f" statement'. {FIELD})",
    "echo {{ var.value.lost }}": "Variable lost does not exist; set it with: flowctl variables set",
    "echo {{ conn.lost.host }}": "The conn_id `lost` isn't defined; add it with: flowctl"
    " connections add lost",
    "run.sh": f"TemplateNotFound: 'run.sh' not found in search path: '%(folder)s' {FIELD}; it was"
    " looked for in %(folder)s; template_searchpath of the DAG adds folders)",
}

BAD_FUNCTIONS = {
    "import lost_module": "ModuleNotFoundError: No module named 'lost_module'; to install it: pip"
    " install lost_module",
    "from airflow.providers.lost.hooks.x import Hook": "to install it: flowctl providers add lost",
    "return object()": "value is a builtins.object, which cannot be stored as an XCom; return plain"
    " values",
}


@pytest.fixture(autouse=True)
def nothing_stored() -> Iterator[None]:
    """Have a metastore without variables and connections."""
    before = ports.current()
    ports.use(InMemoryPorts())
    yield
    ports.use(before)


def reason_of(folder: Path, task: str) -> str:
    """Return why the task of a file with this code failed."""
    path = folder / "d.py"
    path.write_text(FILE.format(task=task))
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), path, "exec"), names)
    dag = names["dag"]
    order = order_for(dag.get_task("load"))
    outcome = execute(order, dag, ports=InMemoryPorts(), now=ticking(), site=Site()).outcome
    assert outcome.state is TaskState.FAILED
    return outcome.reason


@pytest.mark.parametrize("command", BAD_COMMANDS)
def test_a_field_that_cannot_be_rendered_is_named(tmp_path: Path, command: str) -> None:
    reason = reason_of(tmp_path, f"BashOperator(task_id='load', bash_command={command!r})")

    assert BAD_COMMANDS[command] % {"folder": tmp_path} in reason
    assert FIELD in reason


@pytest.mark.parametrize("line", BAD_FUNCTIONS)
def test_a_function_that_fails_is_told_the_cure(tmp_path: Path, line: str) -> None:
    assert BAD_FUNCTIONS[line] in reason_of(tmp_path, f"task(task_id='load')({as_lambda(line)})()")


def as_lambda(line: str) -> str:
    """Return an expression that is a function with this one line."""
    return f"(lambda: exec({line!r}))" if "import" in line else f"(lambda: {line[7:]})"
