"""A template that cannot be rendered fails its task; field, task, DAG and a hint are named."""

from pathlib import Path

import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.states import TaskState
from flowctl.operators.bash import BashOperator
from flowctl.runner.execute import execute
from flowctl.runner.site import Site
from tests.runner.fakes import order_for, ticking


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (
            "echo {{ dss }}",
            "UndefinedError: 'dss' is undefined (field 'bash_command' of task 'load' of DAG"
            " 'sales'; did you mean 'ds'?)",
        ),
        (
            "echo {{ params.lost }}",
            "lost",
        ),
        (
            "run.sh",
            "TemplateNotFound: 'run.sh' not found in search path: {folder!r}"
            " (field 'bash_command' of task 'load' of DAG 'sales'; it was looked for in {folder};"
            " template_searchpath of the DAG adds folders)",
        ),
        (
            "echo {{ ds",
            "TemplateSyntaxError: unexpected end of template, expected 'end of print statement'."
            " (field 'bash_command' of task 'load' of DAG 'sales')",
        ),
    ],
)
def test_the_reason_says_which_field_of_which_task(
    tmp_path: Path, command: str, reason: str
) -> None:
    with DAG("sales", schedule=None, full_filepath=str(tmp_path / "d.py")) as dag:
        task = BashOperator(task_id="load", bash_command=command)

    outcome = execute(
        order_for(task), dag, ports=InMemoryPorts(), now=ticking(), site=Site()
    ).outcome

    assert outcome.state is TaskState.FAILED
    assert reason.format(folder=str(tmp_path)) in outcome.reason
    assert "field 'bash_command' of task 'load' of DAG 'sales'" in outcome.reason
