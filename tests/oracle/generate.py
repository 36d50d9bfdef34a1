"""Ask a real Airflow what is in DAG files, and write its answers down.

Run it with an interpreter that has Apache Airflow 2.10.5, or 3.3.2 for files of that generation;
nothing of flowctl is imported:

    python tests/oracle/generate.py tests/oracle/dags > tests/oracle/dags.json
    python3 tests/oracle/generate.py tests/oracle/dags > tests/oracle/dags_3.json
    python tests/oracle/generate.py AIRFLOW/example_dags > tests/oracle/airflow_examples.json

Only facts are written, no texts: ids, links, numbers, flags. What most tasks and DAGs share
stands once, under "usual"; a task's own entry holds what is different.
"""

import json
import logging
import sys
import warnings
from collections import Counter
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import airflow

IS_3 = airflow.__version__.startswith("3")
if IS_3:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.encoders import coerce_to_core_timetable
else:
    from airflow.models.dagbag import DagBag

OLDER = ("v1_", "v2_")
NOT_FOR_THIS_AIRFLOW = ("mixed_", "__", *(OLDER if IS_3 else ("v3_",)))


def plain(value: Any) -> Any:
    """Return `value` as JSON has it: seconds for durations, ISO text in UTC for moments."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return datetime.fromtimestamp(value.timestamp(), tz=UTC).isoformat()
    return value


def shown(name: str, identifier: str) -> str:
    """Return a display name, or nothing where that is the id."""
    return "" if name == identifier else name


def facts_of_task(task: Any) -> dict[str, Any]:
    """Return what the scheduler needs to know of a task."""
    if IS_3:
        return facts_of_newer_task(task)
    names = (
        "owner trigger_rule depends_on_past wait_for_downstream retries retry_delay"
        " retry_exponential_backoff max_retry_delay execution_timeout pool pool_slots"
        " priority_weight queue max_active_tis_per_dag max_active_tis_per_dagrun do_xcom_push"
        " ignore_first_depends_on_past wait_for_past_depends_before_skipping"
        " ui_color ui_fgcolor start_date end_date email_on_failure email_on_retry"
    )
    email = task.email or []
    group = task.task_group
    return {
        **{name: plain(getattr(task, name, None)) for name in names.split()},
        "trigger_rule": str(task.trigger_rule),
        "operator": task.task_type,
        "upstream": sorted(task.upstream_task_ids),
        "group": group.group_id if group else None,
        "priority_weight_total": task.priority_weight_total,
        "display_name": shown(task.task_display_name, task.task_id),
        "email": [email] if isinstance(email, str) else list(email),
        "callbacks": sorted(
            event
            for event in ("execute", "success", "failure", "retry", "skipped")
            if getattr(task, f"on_{event}_callback")
        ),
        "template_fields": list(task.template_fields),
        "multiple_outputs": bool(getattr(task, "multiple_outputs", False)),
    }


def facts_of_newer_task(task: Any) -> dict[str, Any]:
    """Return what Airflow 3 knows of a task when it has read the file."""
    names = (
        "owner depends_on_past wait_for_downstream retries retry_delay execution_timeout pool"
        " pool_slots priority_weight queue max_active_tis_per_dag max_active_tis_per_dagrun"
        " do_xcom_push"
    )
    group = task.task_group
    return {
        **{name: plain(getattr(task, name, None)) for name in names.split()},
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "operator": task.task_type,
        "upstream": sorted(task.upstream_task_ids),
        "group": group.group_id if group else None,
        "display_name": shown(task.task_display_name, task.task_id),
        "template_fields": list(task.template_fields),
    }


def facts_of_group(group: Any) -> dict[str, Any]:
    """Return how a group looks, and where it hangs."""
    return {
        "parent": group.parent_group.group_id if group.parent_group else None,
        "label": group.label,
        "ui_color": group.ui_color,
        "ui_fgcolor": group.ui_fgcolor,
    }


def facts_of_dag(dag: Any) -> dict[str, Any]:
    """Return what the scheduler needs to know of a DAG, its groups and its tasks."""
    if IS_3:
        return facts_of_newer_dag(dag)
    starts = [node.start_date for node in (dag, *dag.tasks) if node.start_date]
    groups = {
        key: facts_of_group(group)
        for key, group in dag.task_group.get_task_group_dict().items()
        if key is not None
    }
    return {
        "schedule": dag.timetable.summary,
        "timezone": dag.timezone.name,
        "start_date": plain(min(starts, default=None)),
        "end_date": plain(dag.end_date),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "max_consecutive_failed_dag_runs": dag.max_consecutive_failed_dag_runs,
        "dagrun_timeout": plain(dag.dagrun_timeout),
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "fail_stop": dag.fail_stop,
        "render_template_as_native_obj": dag.render_template_as_native_obj,
        "tags": sorted(dag.tags),
        "params": sorted(dag.params),
        "display_name": shown(dag.dag_display_name, dag.dag_id),
        "owner_links": dag.owner_links,
        "default_view": dag.default_view,
        "orientation": dag.orientation,
        "callbacks": sorted(
            event for event in ("success", "failure") if getattr(dag, f"on_{event}_callback")
        ),
        "edge_labels": {
            f"{up}>{down}": info["label"]
            for up, downs in dag.edge_info.items()
            for down, info in downs.items()
            if not f"{up}{down}".endswith("_join_id")  # points that only Airflow's graph draws
        },
        "groups": groups,
        "tasks": {task.task_id: facts_of_task(task) for task in dag.tasks},
    }


def facts_of_newer_dag(dag: Any) -> dict[str, Any]:
    """Return what Airflow 3 knows of a DAG when it has read the file."""
    groups = dag.task_group.get_task_group_dict().items()
    starts = [node.start_date for node in (dag, *dag.tasks) if node.start_date]
    return {
        "schedule": coerce_to_core_timetable(dag.timetable).summary,
        "start_date": plain(min(starts, default=None)),
        "end_date": plain(dag.end_date),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "dagrun_timeout": plain(dag.dagrun_timeout),
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "fail_stop": dag.fail_fast,
        "render_template_as_native_obj": dag.render_template_as_native_obj,
        "tags": sorted(dag.tags),
        "params": sorted(dag.params),
        "display_name": shown(dag.dag_display_name, dag.dag_id),
        "groups": {key: facts_of_group(group) for key, group in groups if key is not None},
        "tasks": {task.task_id: facts_of_task(task) for task in dag.tasks},
    }


def dags_in(path: Path) -> dict[str, Any]:
    """Return the facts of all DAGs of a file, as Airflow's own DagBag finds them."""
    options = {} if IS_3 else {"include_examples": False, "read_dags_from_db": False}
    bag = DagBag(str(path), **options)
    for error in bag.import_errors.values():
        sys.stderr.write(f"{path.name}: left out: {error.strip().splitlines()[-1]}\n")
    return {dag_id: facts_of_dag(dag) for dag_id, dag in sorted(bag.dags.items())}


