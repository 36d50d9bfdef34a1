"""The list of DAGs."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.standing import Standing

BROKEN = "from airflow import DAG\nimport no_such_module\n"
NEW = "from airflow import DAG\nDAG('new_one', schedule=None)\n"


@pytest.fixture
def broken_file(site: Standing) -> Iterator[str]:
    """Have a file in the folder that cannot be imported."""
    site.write("broken_by_test.py", BROKEN)
    yield "broken_by_test.py"
    (site.home / "dags" / "broken_by_test.py").unlink()


def test_the_example_dags_are_listed(page: Page) -> None:
    page.goto("/dags?tag=example")

    expect(page.get_by_role("row")).to_have_count(9)  # eight, and the head
    expect(page.get_by_text("8 DAGs")).to_be_visible()


def test_a_search_narrows_the_list_and_stays_in_the_address(page: Page) -> None:
    page.goto("/dags")
    expect(page.get_by_role("link", name="word_count", exact=True)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("nightly")

    expect(page.get_by_text("1 DAG", exact=True)).to_be_visible()
    expect(page).to_have_url("/dags?search=nightly")
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("nightly")
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_list_that_fits_nothing_says_how_to_see_all(page: Page) -> None:
    page.goto("/dags?search=no+such+dag")
    page.get_by_role("button", name="Show all").click()

    expect(page.get_by_role("link", name="word_count", exact=True)).to_be_visible()


def test_a_dag_is_switched_on_and_off(page: Page, site: Standing) -> None:
    page.goto("/dags?search=clean_up")
    switch = page.get_by_role("switch", name="clean_up_always is scheduled")
    switch.click()

    expect(page.get_by_text("clean_up_always is scheduled again.")).to_be_visible()
    page.reload()
    expect(switch).to_be_checked()
    assert json.loads(site.cli("dags", "list", "-o", "json"))[0]["is_paused"] == "False"
    switch.click()
    expect(switch).not_to_be_checked()


def test_a_favourite_is_found_under_favourites(page: Page) -> None:
    page.goto("/dags")
    star = page.get_by_role("button", name="word_count is a favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Favourites", exact=True).click()

    expect(page.get_by_role("row")).to_have_count(2)
    star.click()
    expect(page.get_by_text("No DAG fits")).to_be_visible()


def test_a_file_that_cannot_be_imported_is_above_the_list(page: Page, broken_file: str) -> None:
    page.goto("/dags")

    expect(page.get_by_text("One DAG file could not be imported.")).to_be_visible()
    page.locator("summary", has_text=broken_file).click()
    expect(page.get_by_text("ModuleNotFoundError").last).to_be_visible()


def test_deleting_asks_first_and_says_what_goes(page: Page) -> None:
    page.goto("/dags?search=few_at_a_time")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete few_at_a_time?")

    expect(dialog).to_contain_text("run")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_going_back_brings_back_what_was_searched(page: Page) -> None:
    page.goto("/dags?search=nightly")
    field = page.get_by_role("searchbox")
    page.get_by_role("link", name="flowctl").click()
    expect(field).to_have_value("")
    page.go_back()

    expect(field).to_have_value("nightly")
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_page_opens_by_itself_when_its_file_is_read(page: Page, site: Standing) -> None:
    page.goto("/dags/new_one")
    expect(page.get_by_role("heading", name="there is no DAG 'new_one'")).to_be_visible()
    expect(page.get_by_text("This page opens by itself")).to_be_visible()
    site.write("new_one.py", NEW)

    expect(page.get_by_role("heading", name="new_one")).to_be_visible()
    (site.home / "dags" / "new_one.py").unlink()
