"""Is it Airflow's API? Operations, parameters and the fields of answers, against recorded facts.

`data/operations.json` lists the operations of Airflow 2.10.5 with their parameters;
`data/answers.json` the fields of what a real Airflow 2.10.5 answered for a DAG of two tasks.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowctl.web import api, live, openapi
from flowctl.web.routes import ROUTES, Route, statuses
from tests.web.conftest import Ask
from tests.web.test_permissions import line, path_of

DATA = Path(__file__).parent / "data"
OPERATIONS = json.loads((DATA / "operations.json").read_text())
ANSWERS = json.loads((DATA / "answers.json").read_text())

api.load()
DOCUMENT = openapi.document(ROUTES)

OURS = {
    "GET /dags/one": "GET /dags/e",
    "GET /dags?only_active=true": "GET /dags",
    "GET /dags/one/details": "GET /dags/d/details",
    "GET /dags/one/tasks": "GET /dags/d/tasks",
    "GET /dags/one/dagRuns": "GET /dags/d/dagRuns",
    "GET /dags/one/dagRuns/r1": "GET /dags/d/dagRuns/r1",
    "GET /dags/one/dagRuns/r1/taskInstances": "GET /dags/d/dagRuns/r1/taskInstances",
    "GET /dags/one/dagRuns/r1/taskInstances/a": "GET /dags/d/dagRuns/r1/taskInstances/a",
    "GET /dags/one/dagRuns/r1/taskInstances/a/tries": (
        "GET /dags/d/dagRuns/r1/taskInstances/a/tries"
    ),
    "GET /dags/one/dagRuns/r1/taskInstances/a/xcomEntries": (
        "GET /dags/d/dagRuns/r1/taskInstances/b/xcomEntries"
    ),
    "GET /dags/one/dagRuns/r1/taskInstances/a/xcomEntries/return_value": (
        "GET /dags/d/dagRuns/r1/taskInstances/b/xcomEntries/return_value"
    ),
    "GET /dagStats?dag_ids=one,two": "GET /dagStats?dag_ids=d,e",
    "GET /eventLogs?limit=5": "GET /eventLogs?limit=5",
    "GET /health": "GET /health",
    "GET /pools": "GET /pools",
    "GET /importErrors": "GET /importErrors",
    "GET /dagWarnings": "GET /dagWarnings",
}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_each_operation_of_airflow_is_here(operation: str) -> None:
    method, path = operation.split(" ")
    ours = DOCUMENT["paths"][path][method.lower()]
    query = {one["name"] for one in ours["parameters"] if one["in"] == "query"}

    assert ours["operationId"] == OPERATIONS[operation]["name"]
    assert set(OPERATIONS[operation]["query"]) <= query
    assert {int(code) for code in ours["responses"] if code < "400"} == set(
        OPERATIONS[operation]["success"]
    )


@pytest.mark.parametrize("request_line", OURS)
def test_answers_have_the_fields_of_airflow(ask: Ask, request_line: str) -> None:
    method, path = request_line.split(" ")
    answer = ask(method, path)

    assert answer.status_code == 200, answer.text
    assert lacks(answer.get_json(), ANSWERS[OURS[request_line]]) == []


def lacks(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """Return the fields that Airflow has and we have not, with their places."""
    if isinstance(theirs, list):
        return lacks(ours[0], theirs[0], where + "[]") if theirs and ours else []
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return []
    if where.endswith((".conf", ".params", ".rendered_fields", ".schedule_interval")):
        return []
    missing = [f"{where}.{name}" for name in theirs.keys() - ours.keys()]
    for name in theirs.keys() & ours.keys():
        missing += lacks(ours[name], theirs[name], f"{where}.{name}")
    return missing


def test_the_document_can_be_had_without_a_server() -> None:
    done = subprocess.run([sys.executable, "-m", "flowctl.web"], capture_output=True, check=True)

    assert json.loads(done.stdout) == json.loads(json.dumps(DOCUMENT))


def test_the_document_says_which_fields_of_an_answer_are_always_there() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert schemas["DAG"]["required"] == list(schemas["DAG"]["properties"])
    assert schemas["Node"]["required"] == [
        "id",
        "label",
    ]  # others where they say something
    assert schemas["ClearTaskInstances"]["required"] == []


def test_the_document_says_what_is_a_moment_and_which_states_there_are() -> None:
    run = DOCUMENT["components"]["schemas"]["DAGRun"]["properties"]

    assert run["start_date"]["anyOf"] == [
        {"type": "string", "format": "date-time"},
        {"type": "null"},
    ]
    assert run["state"] == {"$ref": "#/components/schemas/RunState"}


def test_the_document_is_complete() -> None:
    known = DOCUMENT["components"]["schemas"]
    text = json.dumps(DOCUMENT)

    assert all(f'"#/components/schemas/{name}"' in text for name in known)
    for route in ROUTES:
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        assert {str(code) for code in statuses(route)} <= operation["responses"].keys()
        assert operation["summary"], f"{route.name} does not say what it does"


@pytest.mark.parametrize("route", [one for one in ROUTES if one.method == "GET"], ids=line)
def test_a_head_is_that_of_the_answer(
    ask: Ask, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for the head alone is told what he would get, and whoever asks which methods
    there are is told no more than with any wrong one.
    """
    monkeypatch.setattr(live, "STREAM_S", 0.0)  # what never ends otherwise is read to its end
    path = path_of(route)
    with ask("GET", path) as whole, ask("HEAD", path) as head:
        assert (head.status_code, head.data) == (whole.status_code, b"")
        assert head.content_type == whole.content_type
    assert ask("OPTIONS", path).status_code == 405
