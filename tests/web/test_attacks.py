"""What somebody tries who has a day and knows the source: each of these once worked somewhere."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from flowctl import clock, config
from flowctl.core.assets import AssetSpec, AssetUpdate, Condition
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, RelatedDag, ScheduleSpec, TaskSpec
from flowctl.store import accounts, assets, backfills, dags, events, roles, triggers, xcoms
from flowctl.store.assets import Update
from flowctl.store.backfills import Wanted
from flowctl.store.engine import reading, writing
from flowctl.store.schema import backfill, dag_run, task_instance
from flowctl.store.triggers import Trigger
from flowctl.web import api, live
from flowctl.web.api import installation
from flowctl.web.app import create_app
from flowctl.web.routes import ROUTES, Route
from tests.web.conftest import DATE, KEPT, PASSWORD, Ask

api.load()

HIDDEN = "hiddenXq"
URI = "s3://bucket/of-both"
PARTS = {"dag_id": "one", "dag_run_id": "r1", "task_id": "a", "map_index": "-1",
         "task_try_number": "1", "xcom_key": "return_value", "file_token": "b25lLnB5",
         "uri": URI, "section": "core", "option": "executor", "username": "admin",
         "role_name": "Op", "pool_name": "default_pool"}  # fmt: skip


@pytest.fixture
def guest(filled: Engine) -> str:
    """Give a user who may do all with the DAG `one`, beside another DAG that leaves many traces."""
    all_but_dags = {may for may in roles.DEFAULTS[roles.ADMIN] if may[1] != roles.DAGS}
    both = {(action, f"{roles.OF_ONE_DAG}one") for action in ("can_read", "can_edit")}
    with writing(filled) as conn:
        roles.put(conn, "guest", all_but_dags | both)
        viewer = accounts.one(conn, "viewer")
        assert viewer is not None
        accounts.change(conn, viewer, replace(viewer, roles=("guest",)), clock.utcnow())
        _leave_traces(conn)
    return "viewer"


def _leave_traces(conn: Any) -> None:
    now = clock.utcnow()
    asset = AssetSpec(URI, URI)
    of_asset = Condition("asset", URI)
    hidden = DagSpec(
        HIDDEN,
        f"{HIDDEN}.py",
        (
            TaskSpec("a", outlets=(of_asset,), pool=f"no pool of {HIDDEN}"),
            TaskSpec("b", related=RelatedDag("triggers", "one")),
        ),
        schedule=ScheduleSpec("cron", expression="0 0 * * *", condition=of_asset),
        start_date=DATE,
        tags=(f"tag of {HIDDEN}",),
        assets=(asset,),
    )
    tasks = (TaskSpec("a", inlets=(of_asset,)), TaskSpec("b", ("a",)))
    schedule = ScheduleSpec("cron", expression="0 0 * * *")
    one = DagSpec("one", "one.py", tasks, assets=(asset,), schedule=schedule)
    for spec in (hidden, one):
        dags.record(conn, ParsedFile(spec.file, "3", (spec,), f"# {spec.dag_id}".encode()), now)
    run = triggers.trigger(conn, Trigger(HIDDEN, f"run of {HIDDEN}", DATE, note="n"), "x", now)
    task = conn.execute(
        select(task_instance.c.id).where(task_instance.c.dag_run_id == run)
    ).scalar()
    conn.execute(task_instance.update().where(task_instance.c.id == task).values(
        state="failed", start_date=now, end_date=now))  # fmt: skip
    conn.execute(dag_run.update().where(dag_run.c.id == run).values(
        state="failed", start_date=now, end_date=now))  # fmt: skip
    xcoms.push(conn, task, f"key of {HIDDEN}", '"v"', now)
    assets.record(conn, [Update(AssetUpdate(asset), task)], now)
    waiting = triggers.trigger(conn, Trigger(HIDDEN, f"{HIDDEN} 2", DATE + timedelta(1)), "x", now)
    conn.execute(dag_run.update().where(dag_run.c.id == waiting).values(state="running"))
    since = DATE + timedelta(30)
    assert backfills.create(conn, Wanted(HIDDEN, since, since + timedelta(3)), "x", now)
    broken = ParsedFile(f"{HIDDEN}.py", "4", (hidden,), b"#", error=f"an error of {HIDDEN}")
    dags.record(conn, broken, now)


def path_of(route: Route, **more: str) -> str:
    parts = PARTS | more
    return re.sub(r"{(\w+)}", lambda found: parts.get(found.group(1), "1"), route.path)


READING = [route for route in ROUTES if route.method == "GET"] + [
    route for route in ROUTES if route.path.endswith("/list")
]


def test_no_answer_names_a_dag_that_the_caller_may_not_see(
    ask: Ask, guest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAM_S", 0.0)
    named = []
    for method, path in _questions():
        body: dict[str, Any] = {"json": {}} if method == "POST" else {}
        answer = ask(method, path, user=guest, **body)
        if HIDDEN in answer.text:
            named.append(path)
        answer.close()

    assert named == []


def _questions() -> Iterator[tuple[str, str]]:
    """Yield what somebody can ask without naming another DAG; but for what roles allow."""
    asked = {
        "get_timeline": "?since=2020-01-01T00:00:00Z",
        "get_dag_stats": f"?dag_ids={HIDDEN}",
    }
    for route in ROUTES:
        is_reading = route.method == "GET" or route.path.endswith("/list")
        if is_reading and "role" not in route.path and "user" not in route.path:
            anywhere = {"dag_id": "~", "dag_run_id": "~", "task_id": "~"}
            places: list[dict[str, str]] = [{}]
            if "{dag_id}" in route.path:
                places += [{"dag_id": "~"}, {"dag_id": "~", "dag_run_id": "~"}, anywhere]
            for place in places:
                yield route.method, path_of(route, **place) + asked.get(route.name, "")


ONES = [
    f"/dags/~/dagRuns/run of {HIDDEN}",
    f"/dags/~/dagRuns/run of {HIDDEN}/taskInstances/a",
    f"/dags/~/dagRuns/run of {HIDDEN}/gantt",
    "/dags/~/backfills/1",
    "/dags/one/backfills/1",
    f"/datasets?dag_ids={HIDDEN}",
    f"/dags/~/dagRuns?search={HIDDEN}",
    f"/ui/dags?search={HIDDEN}",
    f"/ui/dags?tags=tag of {HIDDEN}",
    f"/ui/xcoms?dag_id={HIDDEN}",
    f"/eventLogs?dag_id={HIDDEN}",
    f"/datasets/events?source_dag_id={HIDDEN}",
    f"/dagWarnings?dag_id={HIDDEN}",
]


def test_nobody_can_ask_for_the_traces_of_such_a_dag(ask: Ask, guest: str) -> None:
    for path in ONES:
        answer = ask("GET", path, user=guest)

        is_closed = answer.status_code in (403, 404)
        assert is_closed or answer.get_json()["total_entries"] == 0, (path, answer.text)
        assert ask("GET", path.replace("~", HIDDEN)).status_code in (200, 404), path


def test_a_token_for_reading_changes_nothing(ask: Ask, app: Flask) -> None:
    made = ask("POST", "/me/tokens", json={"name": "t", "is_read_only": True}).get_json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    for route in ROUTES:
        if route.method == "GET" or route.path == "/session":  # nobody needs a token for that
            continue
        answer = app.test_client().open(
            f"/api/v1{path_of(route)}", method=route.method, headers=bearer, json={}
        )
        assert answer.status_code == 403, (route, answer.text)
        assert "reading only" in answer.text


# ------------------------------------------------------------------------- other people's sites


def test_a_password_that_a_browser_remembers_changes_nothing_for_another_site(ask: Ask) -> None:
    kinds = ("text/plain", "application/x-www-form-urlencoded", None)
    for kind, origin in product(kinds, ("https://evil.example", "null")):
        answer = ask("POST", "/drain", headers={"Origin": origin}, data=b"", content_type=kind)
        assert answer.status_code == 403, answer.text
    assert ask("GET", "/drain").get_json()["by"] is None


def test_nobody_is_logged_in_from_another_site(app: Flask) -> None:
    body = json.dumps({"username": "admin", "password": PASSWORD})
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = app.test_client().post(
            "/api/v1/session", data=body, headers=headers, content_type=""
        )
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


def test_a_session_that_somebody_else_chose_is_not_kept(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("flowctl_session", "chosen")

    client.post("/api/v1/session", json={"username": "admin", "password": PASSWORD})

    kept = client.get_cookie("flowctl_session")
    assert kept is not None
    assert len(kept.value) > 40


def test_a_host_that_the_client_chose_is_in_no_answer(app: Flask) -> None:
    for path in ("/api/v1/ui", "/api/v1/ui?a=b", "/api/v1//dags", "/x/"):
        answer = app.test_client().get(path, headers={"Host": "evil.example"})

        assert "evil.example" not in f"{answer.headers} {answer.text}", path


# ------------------------------------------------------------------------------- what is sent


NO_FIELDS = (
    ["/dags?order_by=dag_id%0a", "/dags?fields=dag_id%0a", "/dags/~/dagRuns?order_by=-run_id%0a",
     "/pools?order_by=name%0a", "/users?order_by=%20id", "/variables?order_by=key;drop",
     "/eventLogs?order_by=(select%201)", "/dags/one/tasks?order_by=__class__"]
)  # fmt: skip


def test_only_the_names_of_fields_are_fields(ask: Ask) -> None:
    assert [ask("GET", path).status_code for path in NO_FIELDS] == [400] * len(NO_FIELDS)


DEEP = "[" * 60 + "]" * 60
BODIES = [
    '{"conf": {"n": 1' + "0" * 5000 + "}}",
    '{"conf": {"n": 1' + "0" * 5000 + f', "a": {DEEP}, "b": {DEEP}' + "}}",
    '{"conf": {"n": 123456789012345678901234567890}}',
    '{"conf": {"n": 1e400}}',
    '{"conf": {"n": ' + "[" * 100_000 + "]" * 100_000 + "}}",
    '{"conf": {"n": "\\ud800"}}',
    '{"conf": {"\\udfff": 1}}',
    '{"conf": {"n": "\\u0000"}}',
    '{"conf": {"n": "a\x00"}}',
    '{"dag_run_id": "\u202egnp"}',
    '{"dag_run_id": "../../x"}',
    '{"dag_run_id": ".."}',
    '{"logical_date": "9999-12-31T23:59:59-23:59"}',
    '{"logical_date": "0001-01-01T00:00:00+23:59"}',
    '{"note": "' + "x" * 1001 + '"}',
    '{"conf": null, "conf": {}}',
    '\ufeff{"conf": {}}',
    '{"conf": {}} {}',
]


def test_a_hostile_body_is_refused_or_taken_and_never_fatal(ask: Ask) -> None:
    for body in BODIES:
        sent = body.encode(errors="surrogatepass")
        answer = ask("POST", "/dags/one/dagRuns", data=sent, content_type="application/json")
        assert answer.status_code in (200, 400, 409), (body[:100], answer.text)
    for path in ("/dags/one/dagRuns", "/dags/one/grid", "/ui/dashboard", "/eventLogs"):
        assert ask("GET", path).status_code == 200


PATHS = [
    "..%2f..%2fairflow.cfg", "%2e%2e/%2e%2e/airflow.cfg", "..\\..\\airflow.cfg", "a%00.log",
    "/etc/passwd", "%2fetc%2fpasswd", "....//....//airflow.cfg", "a/../../../airflow.cfg", "~",
    "%c0%ae%c0%ae/airflow.cfg", "..;/airflow.cfg", "%252e%252e%252fairflow.cfg", "a" * 3000,
    "\ud800",
]  # fmt: skip


def test_no_name_leads_out_of_where_things_lie(ask: Ask, app: Flask, flowctl_home: Path) -> None:
    (flowctl_home / "airflow.cfg").write_text("# the canary\n")
    for name in (path.encode(errors="replace").decode() for path in PATHS):
        token = base64.urlsafe_b64encode(name.encode()).decode()
        for path in (
            f"/dags/{name}/dagRuns/r1/taskInstances/a/logs/1",
            f"/dags/one/dagRuns/{name}/taskInstances/a/logs/1",
            f"/dags/one/dagRuns/r1/taskInstances/{name}/logs/1",
            f"/dags/one/dagRuns/r1/taskInstances/a/logs/1?token={name}",
            f"/dagSources/{name}",
            f"/dagSources/{token}",
            f"/dags/one/versions/{name}/source",
        ):
            answer = ask("GET", path)
            assert answer.status_code in (200, 400, 403, 404, 414), (path, answer.text)
            assert "canary" not in answer.text
        answer = app.test_client().get(f"/static/{name}")
        assert answer.status_code in (200, 404)
        assert "canary" not in answer.text


@pytest.mark.parametrize("link", ["a.log", "folder"])
def test_a_link_in_the_log_folder_leads_nowhere_else(
    ask: Ask, filled: Engine, flowctl_home: Path, link: str
) -> None:
    logs, secret = flowctl_home / "logs", flowctl_home / "private"
    secret.mkdir()
    (secret / "a.log").write_text("the canary")
    (logs / "a.log").unlink()
    (logs / link).symlink_to(secret / "a.log" if link == "a.log" else secret)
    with writing(filled) as conn:
        path = link if link == "a.log" else "folder/a.log"
        conn.exec_driver_sql(f"UPDATE task_try SET log_path = '{path}'")

    for route in ("logs/1", "logs/1/lines", "logs/1?full_content=true"):
        answer = ask("GET", f"/dags/one/dagRuns/r1/taskInstances/a/{route}")
        assert answer.status_code == 200
        assert "canary" not in answer.text


# ----------------------------------------------------------------------------- what is secret


def test_names_of_secrets_from_the_configuration_count_here_too(
    filled: Engine, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled is not None
    monkeypatch.setenv("FLOWCTL__CORE__SENSITIVE_VAR_CONN_NAMES", "pin, geheim")
    config.forget()
    client = create_app(config.load(flowctl_home)).test_client()
    for key in ("my_pin", "GEHEIM", "plain"):
        body = {"key": key, "value": f"canary of {key}"}
        client.post("/api/v1/variables", json=body, auth=("admin", PASSWORD))

    shown = {
        key: client.get(f"/api/v1/variables/{key}", auth=("admin", PASSWORD)).get_json()["value"]
        for key in ("my_pin", "GEHEIM", "plain")
    }
    monkeypatch.delenv("FLOWCTL__CORE__SENSITIVE_VAR_CONN_NAMES")
    config.forget()
    create_app(config.load(flowctl_home))  # names them as ever

    assert shown == {"my_pin": "***", "GEHEIM": "***", "plain": "canary of plain"}


def test_the_secrets_of_a_conf_are_not_to_be_read_in_the_metastore(
    ask: Ask, filled: Engine
) -> None:
    conf = {"password": "canary", "deep": [{"api_key": "canary"}], "plain": 1}
    assert ask("POST", "/dags/one/dagRuns", json={"conf": conf}).status_code == 200
    span = {"from_date": "2026-03-01T00:00:00Z", "to_date": "2026-03-02T00:00:00Z"}
    assert ask("POST", "/dags/one/backfills", json={**span, "conf": conf}).status_code == 200

    with reading(filled) as conn:
        for table in (dag_run, backfill):
            assert "canary" not in str(conn.execute(select(table.c.conf)).all())


# ------------------------------------------------------------------------------- what it costs


def test_plugins_are_loaded_once_and_again_when_one_changes(
    ask: Ask, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def answer(_conf: object, module: str) -> bytes:
        begun.append(module)
        return b"[]"

    monkeypatch.setattr(installation, "_answer", answer)
    monkeypatch.setattr(installation, "_said", {})
    for _ in range(3):
        assert ask("GET", "/plugins").status_code == 200
        assert ask("GET", "/connectionForms").status_code == 200
    assert begun == ["plugin_list", "connection_forms"]

    (flowctl_home / "plugins").mkdir(exist_ok=True)
    (flowctl_home / "plugins" / "mine.py").write_text("#")
    assert ask("GET", "/plugins").status_code == 200
    assert begun[2:] == ["plugin_list"]


def test_the_trail_of_a_file_is_for_readers_of_its_dags(
    ask: Ask, filled: Engine, guest: str
) -> None:
    token = base64.urlsafe_b64encode(f"{HIDDEN}.py".encode()).decode().rstrip("=")
    assert ask("PUT", f"/parseDagFile/{token}").status_code == 201

    assert "dag.reparse" in ask("GET", "/eventLogs").text
    assert HIDDEN not in ask("GET", "/eventLogs", user=guest).text
    with reading(filled) as conn:
        rows = events.latest(conn, dag_id=HIDDEN)
    assert "dag.reparse" in {row.name for row in rows}
    assert KEPT not in ask("GET", "/eventLogs").text
