"""What pages need beside grid and graph: backfills, history, jobs, forms, many at once."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE
from typing import Any

from msgspec import structs
from sqlalchemy import Engine

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import RelatedDag, TaskSpec
from flowctl.store import dags
from flowctl.store.engine import writing
from flowctl.store.presence import Presence
from tests.web.conftest import Ask, dag_spec

RUN = "/dags/one/dagRuns/r1"
SPAN = {"from_date": "2026-01-01T00:00:00Z", "to_date": "2026-01-03T00:00:00Z"}


def test_a_backfill_is_tried_made_watched_and_ended(ask: Ask) -> None:
    path = "/dags/one/backfills"
    tried = ask("POST", path, json={**SPAN, "dry_run": True}).get_json()
    assert tried["total_entries"] == 3
    assert tried["dates"][0] == "2026-01-01T00:00:00+00:00"
    assert (tried["new"], tried["again"], tried["left_out"]) == (3, 0, 0)
    assert tried["states"] == [None, None, None]
    assert ask("GET", path).get_json()["total_entries"] == 0

    made = ask("POST", path, json=SPAN).get_json()
    assert made["progress"]["to_come"] == made["progress"]["dates"] == 3
    assert made["created_by"] == "admin"
    assert ask("POST", path, json=SPAN).status_code == 409

    one = f"{path}/{made['id']}"
    assert ask("PATCH", one, json={"is_paused": True}).get_json()["is_paused"]
    dates = ask("GET", f"{one}/dates?limit=1").get_json()
    assert (len(dates["dates"]), dates["total_entries"]) == (1, 3)
    assert ask("POST", f"{one}/cancel").get_json()["outcome"] == "cancelled"
    assert ask("POST", f"{one}/cancel").status_code == 409
    assert ask("GET", "/dags/~/backfills?only_open=true").get_json()["backfills"] == []
    assert ask("GET", one.replace("one", "two")).status_code == 404


def test_a_backfill_that_makes_no_sense_is_refused(ask: Ask) -> None:
    turned = {"from_date": SPAN["to_date"], "to_date": SPAN["from_date"]}

    assert ask("POST", "/dags/one/backfills", json=turned).status_code == 400
    assert ask("POST", "/dags/none/backfills", json=SPAN).status_code == 404


def test_a_calendar_counts_what_was_and_what_is_planned(ask: Ask, filled: Engine) -> None:
    with writing(filled) as conn:
        conn.exec_driver_sql(
            "UPDATE dag SET next_logical_date = '2026-12-30 00:00:00.000000',"
            " next_interval_start = '2026-12-30 00:00:00.000000',"
            " next_interval_end = '2026-12-31 00:00:00.000000'"
        )
    found = ask("GET", "/dags/one/calendar?year=2026").get_json()
    days = {day["date"]: day for day in found["days"]}

    assert days["2026-02-01"]["queued"] == 1
    assert [day for day in days if days[day]["planned"]] == ["2026-12-30", "2026-12-31"]
    assert found["is_planned_complete"]
    assert ask("GET", "/dags/one/calendar?year=2025").get_json()["days"] == []


def test_the_runs_that_come_next_are_told(ask: Ask, filled: Engine) -> None:
    """Of a DAG that was never active its timetable tells them; then the scheduler's note does."""
    assert len(ask("GET", "/dags/one/plannedRuns?limit=3").get_json()["planned_runs"]) == 3
    ask("PATCH", "/dags/one", json={"is_paused": False})
    assert ask("GET", "/dags/one/plannedRuns").get_json() == {"planned_runs": []}
    with writing(filled) as conn:
        conn.exec_driver_sql(
            "UPDATE dag SET next_logical_date = '2026-12-30 00:00:00.000000',"
            " next_interval_start = '2026-12-30 00:00:00.000000',"
            " next_interval_end = '2026-12-31 00:00:00.000000',"
            " next_run_after = '2026-12-31 00:00:00.000000'"
        )

    found = ask("GET", "/dags/one/plannedRuns?limit=2").get_json()["planned_runs"]
    assert [one["logical_date"][:10] for one in found] == ["2026-12-30", "2026-12-31"]
    assert [one["run_after"][:10] for one in found] == ["2026-12-31", "2027-01-01"]


