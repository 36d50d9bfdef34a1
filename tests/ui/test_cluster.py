"""What shows all DAGs at once, what two browsers see of one, and pages without a network."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.support.standing import Standing
from tests.ui.conftest import SHOWN, await_dag, watched

FILE = """
from datetime import datetime

from airflow import DAG
from airflow.datasets import Dataset
from airflow.operators.bash import BashOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator

GOODS = Dataset("s3://dock/goods")

with DAG("dock_load", schedule=None, is_paused_upon_creation=False):
    BashOperator(task_id="load", bash_command="exit 3", outlets=[GOODS])
with DAG("dock_count", schedule=[GOODS], is_paused_upon_creation=True):
    TriggerDagRunOperator(task_id="tell", trigger_dag_id="dock_gone")
with DAG("dock_wait", schedule=None, is_paused_upon_creation=False):
    BashOperator(task_id="never", bash_command="true", pool="dock_closed")
with DAG("dock_hourly", start_date=datetime(2024, 1, 1), schedule="@hourly", catchup=False,
         is_paused_upon_creation=False):
    for side in ("left", "right"):
        BashOperator(task_id=side, bash_command="true", pool="dock_narrow")
"""

PAGES = (
    "/dags", "/dags/dock_load", "/dags/dock_load/graph", "/dags/dock_load/gantt", "/runs", "/tasks",
    "/assets", "/timeline", "/ahead", "/cluster", "/dependencies", "/import-errors", "/jobs",
    "/audit", "/admin/config", "/admin/plugins", "/admin/providers", "/admin/users", "/admin/roles",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def dock(site: Standing, admin: BrowserContext) -> None:
    """Have a DAG that fails, one whose task waits for a pool without slots, and their runs."""
    site.write("dock.py", FILE)
    site.cli("pools", "set", "dock_closed", "0", "closed")
    site.cli("pools", "set", "dock_narrow", "1", "narrow")
    await_dag(admin, "dock_wait")
    for dag_id in ("dock_load", "dock_wait"):
        if "first" not in site.cli("dags", "list-runs", "-d", dag_id):  # not here before
            site.cli("dags", "trigger", dag_id, "--run-id", "first")


def test_the_cluster_says_what_failed_and_what_waits_for_what(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/cluster")

    failed = page.get_by_role("listitem").filter(has_text="dock_load")
    expect(failed).to_contain_text("load")
    waiting = page.get_by_role("listitem").filter(has_text="dock_wait")
    expect(waiting).to_contain_text("dock_closed")
    expect(page.get_by_role("table", name="Processes")).to_contain_text("leads")
    expect(page.get_by_role("meter", name="default_pool")).to_be_visible()
    picture(page, "cluster")
    waiting.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/dags/dock_wait.*task=never"))


def test_the_timeline_shows_runs_of_all_dags_and_leads_to_them(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/timeline")
    page.get_by_role("button", name="1 h", exact=True).click()
    expect(page).to_have_url(re.compile("hours=1$"))

    row = page.get_by_role("listitem").filter(has_text="dock_load")
    expect(row).to_contain_text("1 failed")
    picture(page, "timeline")
    row.get_by_role("link", name=re.compile("first")).click()
    expect(page).to_have_url(re.compile("/dags/dock_load.*run=first"))


def test_dependencies_link_dags_by_what_binds_them(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dependencies")
    page.get_by_label("Find a DAG or an asset").fill("dock_count")
    expect(page.get_by_role("main").get_by_role("status")).to_have_text("3 DAGs")
    page.locator("[data-node='dag:dock_count']").click()

    told = page.get_by_role("complementary", name="dock_count")
    expect(told).to_contain_text("s3://dock/goods schedules dock_count")
    expect(told).to_contain_text("dock_count triggers dock_gone by task tell")
    expect(page.locator("[data-node='dag:dock_gone']")).to_contain_text("not there")
    picture(page, "dependencies")
    told.get_by_role("link", name="Open this DAG").click()
    expect(page).to_have_url(re.compile("/dags/dock_count"))


def test_coming_runs_are_shown_with_the_load_of_pools_and_who_waits(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/ahead")

    waits = page.get_by_role("table", name="Who will have to wait")
    expect(waits).to_contain_text("dock_narrow")
    load = page.get_by_role("img", name=re.compile("^dock_narrow"))
    expect(load).to_have_accessible_name(re.compile("at most 1, full at times"))
    picture(page, "ahead")
    page.get_by_role("button", name="7 days").click()
    expect(page).to_have_url(re.compile("days=7$"))
    page.get_by_role("table", name="Runs").get_by_role("link", name="dock_hourly").first.click()
    expect(page).to_have_url(re.compile("/dags/dock_hourly"))


@pytest.mark.parametrize("place", ["/cluster", "/timeline", "/dependencies"])
def test_these_pages_fit_a_narrow_window(page: Page, place: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(place)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator("main :text('dock_load'), [data-node='dag:dock_load']").first.wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_one_browser_clears_another_sees(
    page: Page, browser: Browser, site: Standing, session_of_admin: str
) -> None:
    """By the news alone: a grid that was read never looks again by itself."""
    other = browser.new_context(base_url=site.url, storage_state=session_of_admin)
    second = other.new_page()
    for one in (page, second):
        one.goto("/dags/dock_wait?run=first&task=never")
        expect(one.get_by_role("complementary")).to_contain_text("dock_closed")
    head = second.get_by_role("button", name=re.compile("^first: "))
    expect(head).to_have_accessible_name(re.compile("running"))

    page.get_by_role("complementary").get_by_role("button", name="Mark failed").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Mark failed")).click()
    expect(page.get_by_role("status").first).to_be_visible()

    expect(head).to_have_accessible_name(re.compile("failed"))
    other.close()


@pytest.mark.parametrize("place", PAGES)
def test_every_page_works_with_nothing_but_loopback(
    context: BrowserContext, site: Standing, place: str
) -> None:
    asked: list[str] = []

    def only_here(route: Route) -> None:
        if route.request.url.startswith((site.url, "data:", "blob:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    for page in watched(context.new_page(), site):
        page.goto(place)
        expect(page.locator(SHOWN).first).to_be_visible()
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)

    assert asked == []
