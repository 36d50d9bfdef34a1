"""Addresses that people have from Airflow lead to the same thing here."""

import re

import pytest
from playwright.sync_api import Page, expect

TOLD = "dag_run_id=manual__2026-01-01T00%3A00%3A00%2B00%3A00"
OURS = "run=manual__2026-01-01T00%3A00%3A00%2B00%3A00"


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("/home", "/dags"),
        ("/dags/word_count/grid", "/dags/word_count"),
        (f"/dags/word_count/grid?{TOLD}&tab=gantt", f"/dags/word_count/gantt?{OURS}"),
        (f"/dags/word_count/graph?{TOLD}&task_id=say", f"/dags/word_count/graph?{OURS}&task=say"),
        ("/dags/word_count?tab=code", "/dags/word_count/code"),
        ("/code?dag_id=word_count", "/dags/word_count/code"),
        ("/taskinstance/list/?_flt_3_dag_id=word_count", "/tasks?search=word_count"),
        ("/connection/list/", "/admin/connections"),
    ],
)
def test_an_address_of_airflow_leads_here(page: Page, there: str, here: str) -> None:
    page.goto(there)

    expect(page).to_have_url(re.compile(re.escape(here) + "$"))
    expect(page.get_by_role("heading", level=1).first).to_be_visible()


@pytest.mark.parametrize("place", ["/no/such/page", "/dags/word_count/no_such_tab"])
def test_what_leads_nowhere_says_so(page: Page, place: str) -> None:
    page.goto(place)

    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect(page.get_by_role("link", name="To the list of DAGs")).to_be_visible()
