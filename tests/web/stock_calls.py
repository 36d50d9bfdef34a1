"""Every operation of Airflow's own client, version 2.10.0, each with arguments that make sense."""

import inspect
from functools import partial
from typing import Any

from airflow_client.client.model.update_task_state import UpdateTaskState

URI, OTHER = "s3://bucket/key", "s3://bucket/other"
RUN = ("one", "r1")
TASK = ("one", "r1", "a")
MAPPED = ("one", "r1", "m", 0)
FILE = "b25lLnB5"

FAILED = UpdateTaskState("failed")

Step = tuple[str, str, tuple[Any, ...], dict[str, Any]]


def model(name: str, /, **fields: Any) -> Any:
    """Return one of the client's own models."""
    module = __import__(f"airflow_client.client.model.{name}", fromlist=["x"])
    kind = next(
        value
        for key, value in vars(module).items()
        if inspect.isclass(value) and key.lower() == name.replace("_", "")
    )
    return kind(**fields)


def step(api: str, method: str, *args: Any, **options: Any) -> Step:
    """Return one call."""
    return api, method, args, options


def steps(error_id: int) -> list[Step]:
    """Return every call, in an order in which each finds what it needs."""
    return [*STEPS, step("ImportErrorApi", "get_import_error", error_id)]


VARIABLE = model("variable", key="k", value="v")
CONNECTION = model("connection", connection_id="c", conn_type="http")
ROLE = model("role", name="team", actions=[])
USER = model(
    "user", username="u", email="u@x.org", first_name="F", last_name="L", password="secret pw"
)
TO_CLEAR = model("clear_task_instances", dry_run=True, task_ids=["a"], only_failed=False)
TO_MARK = model(
    "update_task_instances_state", dry_run=True, task_id="a", dag_run_id="r1", new_state=FAILED
)
UPDATED = model("create_dataset_event", dataset_uri=URI, extra={"x": 1})
NOTE = model("set_task_instance_note", note="n")

connections = partial(step, "ConnectionApi")
dags = partial(step, "DAGApi")
runs = partial(step, "DAGRunApi")
datasets = partial(step, "DatasetApi")
pools = partial(step, "PoolApi")
roles = partial(step, "RoleApi")
tasks = partial(step, "TaskInstanceApi")
users = partial(step, "UserApi")
variables = partial(step, "VariableApi")

STEPS = (
    step("MonitoringApi", "get_health"),
    step("MonitoringApi", "get_version"),
    step("ConfigApi", "get_config"),
    step("ConfigApi", "get_value", "core", "executor"),
    connections("post_connection", CONNECTION),
    connections("get_connections", limit=10),
    connections("get_connection", "c"),
    connections("patch_connection", "c", CONNECTION, update_mask=["conn_type"]),
    connections("test_connection", CONNECTION),
    connections("delete_connection", "c"),
    dags("get_dags", order_by="-dag_id"),
    dags("get_dag", "one"),
    dags("get_dag_details", "one"),
    dags("get_dag_source", FILE),
    dags("get_tasks", "one"),
    dags("get_task", "one", "a"),
    dags("patch_dag", "one", model("dag", is_paused=True)),
    dags("patch_dags", "one", model("dag", is_paused=False)),
    dags("reparse_dag_file", FILE),
    dags("post_clear_task_instances", "one", TO_CLEAR),
    dags("post_set_task_instances_state", "one", TO_MARK),
    runs("post_dag_run", "one", model("dag_run", dag_run_id="r2")),
    runs("get_dag_runs", "one", limit=5),
    runs("get_dag_run", *RUN),
    runs("get_dag_runs_batch", model("list_dag_runs_form", page_limit=5)),
    runs("set_dag_run_note", *RUN, model("set_dag_run_note", note="n")),
    runs("clear_dag_run", *RUN, model("clear_dag_run", dry_run=True)),
    runs("update_dag_run_state", "one", "r2", model("update_dag_run_state", state="failed")),
    runs("get_upstream_dataset_events", *RUN),
    step("DagStatsApi", "get_dag_stats", "one,two"),
    step("DagWarningApi", "get_dag_warnings"),
    datasets("get_datasets"),
    datasets("get_dataset", URI),
    datasets("create_dataset_event", UPDATED),
    datasets("get_dataset_events"),
    datasets("get_upstream_dataset_events", *RUN),
    datasets("get_dataset_queued_events", URI),
    datasets("get_dag_dataset_queued_events", "one"),
    datasets("get_dag_dataset_queued_event", "one", URI),
    datasets("delete_dag_dataset_queued_event", "one", URI),
    datasets("delete_dag_dataset_queued_events", "one"),
    datasets("delete_dataset_queued_events", URI),
    step("EventLogApi", "get_event_logs", order_by="-when"),
    step("EventLogApi", "get_event_log", 1),
    step("ImportErrorApi", "get_import_errors"),
    step("PermissionApi", "get_permissions"),
    step("PluginApi", "get_plugins"),
    pools("post_pool", model("pool", name="p", slots=3)),
    pools("get_pools"),
    pools("get_pool", "p"),
    pools("patch_pool", "p", model("pool", name="p", slots=4)),
    pools("delete_pool", "p"),
    step("ProviderApi", "get_providers"),
    roles("post_role", ROLE),
    roles("get_roles"),
    roles("get_role", "team"),
    roles("patch_role", "team", ROLE),
    roles("delete_role", "team"),
    tasks("get_task_instances", *RUN, state=["success"]),
    tasks("get_task_instance", *TASK),
    tasks("get_task_instances_batch", model("list_task_instance_form", dag_ids=["one"])),
    tasks("get_task_instance_tries", *TASK),
    tasks("get_task_instance_try_details", *TASK, 1),
    tasks("get_task_instance_dependencies", "one", "r1", "b"),
    tasks("get_extra_links", *TASK),
    tasks("get_log", *TASK, 1),
    tasks("set_task_instance_note", *TASK, NOTE),
    tasks("get_mapped_task_instances", "one", "r1", "m"),
    tasks("get_mapped_task_instance", *MAPPED),
    tasks("get_mapped_task_instance_dependencies", *MAPPED),
    tasks("get_mapped_task_instance_tries", *MAPPED),
    tasks("get_mapped_task_instance_try_details", *MAPPED, 1),
    tasks("set_mapped_task_instance_note", *MAPPED, NOTE),
    tasks(
        "patch_mapped_task_instance",
        *MAPPED,
        update_task_instance=model("update_task_instance", new_state=FAILED),
    ),
    tasks(
        "patch_task_instance",
        *TASK,
        model("update_task_instance", new_state=FAILED, dry_run=False),
    ),
    users("post_user", USER),
    users("get_users"),
    users("get_user", "u"),
    users("patch_user", "u", USER, update_mask=["first_name"]),
    users("delete_user", "u"),
    variables("post_variables", VARIABLE),
    variables("get_variables"),
    variables("get_variable", "k"),
    variables("patch_variable", "k", VARIABLE),
    variables("delete_variable", "k"),
    step("XComApi", "get_xcom_entries", *TASK),
    step("XComApi", "get_xcom_entry", *TASK, "return_value"),
    runs("delete_dag_run", "one", "r2"),
    dags("delete_dag", "two"),
)
