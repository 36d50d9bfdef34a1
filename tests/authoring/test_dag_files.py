"""Pieces of DAG files mean here what they mean under Airflow 2.10.5.

`dag_files_oracle.json` holds for each piece what the real one answered: the value of `answer`, or
the class of the exception. Where Airflow raises something of Python's own, an AirflowException is
as good: its message reaches the user.
"""

import copy
import datetime as dt
import functools
import json
from pathlib import Path
from typing import Any

import pendulum
import pytest

from flowctl.authoring.dag import DAG
from flowctl.authoring.dag_functions import dag
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.labels import Label
from flowctl.authoring.links import chain, chain_linear, cross_downstream
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.params import Param, ParamsDict
from flowctl.authoring.task_group import TaskGroup
from flowctl.authoring.task_group_functions import task_group
from flowctl.operators.bash import BashOperator
from flowctl.operators.decorators import task
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.python import PythonOperator

PIECES = json.loads(Path(__file__).with_name("dag_files_oracle.json").read_text())


def a_dag() -> DAG:
    return DAG("d", start_date=dt.datetime(2024, 1, 1), schedule="@daily")  # noqa: DTZ001 - as users do


def edges(of: DAG) -> list[Any]:
    """Return the links of a DAG and the labels on them."""
    links = sorted([up, one.task_id] for one in of.tasks for up in one.upstream_task_ids)
    labels = [
        [up, down, info["label"]]
        for up, downs in of.edge_info.items()
        for down, info in downs.items()
    ]
    return [links, sorted(labels)]


NAMES: dict[str, Any] = {
    "BaseOperator": BaseOperator,
    "BashOperator": BashOperator,
    "DAG": DAG,
    "EmptyOperator": EmptyOperator,
    "Label": Label,
    "Param": Param,
    "ParamsDict": ParamsDict,
    "PythonOperator": PythonOperator,
    "TaskGroup": TaskGroup,
    "a_dag": a_dag,
    "chain": chain,
    "chain_linear": chain_linear,
    "check_cycle": DAG.validate,
    "cross_downstream": cross_downstream,
    "dag": dag,
    "dt": dt,
    "edges": edges,
    "functools": functools,
    "pendulum": pendulum,
    "task": task,
    "task_group": task_group,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("piece", PIECES, ids=[piece["name"] for piece in PIECES])
def test_a_piece_of_a_dag_file_means_what_it_means_in_airflow(piece: dict[str, Any]) -> None:
    names = copy.copy(NAMES)
    code = "\n".join(piece["code"])

    if "answer" in piece:
        exec(code, names)
        assert json.loads(json.dumps(names.get("answer"), default=str)) == piece["answer"]
        return
    with pytest.raises(Exception) as caught:  # noqa: PT011 - its class is checked below
        exec(code, names)
    assert type(caught.value).__name__ == piece["error"] or isinstance(
        caught.value, AirflowException
    )
