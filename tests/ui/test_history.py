"""How a DAG did over time: its calendar, and how long its runs and tasks took."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.axe import findings
from tests.support.standing import Standing
from tests.ui.conftest import await_dag

LIGHTHOUSE = """
from datetime import datetime
from airflow import DAG
from airflow.operators.python import PythonOperator

def shine(ds):
    if ds == "2025-02-04":
        raise RuntimeError("fog")

with DAG(
    "lighthouse", schedule="@daily", start_date=datetime(2025, 1, 1), catchup=False,
    is_paused_upon_creation=False,
):
    PythonOperator(task_id="shine", python_callable=shine)
    PythonOperator(task_id="rest", python_callable=lambda: None)
"""

pytestmark = pytest.mark.usefixtures("lighthouse")


@pytest.fixture(scope="module")
def lighthouse(site: Standing, admin: BrowserContext) -> None:
    """Have a DAG with runs of three days of 2025: one of them failed, one day has two."""
    site.write("lighthouse.py", LIGHTHOUSE)
    await_dag(admin, "lighthouse")
    for moment in ("2025-02-03", "2025-02-04", "2025-02-05", "2025-02-05T12:00:00"):
        site.cli("dags", "trigger", "lighthouse", "--exec-date", moment)
    page = admin.new_page()
    page.goto("/dags/lighthouse/calendar?since=2025&until=2025")
    sums = page.get_by_role("region", name="Runs of 2025").get_by_role("list")
    expect(sums).to_have_text("1 failed3 success", timeout=60_000)
    page.close()


def test_a_day_of_the_calendar_leads_to_its_runs(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dags/lighthouse/calendar?since=2025&until=2025")
    expect(page.get_by_role("link", name="2025-02-05: 2 success")).to_be_visible()
    failed = page.get_by_role("link", name="2025-02-04: 1 failed")
    picture(page, "year")
    assert findings(page) == []
    failed.click()

    expect(page).to_have_url(re.compile("from=2025-02-04&to=2025-02-04"))
    expect(page.get_by_role("button", name=re.compile("^manual__2025-02-04"))).to_have_count(1)
    expect(page.get_by_role("button", name=re.compile("^manual__2025-02-03"))).to_have_count(0)


def test_arrows_go_from_day_to_day(page: Page) -> None:
    page.goto("/dags/lighthouse/calendar?since=2025&until=2025")
    first = page.get_by_role("link", name="2025-02-03")
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="2025-02-04")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("from=2025-02-05"))


def test_years_to_come_show_what_is_planned(page: Page) -> None:
    page.goto("/dags/lighthouse/calendar")
    page.get_by_role("button", name=re.compile("Show")).first.click()

    planned = page.get_by_role("region", name=re.compile("Runs of")).first
    expect(planned.get_by_role("list")).to_have_text(re.compile("36[56] planned"))


def test_bars_show_how_long_each_run_and_task_took(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dags/lighthouse/durations?type=manual")
    chart = page.get_by_role("region", name="Duration")
    bars = chart.get_by_role("link")
    expect(bars).to_have_count(4)
    expect(chart).to_contain_text("median")
    bars.nth(1).focus()
    expect(chart).to_contain_text("failed")
    picture(page, "whole")
    assert findings(page) == []
    page.get_by_label("Task").select_option("shine")

    expect(chart).to_contain_text("How long shine took in each run.")
    page.keyboard.press("Tab")
    bars.last.focus()
    page.keyboard.press("ArrowLeft")
    expect(bars.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("run=manual__2025-02-05.*task=shine"))


def test_the_numbers_are_there_as_a_table(page: Page) -> None:
    page.goto("/dags/lighthouse/durations?type=manual&state=failed")
    page.get_by_text("As a table").click()

    rows = page.get_by_role("table", name="Duration").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("failed")
