"""The source of a DAG: which version a run used, and what changed between two of them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.axe import findings
from tests.support.standing import Standing
from tests.ui.conftest import await_dag

OLD = """
from datetime import datetime
from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("library", schedule=None, start_date=datetime(2026, 1, 1), is_paused_upon_creation=False):
    EmptyOperator(task_id="lend") >> EmptyOperator(task_id="stamp")
"""
NEW = OLD.replace('EmptyOperator(task_id="stamp")', 'EmptyOperator(task_id="scan", retries=2)')

pytestmark = pytest.mark.usefixtures("library")


@pytest.fixture(scope="module")
def library(site: Standing, admin: BrowserContext) -> None:
    """Have a DAG with a run of its first version, and a second version."""
    site.write("library.py", OLD)
    await_dag(admin, "library")
    site.cli("dags", "trigger", "library", "--run-id", "first")
    page = admin.new_page()
    page.goto("/dags/library/code")
    expect(page.get_by_role("combobox", name="Version", exact=True)).to_have_value("1")
    site.write("library.py", NEW)
    expect(page.get_by_role("combobox", name="Version", exact=True)).to_have_value(
        "2", timeout=60_000
    )
    page.close()


def test_a_run_leads_to_the_source_that_it_ran_with(page: Page) -> None:
    page.goto("/dags/library?run=first")
    page.get_by_role("complementary").get_by_title("To the source of this version").click()

    expect(page.get_by_text("What first runs with.")).to_be_visible()
    expect(page.get_by_role("region", name="Source of library.py, version 1")).to_contain_text(
        "stamp"
    )
    page.get_by_role("button", name="Show the newest").click()
    expect(page.get_by_role("region", name="version 2")).to_contain_text("scan")


def test_what_changed_is_told_by_task_and_by_line(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dags/library/code")
    page.get_by_role("combobox", name="Changes since").select_option("1")

    changed = page.get_by_role("list", name="Tasks").get_by_role("listitem")
    expect(changed).to_have_text([re.compile("scan.*added"), re.compile("stamp.*removed")])
    lines = page.get_by_role("region", name="Lines that came and went").get_by_role("row")
    expect(lines.filter(has_text="removed line")).to_contain_text(["stamp"])
    expect(lines.filter(has_text="added line")).to_contain_text(["scan"])
    expect(page).to_have_url(re.compile("since=1"))
    picture(page, "changes")
    assert findings(page) == []


def test_the_graph_of_an_old_run_shows_the_version_it_ran_with(page: Page) -> None:
    page.goto("/dags/library/graph?run=first")
    expect(page.get_by_role("button", name=re.compile("stamp"))).to_be_visible()

    expect(page.get_by_role("button", name=re.compile("scan"))).to_have_count(0)
