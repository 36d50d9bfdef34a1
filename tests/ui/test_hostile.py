"""Hostile text in every field that a DAG can define, seen on every page: it stays text.

The fixtures of the pages fail a test at a dialog, at what the security policy refuses, and when
anything is asked for elsewhere. Here the marks that the texts carry must be no elements either.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.standing import Standing
from tests.ui.conftest import await_dag, post

MARK = "data-canary"
EVIL = (
    f"\"'><img {MARK} src=https://evil.example/x onerror=alert(1)><script {MARK}>alert(2)</script>"
    f"<svg {MARK} onload=alert(3)>${{7*7}}{{{{7*7}}}}\u202e\u2028</textarea></style>"
    "[a](javascript:alert(4))![b](https://evil.example/b.png)"
)
LOG = (
    b"\x1b[31mred\x1b]0;title\x07\x1b[2J \x00\x01\xff\xfe \r overwritten "
    b"[2026-01-01T00:00:00.000+0000] {forged.py:1} ERROR - forged\n"
    + "\u202e\u2066 right to left".encode()
    + b"\n"
    + EVIL.encode()
    + b"\n"
    + b"x" * 1_000_000
    + b"\n</script><!--\n"
)
DAG = f"""
import os
from datetime import datetime
from airflow import DAG
from airflow.datasets import Dataset
from airflow.decorators import task
from airflow.models.baseoperator import BaseOperatorLink
from airflow.models.param import Param
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup

EVIL = {EVIL!r}
LOG = {LOG!r}

class Link(BaseOperatorLink):
    name = EVIL
    def get_link(self, operator, *, ti_key):
        return "javascript:alert(5)"

class Evil(BashOperator):
    operator_extra_links = (Link(),)
    ui_color = ui_fgcolor = "red;background:url(https://evil.example/color)"

with DAG(
    "hostile",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    is_paused_upon_creation=False,
    dag_display_name=EVIL,
    description=EVIL,
    doc_md=EVIL,
    tags=[EVIL[:99]],
    owner_links={{"evil": "mailto:a@b.example?subject=<img>"}},
    default_args={{"owner": EVIL}},
    params={{
        "p": Param(EVIL, title=EVIL, description=EVIL, section=EVIL, type=["string", "null"]),
        "q": Param("a", enum=["a", EVIL], description_md=EVIL),
        EVIL: 1,
    }},
) as dag:
    with TaskGroup("group", tooltip=EVIL, ui_color="url(https://evil.example/group)") as group:
        Evil(
            task_id="shell",
            bash_command="true",
            env={{"E": EVIL}},
            doc_md=EVIL,
            task_display_name=EVIL,
            outlets=[Dataset("s3://evil/" + "<img-onerror=alert(6)>", extra={{"e": EVIL}})],
        )

    @task(task_display_name=EVIL)
    def speak(ti=None):
        os.write(1, LOG)
        ti.xcom_push(EVIL[:200], EVIL)
        return {{EVIL: EVIL}}

    @task(map_index_template="{{{{ task.op_kwargs['what'] }}}}")
    def each(what):
        print(what)

    group >> Label(EVIL) >> speak()
    each.expand(what=[EVIL, "b"])

    @task
    def fall():
        raise ValueError(EVIL)

    fall()
"""
BROKEN = f"raise ValueError({EVIL!r})\n"
PAGES_MAX = 60

pytestmark = [
    pytest.mark.usefixtures("hostile"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def hostile(site: Standing, admin: BrowserContext) -> Iterator[None]:
    """Have a run of the hostile DAG, and a file that fails with hostile words."""
    site.write("hostile.py", DAG)
    site.write("broken_hostile.py", BROKEN)
    await_dag(admin, "hostile")
    body = {"dag_run_id": "r", "conf": {"x": EVIL}, "note": EVIL}
    post(admin, site, "/dags/hostile/dagRuns", body)
    page = admin.new_page()
    page.goto("/dags/hostile?run=r")
    expect(page.get_by_role("complementary")).to_contain_text("rfailed", timeout=60_000)
    yield
    for name in ("hostile.py", "broken_hostile.py"):
        (site.home / "dags" / name).unlink()


def links(page: Page) -> list[str]:
    """Return where the links of a page lead; what a menu hides is there, too."""
    found = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    return [str(one) for one in found]


def of_menus(page: Page) -> list[str]:
    """Return where one can go from the bar."""
    found = links(page)
    for button in page.get_by_role("banner").locator("button[popovertarget]:visible").all():
        button.click()
        found += links(page)
        page.keyboard.press("Escape")
    return found


def nothing_came_alive(page: Page) -> None:
    """Make sure that no mark is an element, and that links out are plain and tell nothing."""
    assert page.locator(f"[{MARK}]").count() == 0, page.url
    assert page.locator("[style*='evil.example']").count() == 0, page.url
    for link in links(page):
        assert link.startswith(("/", "#", "?", "mailto:", "https://")), (page.url, link)
    for out in page.locator("a[href^='https:']").all():
        assert "noreferrer" in (out.get_attribute("rel") or ""), page.url


def settled(page: Page, path: str) -> None:
    """Open a page and wait until it has its data."""
    page.goto(path)
    page.get_by_role("main").wait_for()
    page.wait_for_load_state("networkidle")  # a browser's stream of news is not of its pages


def test_all_pages_show_hostile_text_as_text(page: Page) -> None:
    """Every page of the navigation, every tab of the DAG, and what these lead to."""
    todo, seen, shown = ["/"], set[str](), set[str]()
    while todo and len(seen) < PAGES_MAX:
        path = todo.pop(0)
        seen.add(path)
        settled(page, path)
        nothing_came_alive(page)
        if f"<img {MARK}" in (page.locator("body").text_content() or ""):
            shown.add(path)
        for link in links(page) if path != "/" else of_menus(page):
            place = link.partition("?")[0].partition("#")[0]
            is_ours = place.startswith("/dags/hostile") or not place.startswith(
                ("/dags/", "mail", "https:")
            )
            if place and is_ours and place not in seen and place not in todo:
                todo.append(place)

    assert {"/dags", "/runs", "/audit", "/import-errors", "/dags/hostile/graph"} <= seen
    assert not todo
    assert {"/dags", "/dags/hostile", "/dags/hostile/graph"} <= shown


@pytest.mark.parametrize("task", ["group.shell", "speak", "each&map=0", "fall"])
def test_the_panel_of_a_task_shows_hostile_text_as_text(page: Page, task: str) -> None:
    """Its reason, log, details, XComs and rendered fields."""
    settled(page, f"/dags/hostile?run=r&task={task}")
    tabs = page.get_by_role("complementary").get_by_role("tab")
    tabs.first.wait_for()
    for tab in tabs.all():
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        page.wait_for_load_state("networkidle")
        nothing_came_alive(page)


def test_the_log_has_the_bytes_as_text(page: Page) -> None:
    settled(page, "/dags/hostile?run=r&task=speak&panel=log")
    log = page.get_by_role("complementary")

    expect(log).to_contain_text("</script><!--")
    nothing_came_alive(page)


def test_the_trigger_form_shows_hostile_text_as_text(page: Page) -> None:
    settled(page, "/dags/hostile")
    page.get_by_role("button", name=re.compile("Trigger")).first.click()

    expect(page.get_by_role("dialog")).to_be_visible()
    nothing_came_alive(page)