def test_durations_are_given_by_run_and_by_task(ask: Ask) -> None:
    found = ask("GET", "/dags/one/durations").get_json()
    tasks = {task["task_id"]: task for task in found["tasks"]}

    assert [run["run_id"] for run in found["runs"]] == ["r1"]
    assert tasks["a"]["run_s"][0] >= 0
    assert tasks["a"]["landing_s"][0] > 0
    assert tasks["b"]["run_s"] == [None]


def test_the_starts_of_a_task_say_where_they_ran_and_how_they_ended(ask: Ask) -> None:
    (found,) = ask("GET", f"{RUN}/taskInstances/a/attempts").get_json()["attempts"]

    assert (found["try_number"], found["start_number"], found["state"]) == (1, 1, "success")
    assert found["host"] == "here"
    assert found["has_log"]
    assert ask("GET", f"{RUN}/taskInstances/none/attempts").status_code == 404


def test_the_starts_of_a_task_say_what_memory_they_may_take(ask: Ask, filled: Engine) -> None:
    tasks = (TaskSpec("a", memory_bytes=2**28), TaskSpec("b"))
    spec = structs.replace(dag_spec("one"), tasks=tasks)
    with writing(filled) as conn:
        dags.record(conn, ParsedFile("one.py", "2:2:2", (spec,), b"#"), clock.utcnow())
    ask("POST", "/dags/one/dagRuns", json={"dag_run_id": "limited"})
    path = "/dags/one/dagRuns/{}/taskInstances/{}/attempts"

    found = [
        ask("GET", path.format(run, task)).get_json()["memory_limit_bytes"]
        for run, task in (("limited", "a"), ("limited", "b"), ("r1", "a"))
    ]
    assert found == [2**28, None, None]


def test_jobs_say_who_is_alive(ask: Ask, filled: Engine) -> None:
    now = clock.utcnow()
    with writing(filled) as conn:
        Presence("scheduler").seen(conn, now, tick_at=now)
        Presence("triggerer").seen(conn, datetime(2026, 1, 1, tzinfo=UTC))

    jobs = {job["kind"]: job for job in ask("GET", "/jobs").get_json()["jobs"]}

    assert (jobs["scheduler"]["state"], jobs["scheduler"]["role"]) == ("alive", "standby")
    assert jobs["scheduler"]["memory_bytes"] > 1_000_000
    assert jobs["triggerer"]["state"] == "silent"
    assert ask("GET", "/jobs?only_alive=true&kind=triggerer").get_json()["jobs"] == []


def test_the_memory_of_a_job_has_its_children_but_no_other_job(ask: Ask, filled: Engine) -> None:
    code = "print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        with writing(filled) as conn:
            Presence("scheduler").seen(conn, clock.utcnow())
        (alone,) = ask("GET", "/jobs?kind=scheduler").get_json()["jobs"]
        with writing(filled) as conn:
            Presence("runner", pid=child.pid).seen(conn, clock.utcnow())
        (less,) = ask("GET", "/jobs?kind=scheduler").get_json()["jobs"]
        child.communicate(b"\n")

    assert less["memory_bytes"] < alone["memory_bytes"]


def test_the_dashboard_counts_everything(ask: Ask) -> None:
    found = ask("GET", "/ui/dashboard").get_json()

    assert found["dags"] == {
        "total": 2,
        "paused": 2,
        "last_run": {"queued": 2, "running": 0, "success": 0, "failed": 0},
    }
    assert found["runs"]["queued"] == 2
    assert (found["tasks"]["success"], found["tasks"]["none"]) == (1, 3)
    assert found["pools"][0]["name"] == "default_pool"
    assert found["failed_runs"] == []


def test_the_dashboard_says_what_waits_longest_and_for_what(ask: Ask, filled: Engine) -> None:
    with writing(filled) as conn:
        conn.exec_driver_sql(
            "UPDATE task_instance SET state = 'scheduled', end_date = NULL WHERE task_id = 'b'"
        )
        conn.exec_driver_sql("UPDATE dag_run SET state = 'running', end_date = NULL")

    tasks = ask("GET", "/ui/dashboard").get_json()["waiting"]

    assert {(task["dag_id"], task["task_id"]) for task in tasks} == {("one", "b"), ("two", "b")}
    assert all(task["reason"] for task in tasks)


