"""How soon somebody sees what somebody else did, each in a browser of their own."""

import statistics

from playwright.sync_api import Browser, Page

from tests.bench import chromium
from tests.bench.lab import Lab
from tests.bench.meter import Meter
from tests.bench.site import Site

# The clock of all pages of one machine, in ms. The first click on a dialog is the deed's.
CLICKED = """() => addEventListener("click", (event) => {
  if (event.target.closest("dialog")) window.clickedAt = performance.timeOrigin + event.timeStamp;
}, { capture: true })"""

# The cell that is chosen is drawn on the canvas and said in words at the same time.
SEEN = """() => {
  const cell = document.querySelector("#grid-cursor");
  const before = cell.textContent;
  new MutationObserver((_, watch) => {
    if (cell.isConnected && cell.textContent === before) return;
    watch.disconnect();
    requestAnimationFrame(() => { window.seenAt = performance.timeOrigin + performance.now() });
  }).observe(document.querySelector("[role=grid]"),
    { subtree: true, childList: true, characterData: true });
}"""
MOMENT = "() => new Promise((done) => setInterval(() => window.%s && done(window.%s), 10))"


def together(lab: Lab, site: Site, browser: Browser, url: str, session: object) -> None:
    """Let one clear a task on the grid of a DAG, again and again, while the other looks at it."""
    one, other = (chromium.context_of(browser, url, session) for _ in range(2))
    deeds, looks = one.new_page(), other.new_page()
    meter = Meter(site)
    times = [
        _once(deeds, looks, f"/dags/dag_000?run=r{number % 14}&task=t{number % 5}")
        for number in range(lab.options.count(20, 5))
    ]
    foreign = meter.read().foreign_cores
    one.close()
    other.close()
    name = "ui: what another browser cleared is seen after"
    lab.note(f"{name}, p50", [statistics.median(times)], "ms", foreign=foreign)
    lab.note(f"{name}, p95", [statistics.quantiles(times, n=20)[-1]], "ms", foreign=foreign)


def _once(deeds: Page, looks: Page, path: str) -> float:
    """Clear what an address leads to; return how many ms after the click the other has seen it."""
    for page in (deeds, looks):
        page.goto(path)
        page.locator("#grid-cursor").wait_for(state="attached")
    looks.wait_for_timeout(500)  # the stream of what moves is open
    looks.evaluate(SEEN)
    deeds.evaluate(CLICKED)
    deeds.get_by_role("complementary").get_by_role("button", name="Clear").click()
    deeds.get_by_role("dialog").get_by_role("button", name="Clear (1)").click()
    seen: float = looks.evaluate(MOMENT % ("seenAt", "seenAt"))
    clicked: float = deeds.evaluate(MOMENT % ("clickedAt", "clickedAt"))
    return seen - clicked
