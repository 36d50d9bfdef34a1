"""Airflow's own client, version 2.10.0, calls every operation it has over real HTTP.

The client checks the types of all answers by itself: one that it does not understand raises.
"""

import inspect
import json
import threading
from collections.abc import Iterator
from typing import Any

import airflow_client.client as stock
import pytest
from airflow_client.client import apis
from airflow_client.client.model.update_task_state import UpdateTaskState
from flask import Flask
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from flowctl import clock
from flowctl.core.spec import AssetSpec
from flowctl.store import assets
from flowctl.store.assets import AssetUpdate, Update
from flowctl.store.engine import writing
from flowctl.store.schema import asset as asset_table
from flowctl.store.schema import asset_queue
from tests.web.conftest import PASSWORD

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


def steps(error_id: int) -> list[Step]:
    """Return every call, in an order in which each finds what it needs."""
    variable = model("variable", key="k", value="v")
    connection = model("connection", connection_id="c", conn_type="http")
    role = model("role", name="team", actions=[])
    user = model(
        "user", username="u", email="u@x.org", first_name="F", last_name="L", password="secret pw"
    )
    return [
        ("MonitoringApi", "get_health", (), {}),
        ("MonitoringApi", "get_version", (), {}),
        ("ConfigApi", "get_config", (), {}),
        ("ConfigApi", "get_value", ("core", "executor"), {}),
        ("ConnectionApi", "post_connection", (connection,), {}),
        ("ConnectionApi", "get_connections", (), {"limit": 10}),
        ("ConnectionApi", "get_connection", ("c",), {}),
        ("ConnectionApi", "patch_connection", ("c", connection), {"update_mask": ["conn_type"]}),
        ("ConnectionApi", "test_connection", (connection,), {}),
        ("ConnectionApi", "delete_connection", ("c",), {}),
        ("DAGApi", "get_dags", (), {"order_by": "-dag_id"}),
        ("DAGApi", "get_dag", ("one",), {}),
        ("DAGApi", "get_dag_details", ("one",), {}),
        ("DAGApi", "get_dag_source", (FILE,), {}),
        ("DAGApi", "get_tasks", ("one",), {}),
        ("DAGApi", "get_task", ("one", "a"), {}),
        ("DAGApi", "patch_dag", ("one", model("dag", is_paused=True)), {}),
        ("DAGApi", "patch_dags", ("one", model("dag", is_paused=False)), {}),
        ("DAGApi", "reparse_dag_file", (FILE,), {}),
        (
            "DAGApi",
            "post_clear_task_instances",
            ("one", model("clear_task_instances", dry_run=True, task_ids=["a"], only_failed=False)),
            {},
        ),
        (
            "DAGApi",
            "post_set_task_instances_state",
            (
                "one",
                model(
                    "update_task_instances_state",
                    dry_run=True,
                    task_id="a",
                    dag_run_id="r1",
                    new_state=FAILED,
                ),
            ),
            {},
        ),
        ("DAGRunApi", "post_dag_run", ("one", model("dag_run", dag_run_id="r2")), {}),
        ("DAGRunApi", "get_dag_runs", ("one",), {"limit": 5}),
        ("DAGRunApi", "get_dag_run", RUN, {}),
        ("DAGRunApi", "get_dag_runs_batch", (model("list_dag_runs_form", page_limit=5),), {}),
        ("DAGRunApi", "set_dag_run_note", (*RUN, model("set_dag_run_note", note="n")), {}),
        ("DAGRunApi", "clear_dag_run", (*RUN, model("clear_dag_run", dry_run=True)), {}),
        (
            "DAGRunApi",
            "update_dag_run_state",
            ("one", "r2", model("update_dag_run_state", state="failed")),
            {},
        ),
        ("DAGRunApi", "get_upstream_dataset_events", RUN, {}),
        ("DagStatsApi", "get_dag_stats", ("one,two",), {}),
        ("DagWarningApi", "get_dag_warnings", (), {}),
        ("DatasetApi", "get_datasets", (), {}),
        ("DatasetApi", "get_dataset", (URI,), {}),
        (
            "DatasetApi",
            "create_dataset_event",
            (model("create_dataset_event", dataset_uri=URI, extra={"x": 1}),),
            {},
        ),
        ("DatasetApi", "get_dataset_events", (), {}),
        ("DatasetApi", "get_upstream_dataset_events", RUN, {}),
        ("DatasetApi", "get_dataset_queued_events", (URI,), {}),
        ("DatasetApi", "get_dag_dataset_queued_events", ("one",), {}),
        ("DatasetApi", "get_dag_dataset_queued_event", ("one", URI), {}),
        ("DatasetApi", "delete_dag_dataset_queued_event", ("one", URI), {}),
        ("DatasetApi", "delete_dag_dataset_queued_events", ("one",), {}),
        ("DatasetApi", "delete_dataset_queued_events", (URI,), {}),
        ("EventLogApi", "get_event_logs", (), {"order_by": "-when"}),
        ("EventLogApi", "get_event_log", (1,), {}),
        ("ImportErrorApi", "get_import_errors", (), {}),
        ("ImportErrorApi", "get_import_error", (error_id,), {}),
        ("PermissionApi", "get_permissions", (), {}),
        ("PluginApi", "get_plugins", (), {}),
        ("PoolApi", "post_pool", (model("pool", name="p", slots=3),), {}),
        ("PoolApi", "get_pools", (), {}),
        ("PoolApi", "get_pool", ("p",), {}),
        ("PoolApi", "patch_pool", ("p", model("pool", name="p", slots=4)), {}),
        ("PoolApi", "delete_pool", ("p",), {}),
        ("ProviderApi", "get_providers", (), {}),
        ("RoleApi", "post_role", (role,), {}),
        ("RoleApi", "get_roles", (), {}),
        ("RoleApi", "get_role", ("team",), {}),
        ("RoleApi", "patch_role", ("team", role), {}),
        ("RoleApi", "delete_role", ("team",), {}),
        ("TaskInstanceApi", "get_task_instances", RUN, {"state": ["success"]}),
        ("TaskInstanceApi", "get_task_instance", TASK, {}),
        (
            "TaskInstanceApi",
            "get_task_instances_batch",
            (model("list_task_instance_form", dag_ids=["one"]),),
            {},
        ),
        ("TaskInstanceApi", "get_task_instance_tries", TASK, {}),
        ("TaskInstanceApi", "get_task_instance_try_details", (*TASK, 1), {}),
        ("TaskInstanceApi", "get_task_instance_dependencies", ("one", "r1", "b"), {}),
        ("TaskInstanceApi", "get_extra_links", TASK, {}),
        ("TaskInstanceApi", "get_log", (*TASK, 1), {}),
        (
            "TaskInstanceApi",
            "set_task_instance_note",
            (*TASK, model("set_task_instance_note", note="n")),
            {},
        ),
        ("TaskInstanceApi", "get_mapped_task_instances", ("one", "r1", "m"), {}),
        ("TaskInstanceApi", "get_mapped_task_instance", MAPPED, {}),
        ("TaskInstanceApi", "get_mapped_task_instance_dependencies", MAPPED, {}),
        ("TaskInstanceApi", "get_mapped_task_instance_tries", MAPPED, {}),
        ("TaskInstanceApi", "get_mapped_task_instance_try_details", (*MAPPED, 1), {}),
        (
            "TaskInstanceApi",
            "set_mapped_task_instance_note",
            (*MAPPED, model("set_task_instance_note", note="n")),
            {},
        ),
        (
            "TaskInstanceApi",
            "patch_mapped_task_instance",
            MAPPED,
            {"update_task_instance": model("update_task_instance", new_state=FAILED)},
        ),
        (
            "TaskInstanceApi",
            "patch_task_instance",
            (*TASK, model("update_task_instance", new_state=FAILED, dry_run=False)),
            {},
        ),
        ("UserApi", "post_user", (user,), {}),
        ("UserApi", "get_users", (), {}),
        ("UserApi", "get_user", ("u",), {}),
        ("UserApi", "patch_user", ("u", user), {"update_mask": ["first_name"]}),
        ("UserApi", "delete_user", ("u",), {}),
        ("VariableApi", "post_variables", (variable,), {}),
        ("VariableApi", "get_variables", (), {}),
        ("VariableApi", "get_variable", ("k",), {}),
        ("VariableApi", "patch_variable", ("k", variable), {}),
        ("VariableApi", "delete_variable", ("k",), {}),
        ("XComApi", "get_xcom_entries", TASK, {}),
        ("XComApi", "get_xcom_entry", (*TASK, "return_value"), {}),
        ("DAGRunApi", "delete_dag_run", ("one", "r2"), {}),
        ("DAGApi", "delete_dag", ("two",), {}),
    ]


