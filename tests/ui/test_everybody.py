"""Can everybody use each page? axe-core looks at all pages of the navigation, light and dark."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.standing import Standing
from tests.ui.conftest import ROOT, watched

AXE = ROOT / "flowctl" / "web" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")

MORE = [
    "/dags/word_count",
    "/dags/no_such_dag",
    "/admin/connections?add=true",
    "/admin/variables?add=true",
    "/admin/pools?add=true",
    "/admin/users?add=true",
    "/admin/roles?edit=Op",
]
"""What one does not come to by the navigation: a DAG, a form that is open."""

PARTS = "table, :is([role=grid], [role=group], [role=alert]), canvas, h2, form, dialog[open], code"
SHOWN = f"main :is({PARTS})"
"""What there is on a page once it has what it asked for."""


@pytest.fixture(params=["light", "dark"])
def lit(
    request: pytest.FixtureRequest, site: Standing, browser: Browser, session_of_admin: str
) -> Any:
    """Give a page in that light, its scripts allowed to come from the test."""
    context = browser.new_context(
        base_url=site.url,
        storage_state=session_of_admin,
        color_scheme=request.param,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    context.add_init_script(path=Path(AXE))
    yield from watched(context.new_page(), site)
    context.close()


def places(page: Page) -> list[str]:
    """Return the address of every page that the navigation leads to."""
    page.goto("/dags")
    bar = page.get_by_role("banner")
    expect(bar).to_be_visible()
    found: set[str] = set()
    for menu in ("", "Browse", "Admin", "Account of admin"):
        if menu:
            bar.get_by_role("button", name=menu, exact=True).click()
        links = bar.locator("a[href^='/']")
        found |= {str(link.get_attribute("href")) for link in links.all()}
    return sorted(found)


def tabs(page: Page) -> list[str]:
    """Return the address of every tab of a DAG."""
    page.goto("/dags/word_count")
    links = page.locator("main a[href^='/dags/word_count/']")
    expect(links.first).to_be_visible()
    return sorted({str(link.get_attribute("href")) for link in links.all()})


def findings(page: Page, path: str) -> list[str]:
    """Return what is serious on a page, with the elements it is about."""
    page.goto(path)
    expect(page.locator(SHOWN).first).to_be_visible()
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{path}: {one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]


def test_no_page_has_a_serious_finding(lit: Page) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core comes with the packages of the pages: npm.py ci")
    pages = [*places(lit), *tabs(lit), *MORE]

    assert "/admin/pools" in pages
    assert [line for path in pages for line in findings(lit, path)] == []
