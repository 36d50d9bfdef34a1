"""What is secret stays so, and one DAG's reader learns nothing of another DAG."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, MarkSpec, TaskSpec
from flowctl.store import accounts, dags, roles
from flowctl.store.engine import reading, writing
from flowctl.store.schema import dag_run, task_instance
from flowctl.web.api import logs
from tests.web.conftest import DATE, Ask

ALL_BUT_DAGS = {may for may in roles.DEFAULTS[roles.ADMIN] if may[1] != roles.DAGS}


def states(engine: Engine, dag_id: str = "one") -> dict[str, str]:
    with reading(engine) as conn:
        rows = conn.execute(
            select(task_instance.c.task_id, task_instance.c.state)
            .join(dag_run, dag_run.c.id == task_instance.c.dag_run_id)
            .where(dag_run.c.dag_id == dag_id)
        )
        return dict(rows.all())


def put(engine: Engine, task_id: str, state: str, **more: Any) -> None:
    with writing(engine) as conn:
        of_one = select(dag_run.c.id).where(dag_run.c.dag_id == "one")
        conn.execute(
            update(task_instance)
            .where(task_instance.c.task_id == task_id, task_instance.c.dag_run_id.in_(of_one))
            .values(state=state, **more)
        )


@pytest.fixture
def guest(filled: Engine) -> str:
    """Give the name of a user who may do everything with the DAG `one` and nothing with others."""
    may = {(action, "DAG:one") for action in ("can_read", "can_edit")} | ALL_BUT_DAGS
    with writing(filled) as conn:
        roles.put(conn, "guest", may)
        viewer = accounts.one(conn, "viewer")
        assert viewer is not None
        accounts.change(conn, viewer, replace(viewer, roles=("guest",)), clock.utcnow())
    return "viewer"


def test_a_file_of_several_dags_is_shown_to_readers_of_all(
    ask: Ask, filled: Engine, guest: str
) -> None:
    with writing(filled) as conn:
        both = tuple(DagSpec(name, "both.py", (TaskSpec("a"),)) for name in ("three", "four"))
        dags.record(conn, ParsedFile("both.py", "2", both, b"# both"), clock.utcnow())
        roles.put(conn, "guest", {("can_read", "DAG:three")} | ALL_BUT_DAGS)
    path = "/dags/three/versions/1/source"

    assert ask("GET", path, user=guest).status_code == 404
    assert ask("GET", path).get_json()["content"] == "# both"


def test_a_marker_clears_nothing_that_the_caller_may_not_edit(
    ask: Ask, filled: Engine, guest: str
) -> None:
    marker = TaskSpec("a", mark=MarkSpec("two", "a"))
    with writing(filled) as conn:
        spec = DagSpec("one", "one.py", (marker,))
        dags.record(conn, ParsedFile("one.py", "2", (spec,), b"#"), clock.utcnow())
        conn.execute(update(task_instance).values(state="failed", end_date=DATE))
    body = {"dag_run_id": "r1", "include_subdags": True, "only_failed": True}

    for dry_run in (True, False):
        answer = ask(
            "POST", "/dags/one/clearTaskInstances", user=guest, json={**body, "dry_run": dry_run}
        )
        assert answer.status_code == 404, answer.text
    assert states(filled, "two")["a"] == "failed"
    seen = ask("POST", "/dags/one/clearTaskInstances", json=body).get_json()["task_instances"]
    assert {one["dag_id"] for one in seen} == {"one", "two"}


def test_secrets_of_a_conf_are_masked(ask: Ask) -> None:
    conf = {"password": "canary", "deep": [{"api_key": "canary"}], "plain": 1}
    made = ask("POST", "/dags/one/dagRuns", json={"conf": conf})
    assert made.get_json()["conf"]["plain"] == 1
    assert "canary" not in made.text + ask("GET", "/dags/one/dagRuns").text


def test_secrets_of_the_conf_of_a_backfill_are_masked(ask: Ask) -> None:
    span = {"from_date": "2026-03-01T00:00:00Z", "to_date": "2026-03-02T00:00:00Z"}
    made = ask("POST", "/dags/one/backfills", json={**span, "conf": {"password": "canary", "p": 2}})
    assert made.get_json()["conf"] == {"password": "***", "p": 2}
    assert "canary" not in ask("GET", "/dags/one/backfills").text


@pytest.mark.parametrize(
    "extra", ['"canary"', '["canary"]', "canary", '{"a": {"token": "canary"}}']
)
def test_secrets_of_an_extra_are_masked(ask: Ask, extra: str) -> None:
    body = {"connection_id": "c", "conn_type": "http", "extra": extra}
    assert "canary" not in ask("POST", "/connections", json=body).text
    assert "canary" not in ask("GET", "/connections/c").text


def test_an_address_that_is_taken_is_a_conflict(ask: Ask) -> None:
    body = {"username": "new", "email": "Op@x.org", "password": "p"}
    assert ask("POST", "/users", json=body).status_code == 409


@pytest.mark.parametrize("name", ["r\n", "r\x1b[2J"])
def test_a_run_id_forges_no_line(ask: Ask, name: str) -> None:
    assert ask("POST", "/dags/one/dagRuns", json={"dag_run_id": name}).status_code == 400


def test_a_whole_log_is_no_more_than_memory_takes(
    ask: Ask, flowctl_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flowctl_home / "logs" / "a.log").write_text("line\n" * 1000)
    monkeypatch.setattr(logs, "FULL_BYTES", 100)
    path = "/dags/one/dagRuns/r1/taskInstances/a/logs/1?full_content=true"
    piece = ask("GET", path).get_json()
    assert len(piece["content"]) == 100
    assert ask("GET", f"{path}&token={piece['continuation_token']}").get_json()["content"]


def test_what_failed_after_a_marked_task_runs_again(ask: Ask, filled: Engine) -> None:
    """Source: Airflow 2.10's `set_task_instance_state`."""
    put(filled, "a", "failed", end_date=DATE)
    put(filled, "b", "upstream_failed", end_date=DATE)
    body = {"new_state": "success"}

    assert ask("PATCH", "/dags/one/dagRuns/r1/taskInstances/a", json=body).status_code == 200

    assert states(filled) == {"a": "success", "b": "none"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("deferred", "failed"), ("up_for_reschedule", "failed"), ("running", "failed"),
     ("queued", "skipped"), ("up_for_retry", "skipped"), ("scheduled", "skipped")],
)  # fmt: skip
def test_a_run_marked_failed_ends_its_tasks_as_airflow_does(
    ask: Ask, filled: Engine, before: str, after: str
) -> None:
    put(filled, "b", before)
    assert ask("PATCH", "/dags/one/dagRuns/r1", json={"state": "failed"}).status_code == 200
    assert states(filled)["b"] == after