def test_the_timeline_has_the_runs_that_were_under_way_in_its_window(ask: Ask) -> None:
    def runs(since: str, until: str) -> list[str]:
        found = ask("GET", f"/ui/timeline?since={since}&until={until}").get_json()
        return sorted(run["dag_id"] for run in found["runs"])

    assert runs("2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z") == ["one", "two"]
    assert runs("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z") == []


def test_failed_runs_are_on_the_dashboard(ask: Ask) -> None:
    ask("PATCH", RUN, json={"state": "failed"})

    (run,) = ask("GET", "/ui/dashboard").get_json()["failed_runs"]

    assert (run["dag_id"], run["run_id"]) == ("one", "r1")
    assert "marked failed by admin" in run["reason"]


def test_dags_are_bound_by_tasks_that_name_others(ask: Ask, filled: Engine) -> None:
    tasks = (
        TaskSpec("starts", related=RelatedDag("triggers", "two")),
        TaskSpec("waits", related=RelatedDag("waits_for", "gone")),
    )
    with writing(filled) as conn:
        spec = structs.replace(dag_spec("one"), tasks=tasks)
        dags.record(conn, ParsedFile("one.py", "2:2:2", (spec,), b"#"), clock.utcnow())

    found = ask("GET", "/ui/dependencies").get_json()

    assert [(edge["source"], edge["target"], edge["kind"]) for edge in found["edges"]] == [
        ("dag:one", "dag:two", "triggers"),
        ("dag:gone", "dag:one", "waits_for"),
    ]
    assert [node["id"] for node in found["nodes"] if node["is_missing"]] == ["dag:gone"]


def test_params_make_a_form(ask: Ask) -> None:
    (field,) = ask("GET", "/dags/one/form").get_json()["fields"]

    assert (field["name"], field["kind"], field["value"]) == ("p", "integer", 1)
    assert not field["may_be_empty"]


def test_a_diff_says_what_changed(ask: Ask, filled: Engine) -> None:
    before = dag_spec("one")
    changed = structs.replace(before.tasks[0], retries=3)
    spec = structs.replace(before, tasks=(changed, TaskSpec("c")), description="other")
    with writing(filled) as conn:
        dags.record(conn, ParsedFile("one.py", "2:2:2", (spec,), b"# new"), clock.utcnow())

    found = ask("GET", "/dags/one/versions/2/diff").get_json()

    assert found["source"].splitlines()[-2:] == ["-# the source of one and two", "+# new"]
    assert found["fields"] == ["description"]
    assert [(one["task_id"], one["change"], one["fields"]) for one in found["tasks"]] == [
        ("a", "changed", ["retries"]),
        ("b", "removed", []),
        ("c", "added", []),
    ]
    assert ask("GET", "/dags/one/versions/1/diff").status_code == 404


def test_each_type_of_connection_has_a_form(ask: Ask) -> None:
    forms = ask("GET", "/connectionForms").get_json()["forms"]

    assert forms[0]["conn_type"] == "generic"


# ------------------------------------------------------------------------------ many at once


def item(dag: str, task: str) -> dict[str, Any]:
    return {"dag_id": dag, "dag_run_id": "r1", "task_id": task}


def states(ask: Ask, dag: str) -> dict[str, str]:
    found = ask("GET", f"/dags/{dag}/dagRuns/r1/taskInstances").get_json()["task_instances"]
    return {task["task_id"]: task["state"] for task in found}


def test_tasks_of_several_dags_are_marked_at_once_after_a_look(ask: Ask) -> None:
    items = [item("one", "a"), item("one", "b"), item("two", "b")]
    body = {"action": "failed", "items": items}

    seen = ask("POST", "/ui/bulk/taskInstances", json=body).get_json()["task_instances"]
    assert [(one["dag_id"], one["task_id"], one["state"]) for one in seen] == [
        ("one", "a", "success"),
        ("one", "b", "none"),
        ("two", "b", "none"),
    ]
    assert states(ask, "two")["b"] is None

    done = ask("POST", "/ui/bulk/taskInstances", json={**body, "dry_run": False}).get_json()
    assert done["total_entries"] == 3
    assert states(ask, "one") == {"a": "failed", "b": "failed"}


