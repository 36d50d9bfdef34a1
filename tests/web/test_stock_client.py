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
from flask import Flask
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from flowctl import clock
from flowctl.core.assets import AssetSpec, AssetUpdate
from flowctl.store import assets
from flowctl.store.assets import Update
from flowctl.store.engine import writing
from flowctl.store.schema import asset as asset_table
from flowctl.store.schema import asset_queue
from tests.web.conftest import PASSWORD
from tests.web.stock_calls import OTHER, URI, Step, steps


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
