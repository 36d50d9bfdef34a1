"""Load DAG files through flowctl and write down what it found, in the shape of `generate.py`.

`python tests/oracle/facts.py FILE...` prints, for each file, the facts of its DAGs, or why flowctl
refused it. It runs in a process of its own, as user code does.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

import flowctl.compat
from flowctl.authoring.dates import cron_presets
from flowctl.authoring.loading import LoadError, in_words, load_file
from flowctl.core.graph import compile_graph
from flowctl.core.spec import DagSpec, GroupSpec, TaskSpec
from flowctl.parsing.convert import dag_spec


def seconds(value: timedelta | None) -> float | None:
    """Return a duration as JSON has it."""
    return None if value is None else value.total_seconds()


def moment(value: datetime | None) -> str | None:
    """Return a moment as JSON has it."""
    return None if value is None else value.isoformat()


def facts_of_task(task: TaskSpec, weight: int, spec: DagSpec) -> dict[str, Any]:
    """Return what the oracle says of a task; dates that a task lacks are those of its DAG."""
    facts = msgspec.structs.asdict(task)
    durations = ("retry_delay", "max_retry_delay", "execution_timeout")
    return {
        **facts,
        **{name: seconds(facts[name]) for name in durations},
        "start_date": moment(task.start_date or spec.start_date),
        "end_date": moment(task.end_date or spec.end_date),
        "display_name": "" if task.display_name == task.task_id else task.display_name,
        "priority_weight_total": weight,
        "callbacks": sorted(task.callbacks),
        "retry_exponential_backoff": bool(task.retry_exponential_backoff),
        **{name: list(facts[name]) for name in ("upstream", "email", "template_fields")},
    }


def facts_of_group(group: GroupSpec) -> dict[str, Any]:
    """Return what the oracle says of a group."""
    facts = msgspec.structs.asdict(group)
    return {key: facts[key] for key in ("parent", "label", "ui_color", "ui_fgcolor")}


def facts_of_dag(spec: DagSpec) -> dict[str, Any]:
    """Return what the oracle says of a DAG."""
    weights = compile_graph(spec).weights
    return {
        **msgspec.structs.asdict(spec),
        "schedule": cron_presets.get(spec.schedule.summary, spec.schedule.summary),
        "start_date": moment(spec.start_date),
        "end_date": moment(spec.end_date),
        "dagrun_timeout": seconds(spec.dagrun_timeout),
        "tags": sorted(spec.tags),
        "params": sorted(spec.params),
        "display_name": "" if spec.display_name == spec.dag_id else spec.display_name,
        "callbacks": sorted(set(spec.callbacks) & {"success", "failure"}),
        "groups": {group.group_id: facts_of_group(group) for group in spec.groups},
        "tasks": {
            task.task_id: facts_of_task(task, weights[task.task_id], spec) for task in spec.tasks
        },
    }


def facts_of_file(path: Path) -> dict[str, Any]:
    """Return `{"dags": ...}`, or `{"error": ...}` when flowctl cannot read the file."""
    try:
        found = load_file(path, root=path.parent).found
        specs = [dag_spec(dag, path.name) for dag in found]
    except LoadError as error:
        return {"error": str(error)}
    except Exception as error:  # what is wrong with a DAG of the file
        return {"error": in_words(error)}
    return {"dags": {spec.dag_id: facts_of_dag(spec) for spec in specs}}


if __name__ == "__main__":
    flowctl.compat.install()
    answer = {Path(name).name: facts_of_file(Path(name)) for name in sys.argv[1:]}
    sys.stdout.write(msgspec.json.encode(answer).decode())