def test_tasks_are_cleared_with_what_comes_after_them(ask: Ask) -> None:
    body = {"action": "clear", "items": [item("one", "a")], "include_downstream": True}

    seen = ask("POST", "/ui/bulk/taskInstances", json=body).get_json()["task_instances"]

    assert [one["task_id"] for one in seen] == ["a", "b"]


def test_runs_are_changed_at_once(ask: Ask) -> None:
    items = [{"dag_id": dag, "dag_run_id": "r1"} for dag in ("one", "two")]
    body = {"action": "success", "items": items, "dry_run": False}

    assert ask("POST", "/ui/bulk/dagRuns", json=body).get_json()["total_entries"] == 2
    assert ask("GET", RUN).get_json()["state"] == "success"
    body["action"] = "delete"
    assert ask("POST", "/ui/bulk/dagRuns", json=body).get_json()["total_entries"] == 2
    assert ask("POST", "/ui/bulk/dagRuns", json=body).status_code == 404


def test_nothing_is_changed_at_once_by_who_may_not(ask: Ask) -> None:
    body = {"action": "clear", "items": [item("none", "a")], "dry_run": False}

    assert ask("POST", "/ui/bulk/taskInstances", json=body).status_code == 404
    assert ask("POST", "/ui/bulk/taskInstances", user="viewer", json=body).status_code == 403


# ------------------------------------------------------------------------------------- hold


def test_a_task_is_held_by_somebody_until_it_is_released(ask: Ask) -> None:
    ask("PATCH", "/dags/one", json={"is_paused": False})
    path = f"{RUN}/taskInstances/b"

    assert ask("POST", f"{path}/hold").get_json() == {"held_by": "admin", "changed": 1}
    assert ask("POST", f"{path}/hold", user="op").get_json() == {"held_by": "admin", "changed": 0}
    assert ask("GET", f"{path}/explain").get_json()["held_by"] == "admin"
    assert ask("POST", f"{path}/release", user="op").get_json()["held_by"] is None
    assert ask("POST", f"{RUN}/taskInstances/none/hold").status_code == 404
    names = [one["event"] for one in ask("GET", "/eventLogs").get_json()["event_logs"]]
    assert names[-2:] == ["task.hold", "task.release"]


def test_a_run_is_held_by_somebody_until_it_is_released(ask: Ask) -> None:
    assert ask("POST", f"{RUN}/hold").get_json() == {"held_by": "admin", "changed": 1}
    assert ask("GET", "/dags/one/grid").get_json()["runs"][0]["held_by"] == "admin"
    assert ask("POST", f"{RUN}/release").get_json() == {"held_by": None, "changed": 1}


# -------------------------------------------------------------------------------------- log


def test_a_log_is_read_from_its_end_and_on_from_there(ask: Ask, flowctl_home: Path) -> None:
    path, log = f"{RUN}/taskInstances/a/logs/1/lines", flowctl_home / "logs" / "a.log"
    lines = [f"[2026-01-01T00:00:00.000+0000] {{a.py:1}} INFO - {n}" for n in range(100)]
    log.write_text("\n".join(lines) + "\n")

    end = ask("GET", f"{path}?limit=2").get_json()
    assert [line["text"][-2:] for line in end["lines"]] == ["98", "99"]
    assert end["lines"][0]["level"] == "info"
    assert end["is_last"]
    assert not end["is_first"]

    earlier = ask("GET", f"{path}?limit=98&before={end['start']}").get_json()
    assert len(earlier["lines"]) == 98
    assert earlier["is_first"]

    with log.open("a") as file:
        file.write("Traceback\n")
    more = ask("GET", f"{path}?after={end['end']}").get_json()
    assert [line["text"] for line in more["lines"]] == ["Traceback"]

    found = ask("GET", f"{path}?after=0&contains=info%20-%2042").get_json()
    assert [line["text"][-2:] for line in found["lines"]] == ["42"]
    assert ask("GET", f"{path}?level=error").get_json()["lines"] == []
    assert ask("GET", f"{path}?after=1&before=2").status_code == 400