def usual(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return for each key the value that most records have."""
    counts = {key: Counter(json.dumps(record[key]) for record in records) for key in records[0]}
    return {key: json.loads(count.most_common(1)[0][0]) for key, count in counts.items()}


def with_usual(files: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of all files with what is usual taken out."""
    dags = [dag for file in files.values() for dag in file.values()]
    of_dag = usual(dags)
    of_task = usual([task for dag in dags for task in dag["tasks"].values()])
    for dag in dags:
        for task_id, task in dag["tasks"].items():
            dag["tasks"][task_id] = {k: v for k, v in task.items() if v != of_task[k]}
        for key in [key for key, value in dag.items() if value == of_dag[key] and key != "tasks"]:
            del dag[key]
    del of_dag["tasks"]
    return {"usual": {"dag": of_dag, "task": of_task}, "files": files}


def main(folder: Path) -> None:
    """Write the facts of every file of `folder` that this Airflow can read."""
    warnings.simplefilter("ignore")
    logging.disable()
    files = {}
    with redirect_stdout(sys.stderr):  # Airflow 3 logs there
        for path in sorted(folder.glob("*.py")):
            if path.stem.startswith(NOT_FOR_THIS_AIRFLOW):
                continue
            if found := dags_in(path):
                files[path.name] = found
    answer = {"airflow": airflow.__version__, **with_usual(files)}
    sys.stdout.write(json.dumps(answer, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