@pytest.fixture
def client(app: Flask, filled: Engine) -> Iterator[stock.ApiClient]:
    """Give the client of a server that listens; there is something for each call to find."""
    _fill(filled)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings = stock.Configuration(
        host=f"http://127.0.0.1:{server.server_port}/api/v1", username="admin", password=PASSWORD
    )
    try:
        with stock.ApiClient(settings) as found:
            yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _fill(engine: Engine) -> None:
    """Add a mapped instance with a try, a dataset that waits for the DAGs, and an import error."""
    now = clock.utcnow()
    with writing(engine) as conn:
        updates = [Update(AssetUpdate(AssetSpec(uri, uri, "asset", {}))) for uri in (URI, OTHER)]
        assets.record(conn, updates, now)
        pks = conn.scalars(select(asset_table.c.id).order_by(asset_table.c.id)).all()
        for dag_id, pk in (("one", pks[0]), ("two", pks[0]), ("one", pks[1])):
            row = {"dag_id": dag_id, "asset_id": pk, "created_at": now}
            conn.execute(asset_queue.insert().values(**row))
        conn.exec_driver_sql(
            "INSERT INTO task_instance (id, dag_run_id, task_id, map_index, state, try_number,"
            " max_tries, operator, pool, pool_slots, priority_weight, queue, revision)"
            " VALUES (900, 1, 'm', 0, 'running', 1, 0, '', 'default_pool', 1, 1, 'default', 1)"
        )
        conn.exec_driver_sql(
            "INSERT INTO task_try (ti_id, try_number, state, term, queued_at)"
            " SELECT 900, 1, 'running', 1, queued_at FROM dag_run WHERE id = 1"
        )
        conn.exec_driver_sql(
            "INSERT INTO dag_file (path, fingerprint, parsed_at, duration_s, dag_count, error,"
            " error_at) SELECT 'bad.py', '1', queued_at, 0, 0, 'line 1: bad', queued_at"
            " FROM dag_run WHERE id = 1"
        )


