"""Can everybody use each page? axe-core looks at all pages of the navigation, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import findings
from tests.ui.conftest import SHOWN

pytestmark = pytest.mark.timeout(600)


def of_navigation(page: Page) -> set[str]:
    """Return the address of every page that the bar leads to."""
    page.goto("/dags")
    bar = page.get_by_role("banner")
    expect(bar).to_be_visible()
    found: set[str] = set()
    for menu in ("", "Browse", "Admin", "Account of admin"):
        if menu:
            bar.get_by_role("button", name=menu, exact=True).click()
        links = bar.locator("a[href^='/']")
        found |= {str(link.get_attribute("href")) for link in links.all()}
    assert "/admin/pools" in found
    return found


def of_a_dag(page: Page) -> set[str]:
    """Return the address of every tab of a DAG."""
    page.goto("/dags/word_count")
    links = page.locator("main a[href^='/dags/word_count/']")
    expect(links.first).to_be_visible()
    found = {str(link.get_attribute("href")) for link in links.all()}
    assert "/dags/word_count/graph" in found
    return found


def of_forms(_: Page) -> set[str]:
    """Return what one does not come to by links: a DAG, one that is not there, open forms."""
    forms = {f"/admin/{name}?add=true" for name in ("connections", "variables", "pools", "users")}
    return {"/dags/word_count", "/dags/no_such_dag", "/admin/roles?edit=Op", *forms}


@pytest.mark.parametrize("places", [of_navigation, of_a_dag, of_forms])
def test_no_page_has_a_serious_finding(page: Page, places: Callable[[Page], set[str]]) -> None:
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    found: list[str] = []
    for place in sorted(places(page)):
        page.goto(place)
        expect(page.locator(SHOWN).first).to_be_visible()
        found += [f"{place}: {one}" for one in findings(page)]
        page.emulate_media(color_scheme="dark")
        found += [f"{place}, dark: {one}" for one in findings(page, "color-contrast")]
        page.emulate_media(color_scheme="light")

    assert found == []
