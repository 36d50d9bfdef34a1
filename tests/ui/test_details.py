"""What a DAG is, and who changed what of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.axe import findings
from tests.support.standing import Standing
from tests.ui.conftest import await_dag

BAKERY = '''
"""
# Bread

Baked *early*: <script>alert("html")</script> <img src=x onerror=alert(1)>

| flour | kg |
|-------|----|
| rye   | 7  |

[recipe](https://bread.example/) [trap](javascript:alert(2)) ![oven](https://bread.example/oven.png)

```python
def knead(dough):
    return dough
```
"""
from datetime import datetime, timedelta
from airflow import DAG
from airflow.models.param import Param
from airflow.operators.empty import EmptyOperator

with DAG(
    "bakery",
    schedule="30 4 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    doc_md=__doc__,
    description="Bread for the morning",
    tags=["food"],
    max_active_runs=3,
    dagrun_timeout=timedelta(hours=2),
    retention=timedelta(days=30),
    params={"loaves": Param(12, type="integer", description="How many")},
    default_args={"owner": "miller", "retries": 2},
):
    EmptyOperator(task_id="bake", pool="default_pool")
'''

pytestmark = pytest.mark.usefixtures("bakery")


@pytest.fixture(scope="module")
def bakery(site: Standing, admin: BrowserContext) -> None:
    """Have a DAG that says all about itself, and more than it should."""
    site.write("bakery.py", BAKERY)
    await_dag(admin, "bakery")


def test_the_details_say_what_a_dag_is(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/dags/bakery/details")
    about = page.get_by_role("region", name="About")
    expect(about).to_contain_text("miller")
    schedule = page.get_by_role("region", name="Schedule")
    expect(schedule).to_contain_text("at 04:30 each day")
    expect(schedule).to_contain_text("30 4 * * *")
    expect(page.get_by_role("region", name="Limits")).to_contain_text("2h")
    expect(page.get_by_role("region", name="Limits")).to_contain_text("runs: 30d")
    expect(page.get_by_role("table", name="Next runs").get_by_role("row")).to_have_count(9)
    expect(page.get_by_role("table", name="Params")).to_contain_text("How many")
    expect(page.get_by_role("table", name="Tasks")).to_contain_text("bake")
    picture(page, "details")
    assert findings(page) == []
    about.get_by_title("To its source").click()

    expect(page.get_by_role("region", name="Source of bakery.py")).to_contain_text("knead")


def test_documentation_is_formatted_but_none_of_its_html_is_used(page: Page) -> None:
    """A dialog, a foreign request or a refusal of the policy would fail this test."""
    page.goto("/dags/bakery/details")
    docs = page.get_by_role("region", name="Documentation")
    expect(docs.get_by_role("heading", name="Bread")).to_be_visible()
    expect(docs.get_by_role("cell", name="rye")).to_be_visible()
    expect(docs.get_by_role("link", name="recipe")).to_have_attribute("rel", "noreferrer")
    expect(docs).to_contain_text('<script>alert("html")</script>')

    expect(docs.get_by_role("link", name="trap")).to_have_count(0)
    expect(docs.get_by_role("img")).to_have_count(0)
    expect(docs.get_by_role("link", name="picture: oven")).to_be_visible()


def test_who_changed_what_is_told_and_filtered(
    page: Page, site: Standing, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/dags/bakery/audit")
    page.get_by_role("switch").click()
    expect(page.get_by_role("status")).to_contain_text("bakery")
    site.cli("dags", "trigger", "bakery", "--run-id", "oven1")
    page.reload()
    rows = page.get_by_role("table", name="Audit log").get_by_role("row")
    expect(rows.filter(has_text="pause")).to_have_count(1)
    expect(page.get_by_role("link", name="oven1")).to_be_visible()
    picture(page, "audit")
    assert findings(page) == []
    page.get_by_role("button", name="dag.").first.click()

    expect(rows.filter(has_text="oven1")).to_have_count(0)
    expect(rows.filter(has_text="pause")).to_contain_text("→")
    page.get_by_role("button", name="Show all").click()
    expect(rows.filter(has_text="oven1")).to_have_count(1)
    page.get_by_role("textbox", name="Who").fill("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No change is like this")).to_be_visible()


def test_a_dag_is_triggered_from_the_list(page: Page) -> None:
    page.goto("/dags?search=bakery")
    row = page.get_by_role("row").filter(has_text="bakery")
    row.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Trigger", exact=True).click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("loaves").fill("7")
    asked.get_by_role("button", name="Trigger").click()

    expect(page.get_by_text("has begun")).to_be_visible()
    expect(page).to_have_url("/dags?search=bakery")


@pytest.mark.parametrize("tab", ["audit", "code", "details", "calendar", "durations", "backfills"])
def test_every_tab_fits_a_small_screen(
    page: Page, tab: str, picture: Callable[[Page, str], None]
) -> None:
    """Nothing makes the page itself wider than the screen, and the open tab is in sight."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/dags/bakery/{tab}")
    opened = page.get_by_role("navigation", name="Views of this DAG").locator("[aria-current=page]")
    expect(opened).to_be_in_viewport(ratio=0.9)
    picture(page, "narrow")

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert findings(page) == []
