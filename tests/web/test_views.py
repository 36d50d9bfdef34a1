"""What the pages are made of: grid, graph, gantt, reasons, versions."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, text, update

from flowctl import clock
from flowctl.store.engine import writing
from flowctl.store.schema import task_instance
from tests.web.conftest import Ask

RUN = "/dags/one/dagRuns/r1"
HOUR = timedelta(hours=1)


def test_a_grid_has_the_state_of_each_task_in_each_run(ask: Ask) -> None:
    grid = ask("GET", "/dags/one/grid").get_json()
    (run,) = grid["runs"]
    tasks = [node["id"] for node in grid["nodes"] if not node.get("is_group")]

    assert run["run_id"] == "r1"
    assert dict(zip(tasks, (grid["states"][place] for place in run["tasks"]), strict=True)) == {
        "a": "success",
        "b": "none",
    }
    assert not grid["has_more"]


def test_a_mapped_task_shows_its_worst_state_and_how_many_are_in_which(
    ask: Ask, filled: Engine
) -> None:
    with writing(filled) as conn:
        conn.exec_driver_sql("UPDATE task_instance SET map_index = 0 WHERE task_id = 'a'")
        conn.exec_driver_sql(
            "INSERT INTO task_instance (dag_run_id, task_id, map_index, state, try_number,"
            " max_tries, operator, pool, pool_slots, priority_weight, queue, revision, end_date)"
            " SELECT dag_run_id, task_id, 1, 'failed', 1, 0, '', 'default_pool', 1, 1, 'default',"
            " 1, end_date FROM task_instance WHERE task_id = 'a' AND state = 'success'"
        )

    grid = ask("GET", "/dags/one/grid").get_json()

    assert grid["runs"][0]["mapped"] == {"a": {"success": 1, "failed": 1}}
    assert grid["states"][grid["runs"][0]["tasks"][0]] == "failed"


def test_a_grid_comes_in_pages(ask: Ask) -> None:
    for day in ("02", "03"):
        ask("POST", "/dags/one/dagRuns", json={"logical_date": f"2026-02-{day}T00:00:00Z"})
    first = ask("GET", "/dags/one/grid?limit=2").get_json()
    rest = ask("GET", f"/dags/one/grid?limit=2&before={first['runs'][-1]['pk']}").get_json()

    dates = [run["logical_date"][:10] for run in first["runs"] + rest["runs"]]
    assert dates == ["2026-02-03", "2026-02-02", "2026-02-01"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_pages_of_a_grid_hold_so_many_cells_and_one_run_at_least(ask: Ask) -> None:
    for day in (2, 3):
        ask("POST", "/dags/one/dagRuns", json={"logical_date": f"2026-02-0{day}T00:00:00Z"})

    page = ask("GET", "/dags/one/grid?cells_max=1&nodes=false").get_json()

    assert len(page["runs"]) == 1
    assert page["has_more"]
    assert page["nodes"] == []


def test_a_grid_can_be_read_anew_for_the_runs_that_moved(ask: Ask) -> None:
    ask("POST", "/dags/one/dagRuns", json={"dag_run_id": "r2"})

    assert [run["run_id"] for run in ask("GET", "/dags/one/grid?run_id=r1").get_json()["runs"]] == [
        "r1"
    ]
    assert ask("GET", "/dags/one/grid?run_id=gone").get_json()["runs"] == []


def test_a_graph_has_nodes_and_arrows(ask: Ask) -> None:
    graph = ask("GET", "/dags/one/graph").get_json()

    assert [node["id"] for node in graph["nodes"]] == ["a", "b"]
    assert graph["edges"] == [{"source": "a", "target": "b"}]
    assert ask("GET", "/dags/one/graph?root=nothing").status_code == 404
    assert ask("GET", "/dags/one/graph?version=7").status_code == 404


def test_states_of_one_run_name_its_version(ask: Ask) -> None:
    found = ask("GET", f"{RUN}/states").get_json()

    assert (found["run_id"], found["version"]) == ("r1", 1)
    assert {task: own["states"] for task, own in found["tasks"].items()} == {
        "a": {"success": 1},
        "b": {"none": 1},
    }
    assert found["tasks"]["a"]["end_date"]
    assert ask("GET", "/dags/one/dagRuns/nothing/states").status_code == 404


def test_a_gantt_has_a_bar_for_each_try(ask: Ask) -> None:
    (bar,) = ask("GET", f"{RUN}/gantt").get_json()["bars"]

    assert (bar["task_id"], bar["try_number"], bar["state"]) == ("a", 1, "success")
    assert bar["queued_at"] <= bar["end_date"]


def test_a_task_that_waits_is_explained(ask: Ask) -> None:
    found = ask("GET", f"{RUN}/taskInstances/b/explain").get_json()

    assert found["state"] == "none"
    assert "paused" in found["reason"]


def test_a_task_that_waits_is_expected_when_those_before_it_have_usually_ended(
    ask: Ask, filled: Engine
) -> None:
    ask("PATCH", "/dags/one", json={"is_paused": False})
    ask("POST", "/dags/one/dagRuns", json={"dag_run_id": "r2"})
    path = "/dags/one/dagRuns/r2/taskInstances/b/explain"
    began = clock.utcnow()
    r1, r2 = (f"(SELECT id FROM dag_run WHERE run_id = '{name}')" for name in ("r1", "r2"))
    with writing(filled) as conn:
        conn.exec_driver_sql(f"UPDATE dag_run SET state = 'success', end_date = updated_at"
                             f" WHERE id = {r1}")  # fmt: skip
        conn.exec_driver_sql("UPDATE dag_run SET state = 'running' WHERE run_id = 'r2'")
        took = update(task_instance).where(text(f"dag_run_id = {r1} AND task_id = 'a'"))
        conn.execute(took.values(start_date=began - HOUR, end_date=began, state="success"))
        runs = update(task_instance).where(text(f"dag_run_id = {r2} AND task_id = 'a'"))
        conn.execute(runs.values(start_date=began, end_date=None, state="running", try_number=1))

    found = ask("GET", path).get_json()

    assert datetime.fromisoformat(found["expected_at"]) == began + HOUR
    assert found["expected_from_runs"] == 1


def test_each_version_has_its_source(ask: Ask) -> None:
    (version,) = ask("GET", "/dags/one/versions").get_json()["versions"]

    assert version["number"] == 1
    source = ask("GET", "/dags/one/versions/1/source").get_json()["content"]
    assert source == "# the source of one and two"
    assert ask("GET", "/dags/one/versions/2/source").status_code == 404
