"""Ask a real Airflow 2.10.5 what it makes of the DAGs in `setup_shapes`, and write the answers.

    python-with-airflow tests/core/data/ask_setups.py

Of each: its arrows, what groups begin and end with, which setups hold for which tasks, what comes
along with a part of it, what the rules decide in many mixes of states, and how runs end.
"""

import itertools
import json
import logging
import os
import random
import sys
import tempfile
import warnings
from pathlib import Path
from unittest.mock import MagicMock, patch

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-oracle-")
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
warnings.simplefilter("ignore")
sys.path.insert(0, str(Path(__file__).parent))

from airflow import DAG  # noqa: E402 - Airflow reads its settings when it is imported
from airflow.decorators import setup, task, task_group, teardown  # noqa: E402
from airflow.decorators.setup_teardown import context_wrapper  # noqa: E402
from airflow.models.dagrun import DagRun  # noqa: E402
from airflow.models.taskinstance import TaskInstance  # noqa: E402
from airflow.operators.empty import EmptyOperator  # noqa: E402
from airflow.ti_deps.dep_context import DepContext  # noqa: E402
from airflow.ti_deps.deps.trigger_rule_dep import TriggerRuleDep  # noqa: E402
from airflow.utils.state import State  # noqa: E402
from airflow.utils.task_group import TaskGroup  # noqa: E402
from airflow.utils.timezone import datetime  # noqa: E402
from setup_shapes import SHAPES  # noqa: E402

STATES = {"s": "success", "f": "failed", "u": "upstream_failed", "k": "skipped", "-": None}
MIXES_MAX = 120
_dice = random.Random(2410)


def facts(source: str) -> dict:
    """Return all that Airflow says about one DAG, or the name of the error that it raises."""
    names = {
        "E": lambda task_id, **options: EmptyOperator(task_id=task_id, **options),
        "TaskGroup": TaskGroup,
        "context_wrapper": context_wrapper,
        "setup": setup,
        "task": task,
        "task_group": task_group,
        "teardown": teardown,
    }
    try:
        with DAG("d", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
            exec(source, names)
        dag.validate()
    except Exception as error:
        return {"error": type(error).__name__}
    groups = {name: group for name, group in dag.task_group_dict.items() if name}
    return {
        "tasks": {
            one.task_id: {
                "upstream": sorted(one.upstream_task_ids),
                "rule": str(one.trigger_rule),
                "kind": "setup" if one.is_setup else "teardown" if one.is_teardown else "",
                "fails_run": bool(one.on_failure_fail_dagrun),
            }
            for one in dag.tasks
        },
        "groups": {
            name: [sorted(x.task_id for x in group.get_roots()), leaves(group)]
            for name, group in groups.items()
        },
        "around": {
            one.task_id: sorted(
                {x.task_id for x in one.get_upstreams_only_setups()} - one.upstream_task_ids
            )
            for one in dag.tasks
            if not one.is_teardown
        },
        "parts": parts(dag),
        "verdicts": {one.task_id: verdicts(dag, one) for one in dag.tasks},
        "ends": ends(dag),
    }


def leaves(group: TaskGroup) -> list:
    """Return the tasks from which arrows out of a group start."""
    return sorted({one.task_id for one in group.get_leaves()})


def parts(dag: DAG) -> list:
    """Return what comes along with each task and each pair of tasks."""
    found = []
    chosen = [[one] for one in dag.task_ids] + list(itertools.combinations(dag.task_ids, 2))[:12]
    for ids, upstream, downstream in itertools.product(chosen, (False, True), (False, True)):
        part = dag.partial_subset(
            list(ids), include_upstream=upstream, include_downstream=downstream
        )
        found.append([list(ids), upstream, downstream, sorted(part.task_ids)])
    return found


def mixes(count: int) -> list:
    """Return mixes of states of so many tasks: all, or some by chance when they are many."""
    every = len(STATES) ** count
    if every <= MIXES_MAX:
        return ["".join(mix) for mix in itertools.product(STATES, repeat=count)]
    return ["".join(_dice.choices(list(STATES), k=count)) for _ in range(MIXES_MAX)]


def verdicts(dag: DAG, target: EmptyOperator) -> dict:
    """Return what the trigger rule decides when the tasks before stand in many mixes of states."""
    before = sorted(target.get_flat_relative_ids(upstream=True))
    return {
        "before": before,
        "answers": {mix: settle(dag, target, before, mix) for mix in mixes(len(before))},
    }


def settle(dag: DAG, target: EmptyOperator, before: list, mix: str) -> str:
    """Return R (runs), W (waits), S (is skipped) or U (upstream failed)."""
    finished = [
        TaskInstance(dag.get_task(name), run_id="r", state=STATES[letter])
        for name, letter in zip(before, mix, strict=True)
        if letter != "-"
    ]
    instance = TaskInstance(target, run_id="r")
    context = DepContext(flag_upstream_failed=True, finished_tis=finished)
    with patch.object(TaskInstance, "get_dagrun"):
        statuses = list(TriggerRuleDep()._get_dep_statuses(instance, MagicMock(), context))
    if instance.state:
        return {"skipped": "S", "upstream_failed": "U"}[instance.state]
    return "R" if all(status.passed for status in statuses) else "W"


def ends(dag: DAG) -> dict:
    """Return how runs end, by the states of their tasks, all of them ended."""
    found = {}
    for mix in mixes(len(dag.task_ids)):
        mix = mix.replace("-", "s")
        tis = [
            TaskInstance(one, run_id="r", state=STATES[letter])
            for one, letter in zip(dag.tasks, mix, strict=True)
        ]
        run = DagRun(dag_id="d", run_id="r")
        deciding = run._tis_for_dagrun_state(dag=dag, tis=tis)
        found[mix] = "F" if any(ti.state in State.failed_states for ti in deciding) else "S"
    return found


def main() -> None:
    """Write all answers beside this file."""
    logging.disable()
    answers = {name: facts(source) for name, source in SHAPES.items()}
    path = Path(__file__).parent / "setups.json"
    path.write_text(json.dumps({"airflow": "2.10.5", "shapes": answers}, separators=(",", ":")))


main()
