"""The graph of a DAG and the Gantt chart of a run."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.standing import Standing
from tests.ui.conftest import await_dag

DAG = """
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup

with DAG("drawn", schedule=None, is_paused_upon_creation=False):
    begin, end = EmptyOperator(task_id="begin"), EmptyOperator(task_id="end")
    with TaskGroup("middle") as middle:
        left = BashOperator(task_id="left", bash_command="true")
        left >> Label("whole") >> BashOperator(task_id="right", bash_command="true")
    begin >> middle >> end
"""


@pytest.fixture(scope="module")
def drawn(site: Standing, admin: BrowserContext) -> str:
    """Write a DAG with a group and run it once; give the run's id."""
    site.write("drawn.py", DAG)
    await_dag(admin, "drawn")
    site.cli("dags", "trigger", "drawn", "--run-id", "first")
    return "first"


def test_a_task_is_chosen_in_the_graph(
    page: Page, drawn: str, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dags/drawn/graph")
    begin = page.get_by_role("button", name="begin, success")
    expect(begin).to_be_visible()
    picture(page, "whole")
    begin.click()

    expect(page).to_have_url(f"/dags/drawn/graph?run={drawn}&task=begin")
    expect(begin).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("drawn")
def test_arrow_keys_follow_the_edges_and_a_group_folds(page: Page) -> None:
    page.goto("/dags/drawn/graph")
    page.get_by_role("button", name="begin, success").focus()
    page.keyboard.press("ArrowRight")

    expect(page.get_by_role("button", name="middle.left, success")).to_be_focused()
    page.get_by_role("button", name="Fold groups", exact=True).click()
    expect(page.get_by_role("button", name="middle.left, success")).to_have_count(0)
    expect(page.get_by_role("button", name="middle, 2 tasks, success: 2")).to_be_visible()


def test_a_found_task_is_selected_and_its_upstream_stays_clear(page: Page, drawn: str) -> None:
    page.goto("/dags/drawn/graph")
    right = page.get_by_role("button", name="middle.right, success")
    expect(right).to_be_visible()
    page.get_by_role("combobox", name="Find a task").fill("middle.right")

    expect(right).to_have_attribute("aria-pressed", "true")
    page.get_by_role("complementary").get_by_role("button", name="Close").click()
    page.goto(f"/dags/drawn/graph?run={drawn}&task=middle.left")
    page.get_by_label("Show of the selected task").select_option("upstream")
    expect(page.locator("[data-node=end]")).to_have_css("opacity", "0.22")


def test_a_gantt_says_what_a_task_waited_for(
    page: Page, drawn: str, picture: Callable[[Page, str], None]
) -> None:
    page.goto(f"/dags/drawn/gantt?run={drawn}&task=middle.right")

    expect(page.get_by_role("status").filter(has_text="waited for middle.left")).to_be_visible()
    picture(page, "chart")
    page.get_by_role("button", name="middle", exact=True).click()
    expect(page.get_by_role("button", name="right", exact=True)).to_have_count(0)