def operations() -> set[tuple[str, str]]:
    """Return all that the client can do."""
    return {
        (name, method)
        for name, kind in vars(apis).items()
        if inspect.isclass(kind)
        for method, function in vars(kind).items()
        if not method.startswith("_") and callable(function)
    }


def test_every_operation_of_the_stock_client_works(client: stock.ApiClient) -> None:
    errors = apis.ImportErrorApi(client).get_import_errors()
    wanted = steps(errors["import_errors"][0]["import_error_id"])
    failures = []
    for name, method, args, options in wanted:
        try:
            getattr(getattr(apis, name)(client), method)(*args, **options)
        except Exception as error:  # all of them are to be seen, not the first one alone
            failures.append(f"{name}.{method}: {type(error).__name__}: {error}")

    assert not failures, "\n".join(failures)
    assert {(name, method) for name, method, _, _ in wanted} == operations()


def calls(client: stock.ApiClient, wanted: list[Step]) -> dict[str, int]:
    """Return which status each call fails with; 200 where it does not."""
    found = {}
    for name, method, args, options in wanted:
        try:
            getattr(getattr(apis, name)(client), method)(*args, **options)
            found[method] = 200
        except stock.ApiException as error:
            found[method] = error.status
    return found


@pytest.mark.parametrize(("username", "status"), [(None, 401), ("public", 403)])
def test_every_operation_is_refused_to_strangers(
    client: stock.ApiClient, username: str | None, status: int
) -> None:
    """All may ask whether the server is healthy, and members of any role for its version."""
    host, password = client.configuration.host, PASSWORD if username else None
    with stock.ApiClient(stock.Configuration(host, username=username, password=password)) as other:
        found = calls(other, steps(1))

    assert found.pop("get_health") == 200
    assert found.pop("get_version") == (200 if username else 401)
    assert {method: answer for method, answer in found.items() if answer != status} == {}


def unknown(value: Any) -> Any:
    return {str: "nothing", int: 9}.get(type(value), value)


def test_every_operation_on_something_unknown_says_404(client: stock.ApiClient) -> None:
    """Those that choose by a pattern find nothing; Airflow looks at the key of a body first."""
    wanted = [
        (name, method, tuple(map(unknown, args)), options)
        for name, method, args, options in steps(9)
        if args and type(args[0]) in (str, int)
    ]

    found = calls(client, wanted)
    assert {method: answer for method, answer in found.items() if answer != 404} == {
        "get_dag_stats": 200,
        "get_xcom_entries": 200,
        "patch_dags": 200,
        "patch_variable": 400,
    }


def test_what_is_there_cannot_be_made_again(client: stock.ApiClient) -> None:
    """Airflow's post_variables alone takes the new value."""
    made = ("post_connection", "post_dag_run", "post_pool", "post_role", "post_user")
    wanted = [step for step in steps(1) if step[1] in (*made, "post_variables")]
    assert set(calls(client, wanted).values()) == {200}

    assert calls(client, wanted) == {**dict.fromkeys(made, 409), "post_variables": 200}


NONSENSE = [
    ("GET", "/dags?order_by=colour", None),
    ("GET", "/dags/one/tasks?order_by=colour", None),
    ("GET", "/dags?limit=many", None),
    ("POST", "/dags/one/clearTaskInstances", {"dry_run": "perhaps"}),
    ("POST", "/dags/one/dagRuns", {"conf": 3}),
    ("PATCH", "/dags/one/dagRuns/r1", {"state": "running"}),
    ("POST", "/pools", {"name": "p"}),
    ("DELETE", "/pools/default_pool", None),
    ("POST", "/users", {"username": "u"}),
    ("POST", "/variables", {"key": "k"}),
    ("POST", "/connections", {"conn_type": "http"}),
]


@pytest.mark.parametrize(("method", "path", "body"), NONSENSE)
def test_what_makes_no_sense_says_400(
    client: stock.ApiClient, method: str, path: str, body: object
) -> None:
    """Past the client's own check of what it sends; it understands the answer."""
    with pytest.raises(stock.ApiException) as caught:
        client.call_api(path, method, body=body, auth_settings=["Basic"])

    assert caught.value.status == 400
    assert {"title", "status", "type", "detail"} <= json.loads(caught.value.body).keys()
