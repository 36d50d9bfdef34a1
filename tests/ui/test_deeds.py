"""What one does to runs and tasks: in their panels, and to many that are chosen in a list."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from flowctl import clock
from tests.support.standing import Standing
from tests.ui.conftest import await_dag, post

STALL = """
import os
import signal
from datetime import datetime
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator

with DAG("stall", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False):
    leave = PythonOperator(task_id="leave", python_callable=lambda: {"apples": "a" * 200})
    die = PythonOperator(
        task_id="die", python_callable=lambda: os.kill(os.getpid(), signal.SIGKILL)
    )
    leave >> die >> EmptyOperator(task_id="after")

with DAG("later", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=True):
    EmptyOperator(task_id="only")
"""

RUNS = ("first", "second", "third")


@pytest.fixture(scope="module")
def stall(site: Standing, admin: BrowserContext) -> None:
    """Have three runs of a DAG in which a task is killed."""
    site.write("stall.py", STALL)
    await_dag(admin, "stall")
    for run in RUNS:
        site.cli("dags", "trigger", "stall", "--run-id", run)
    page = admin.new_page()
    page.goto("/runs?search=stall&state=failed")
    expect(page.get_by_role("row")).to_have_count(4, timeout=60_000)  # three, and the head
    page.close()


pytestmark = pytest.mark.usefixtures("stall")


def test_an_attempt_says_which_signal_ended_it(page: Page) -> None:
    page.goto("/dags/stall?run=first&task=die")
    panel = page.get_by_role("complementary")
    panel.get_by_role("tab", name="Log").press("ArrowRight")
    panel.get_by_role("tab", name="Details").press("ArrowRight")

    expect(panel.get_by_role("tab", name="Attempts")).to_be_focused()
    table = panel.get_by_role("table", name="Attempts")
    expect(table).to_contain_text("SIGKILL")
    expect(table).to_contain_text("MiB")
    expect(page).to_have_url(re.compile("panel=attempts"))


def test_a_task_is_held_and_released_by_key_and_the_trail_tells(page: Page) -> None:
    page.goto("/dags/stall?run=first&task=after&panel=audit")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("button", name="Hold")).to_be_visible()
    panel.press("h")
    page.get_by_label("Why").fill("the source is down")
    page.get_by_label("Until (UTC)").fill("2999-01-01T06:30")
    page.keyboard.press("Enter")
    expect(page.get_by_text("after is held")).to_be_visible()
    expect(panel.get_by_role("button", name="Release")).to_have_attribute(
        "title", re.compile("^admin holds it until .*: the source is down$")
    )
    expect(panel.get_by_role("list", name="Audit")).to_contain_text("task.hold")
    panel.press("h")

    expect(page.get_by_text("after is released.")).to_be_visible()
    expect(panel.get_by_role("list", name="Audit")).to_contain_text("task.release")


def test_a_run_is_held_and_its_tasks_lead_to_its_release(page: Page) -> None:
    page.goto("/dags/stall?run=second")
    panel = page.get_by_role("complementary")
    panel.get_by_role("button", name="Hold").click()
    page.get_by_role("dialog").press("Escape")
    panel.get_by_role("button", name="Hold").click()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    expect(panel.get_by_text("admin holds it.")).to_be_visible()
    page.goto("/dags/stall?run=second&task=after")
    panel.get_by_role("button", name="Release the run").click()
    expect(page.get_by_text("second is released.")).to_be_visible()

    expect(panel.get_by_role("button", name="Hold")).to_be_visible()


def test_what_is_held_until_a_moment_starts_by_itself_then(
    page: Page, context: BrowserContext, site: Standing
) -> None:
    site.cli("dags", "trigger", "later", "--run-id", "held")
    soon = (clock.utcnow() + timedelta(seconds=8)).isoformat()
    held = "/dags/later/dagRuns/held/taskInstances/only/hold"
    post(context, site, held, {"why": "not yet", "until": soon})
    site.cli("dags", "unpause", "later")
    page.goto("/dags/later?run=held&task=only&panel=audit")
    panel = page.get_by_role("complementary")

    expect(panel.get_by_text("it has ended: success")).to_be_visible()
    expect(panel.get_by_role("list", name="Audit")).to_contain_text("clock")
    expect(panel.get_by_role("button", name="Hold")).to_be_visible()


def test_xcoms_of_all_dags_are_found_and_long_ones_are_folded(page: Page) -> None:
    page.goto("/xcoms?dag_id=stall&run_id=first")
    row = page.get_by_role("row").nth(1)
    expect(row.locator("pre")).not_to_be_visible()
    row.locator("summary").click()
    expect(row.locator("pre")).to_contain_text("a" * 200)
    page.get_by_role("searchbox", name="Key contains").fill("no such")
    expect(page.get_by_text("No XCom fits")).to_be_visible()
    page.get_by_role("searchbox", name="Key contains").fill("return")
    page.get_by_role("link", name="leave").click()

    expect(page.get_by_role("tab", name="XCom")).to_have_attribute("aria-selected", "true")


def test_chosen_tasks_are_marked_after_a_look(page: Page) -> None:
    page.goto("/tasks?search=third&pool=default_pool")
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("checkbox", name="Choose stall third die").check()
    page.get_by_role("checkbox", name="Choose stall third after").check()
    page.get_by_role("button", name="Mark success").click()
    asked = page.get_by_role("dialog", name="Mark as success")
    expect(asked.get_by_role("listitem")).to_have_count(2)
    expect(asked).to_contain_text("failed die")
    asked.get_by_role("button", name="Mark success (2)").click()
    expect(page.get_by_text("2 are marked as success.")).to_be_visible()

    page.goto("/tasks?search=third&state=success")
    expect(page.get_by_role("row")).to_have_count(4)


def test_clearing_chosen_tasks_can_take_those_after_them(page: Page) -> None:
    page.goto("/tasks?search=third")
    page.get_by_role("checkbox", name="Choose stall third leave").check()
    page.get_by_role("button", name="Clear").click()
    asked = page.get_by_role("dialog", name="Clear: run again")
    expect(asked.get_by_role("listitem")).to_have_count(1)
    asked.get_by_label("Downstream tasks").check()

    expect(asked.get_by_role("listitem")).to_have_count(3)


def test_chosen_runs_are_deleted_after_a_look(page: Page, site: Standing) -> None:
    for run in ("gone_one", "gone_two"):
        site.cli("dags", "trigger", "stall", "--run-id", run)
    page.goto("/runs?search=gone")
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("checkbox", name="Choose all of this page").check()
    page.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("dialog", name="Delete these runs?")
    expect(asked).to_contain_text("They go with their tasks and XComs")
    expect(asked.get_by_role("listitem")).to_have_count(2)
    asked.get_by_role("button", name="Delete (2)").click()

    expect(page.get_by_text("2 runs are deleted.")).to_be_visible()
    expect(page.get_by_text("No run fits")).to_be_visible()
