"""Backfills of a DAG: made with a look at their dates before, watched, paused and ended."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from flowctl import clock
from tests.support.axe import findings
from tests.support.standing import Standing
from tests.ui.conftest import await_dag

HARVEST = """
from datetime import datetime
from pathlib import Path
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.sensors.python import PythonSensor

with DAG("harvest", schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False):
    EmptyOperator(task_id="reap")

with DAG("forage", schedule=None, start_date=datetime(2026, 1, 1)):
    EmptyOperator(task_id="look")

with DAG("thaw", schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False):
    PythonSensor(
        task_id="wait", python_callable=Path("{spring}").exists, poke_interval=0.1
    )
"""

pytestmark = pytest.mark.usefixtures("harvest")


@pytest.fixture(scope="module")
def harvest(site: Standing, admin: BrowserContext) -> None:
    """Have a DAG that is done at once, and one that waits for a file; both are paused."""
    site.write("harvest.py", HARVEST.replace("{spring}", str(site.home / "spring")))
    await_dag(admin, "thaw")


def begin(page: Page, first: str, last: str, most: int = 10) -> None:
    """Fill in the form for a new backfill; it shows what would be done."""
    page.get_by_role("button", name="Backfill …").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("First date").fill(first)
    asked.get_by_label("Last date").fill(last)
    asked.get_by_label("Runs at once").fill(str(most))


def test_a_dag_without_a_schedule_is_offered_no_dates(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    """Neither to fill, nor a year to come; one with a schedule is."""
    later = page.get_by_role("button", name=f"Show {clock.utcnow().year + 1}, too")
    page.goto("/dags/forage/backfills")
    expect(page.get_by_text("This DAG has no schedule")).to_be_visible()
    expect(page.get_by_role("button", name="Backfill …")).to_have_count(0)
    picture(page, "none")
    page.goto("/dags/forage/calendar")
    expect(page.get_by_role("button", name=f"Show {clock.utcnow().year - 1}, too")).to_be_visible()
    expect(later).to_have_count(0)
    picture(page, "calendar")

    page.goto("/dags/harvest/calendar")
    expect(later).to_be_visible()


def test_a_backfill_is_made_and_watched(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/dags/harvest/backfills")
    expect(page.get_by_text("No backfill yet")).to_be_visible()
    begin(page, "2026-03-01T00:00", "2026-03-03T00:00")
    asked = page.get_by_role("dialog")
    expect(asked.get_by_role("status")).to_have_text("3 dates get a run")
    expect(asked.get_by_role("list", name="Dates").get_by_role("listitem")).to_have_count(3)
    picture(page, "before")
    assert findings(page) == []
    asked.get_by_role("button", name="Run 3 dates").click()

    made = page.get_by_role("list", name="Backfills").get_by_role("listitem").first
    expect(made.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(made).to_contain_text("3 success")
    dates = made.get_by_role("list", name="Dates").get_by_role("link")
    expect(dates).to_have_text(["2026-03-01", "2026-03-02", "2026-03-03"])
    expect(dates.first).to_have_accessible_name(re.compile("success"))
    picture(page, "done")
    assert findings(page) == []
    dates.first.click()
    expect(page.get_by_role("complementary")).to_contain_text("backfill__2026-03-01")


def test_runs_that_are_there_stay_unless_it_is_asked_for(page: Page) -> None:
    page.goto("/dags/harvest/backfills")
    begin(page, "2026-03-01T00:00", "2026-03-04T00:00")
    asked = page.get_by_role("dialog")
    expect(asked.get_by_role("status")).to_have_text("1 date gets a run, 3 stay as they are")
    asked.get_by_label("Dates that have a run").select_option("completed")

    expect(asked.get_by_role("status")).to_have_text("1 date gets a run, 3 run again")


def test_a_backfill_is_paused_and_ended(page: Page, site: Standing) -> None:
    page.goto("/dags/thaw/backfills")
    begin(page, "2026-03-01T00:00", "2026-03-03T00:00", most=1)
    page.get_by_role("button", name="Run 3 dates").click()
    made = page.get_by_role("list", name="Backfills").get_by_role("listitem").first
    expect(made).to_contain_text("1 running")
    expect(made).to_contain_text("2 to come")
    page.route(re.compile("/backfills\\?"), lambda _: None)  # the list never comes
    made.get_by_role("button", name="Pause").click()
    expect(made).to_contain_text("paused")
    page.unroute(re.compile("/backfills\\?"))
    made.get_by_role("button", name="Go on").click()
    made.get_by_role("button", name="Cancel").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("2 dates get no run.")
    expect(asked).to_contain_text("One run that was made goes on to its end.")
    asked.get_by_role("button", name="Cancel the backfill").click()

    expect(made).to_contain_text("cancelled")
    expect(page.get_by_role("status")).to_contain_text("2 dates got no run")
    (site.home / "spring").touch()
    expect(made).to_contain_text("1 success")
