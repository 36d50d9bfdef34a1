"""The page of one DAG: its grid, the panel of what is selected, and what one does there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.standing import Standing
from tests.ui.conftest import await_dag

SHOP = """
from datetime import datetime
from airflow import DAG
from airflow.models.param import Param
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup


def sell():
    raise RuntimeError("the till is empty")


with DAG(
    "shop",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    is_paused_upon_creation=False,
    params={"size": Param(3, type="integer", minimum=1, description="How many shelves")},
):
    with TaskGroup("morning"):
        opened = EmptyOperator(task_id="open")
    opened >> PythonOperator(task_id="sell", python_callable=sell) >> EmptyOperator(task_id="close")
"""


pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture(scope="module")
def shop(site: Standing, admin: BrowserContext) -> None:
    """Have a DAG whose task `sell` fails, and a run of it; triggered once the file was read."""
    site.write("shop.py", SHOP)
    await_dag(admin, "shop")
    site.cli("dags", "trigger", "shop", "--run-id", "monday")


def name(page: Page, task: str) -> None:
    """Choose a task by its name in the grid; the newest run is meant."""
    page.get_by_role("grid").get_by_role("button", name=task, exact=True).click()


def test_from_a_red_mark_to_the_stack_trace(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dags/shop")
    name(page, "sell")

    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("log")).to_contain_text("RuntimeError: the till is empty")
    expect(panel).to_contain_text("failed")
    expect(page).to_have_url(re.compile("task=sell"))
    picture(page, "trace")


def test_clearing_shows_what_it_touches_before_it_does_it(page: Page) -> None:
    page.goto("/dags/shop?run=monday&task=sell")
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("it has ended: failed")
    panel.get_by_role("button", name="Clear").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("One task instance is touched")
    asked.get_by_label("Downstream tasks").check()
    expect(asked.get_by_role("listitem")).to_have_count(2)
    asked.get_by_role("button", name="Clear (2)").click()

    expect(page.get_by_role("status")).to_contain_text("2 task instances run again")


def test_a_group_stays_folded_when_the_page_is_opened_again(page: Page) -> None:
    page.goto("/dags/shop")
    page.get_by_role("button", name="Fold morning").click()
    page.reload()

    expect(page.get_by_role("button", name="Unfold morning")).to_be_visible()
    expect(page.get_by_role("button", name="open", exact=True)).to_have_count(0)


def test_the_grid_is_walked_by_keys(page: Page) -> None:
    page.goto("/dags/shop?run=monday")
    grid = page.get_by_role("grid")
    grid.focus()
    for _ in range(3):
        grid.press("ArrowDown")
    expect(page).to_have_url(re.compile("task=sell"))
    grid.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Clear what is selected")
    page.keyboard.press("Escape")
    grid.press("f")

    expect(page.get_by_role("dialog")).to_contain_text("Mark as failed")


def test_a_run_is_triggered_with_what_its_params_ask_for(page: Page) -> None:
    page.goto("/dags/shop")
    page.get_by_role("button", name="Trigger", exact=True).click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("size").fill("0")
    expect(asked.get_by_role("alert")).to_have_text("At least 1.")
    asked.get_by_label("size").fill("4")
    asked.get_by_text("Date, run id, note").click()
    asked.get_by_label("Run id").fill("tuesday")
    asked.get_by_role("button", name="Trigger").click()

    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="tuesday")).to_be_visible()
    expect(panel).to_contain_text('"size": 4')
    expect(page.get_by_role("button", name=re.compile("^tuesday: "))).to_be_visible()


def test_a_page_stays_while_the_server_is_away_and_goes_on_with_it(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    page.goto("/dags/word_count")
    heading = page.get_by_role("heading", name="word_count")
    expect(heading).to_be_visible()
    banner = page.get_by_role("alert").filter(has_text="does not answer")

    page.route("**/*", lambda route: route.abort())
    expect(banner.first).to_be_visible()
    page.get_by_role("link", name="Gantt").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("does not answer")
    expect(heading).to_be_visible()

    page.unroute("**/*")
    expect(banner).to_have_count(0)
    expect(page).to_have_url(re.compile("/gantt"))
    expect(heading).to_be_visible()


@pytest.mark.parametrize(
    ("place", "part"),
    [("/dags", "/ui/dags?"), ("/dags/word_count", "/dags/word_count/grid?")],
)
def test_what_a_page_needs_first_is_asked_for_once(page: Page, place: str, part: str) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.partition("/api/v1")[2]))

    page.goto(place)
    page.locator("main").get_by_text("word_count").first.wait_for()
    page.wait_for_load_state("load")

    assert asked.count("/me") == 1
    assert len([path for path in asked if path.startswith(part)]) == 1


def test_what_moved_is_asked_for_before_all_the_rest(site: Standing, page: Page) -> None:
    """A browser has six connections: a small question must not wait behind big ones."""
    with page.expect_response(re.compile("/api/v1/live")):
        page.goto("/dags/shop?run=monday&task=sell")
    page.get_by_role("complementary").get_by_text("the till is empty").first.wait_for()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.partition("/api/v1")[2]))

    with page.expect_request(re.compile(r"/grid\?run_id=friday")):
        site.cli("dags", "trigger", "shop", "--run-id", "friday")

    about_it = [path for path in asked if path.startswith("/dags/shop")]
    assert about_it[0].startswith("/dags/shop/grid?run_id=friday")
