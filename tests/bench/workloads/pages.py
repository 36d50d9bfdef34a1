"""How long Chromium takes for the pages people look at, with very many of everything."""

import statistics
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import update

from flowctl import clock
from flowctl.store import accounts, schema
from flowctl.store.accounts import Account
from flowctl.store.engine import writing
from flowctl.store.passwords import hashed
from tests.bench import chromium
from tests.bench.chromium import Shown
from tests.bench.lab import Lab
from tests.bench.meter import Meter
from tests.bench.serving import serve
from tests.bench.site import Site
from tests.bench.stock import LINE, analyze, fill_dag, fill_log
from tests.bench.workloads.together import together

USER, PASSWORD = "bench", "bench-password"
VISITS_BEFORE = 3  # code is compiled at the first, and kept and checked at the next ones
KEPT_AFTER_MS = 1_000
GRID = "document.querySelector('[role=grid]')"
LOG = "document.querySelector('[role=log]')"

LISTED = "document.querySelectorAll('main tbody a[href*=\"/dags/\"]').length > 10"
GRID_DRAWN = """(() => {
  const grid = document.querySelector('[role=grid]');
  const canvas = grid.querySelector('canvas');
  return grid.getAttribute('aria-rowcount') === '%d' &&
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
})()"""
GRAPH_DRAWN = """document.querySelector('svg [data-node]') ||
  [...document.querySelectorAll('main canvas')].some((canvas) => canvas.width > 0 &&
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))"""
LOG_SHOWN = f"{LOG}.querySelectorAll('[data-index]').length > 10"

# A finger that drags the drawing from right to left; nothing is clicked.
PAN = """const box = document.querySelector('[role=group] svg, [role=group] canvas').parentElement;
  const go = (kind, x, y) => box.dispatchEvent(new PointerEvent(kind,
    { pointerId: 1, clientX: x, clientY: y, bubbles: true, buttons: 1 }));
  box.setPointerCapture = () => {};
  if (at === 0) go('pointerdown', 1200, 700);
  go('pointermove', 1200 - at * 6, 700 - at * 3);
  if (at === of - 1) go('pointerup', 0, 0);"""


def ui(lab: Lab) -> None:
    """The list, a grid, a graph and logs: until they are shown, as they move, what they hold."""
    tasks, nodes = lab.options.count(5_000, 500), lab.options.count(2_000, 200)
    with lab.site() as site:
        log_mb = lab.options.count(200, 20)
        lines = lab.options.count(200_000, 20_000)
        with writing(site.engine) as conn:
            for number in range(lab.options.count(500, 100)):
                fill_dag(conn, f"dag_{number:03}", tasks=5, runs=14)
            grid = fill_dag(conn, "huge", tasks=tasks, runs=lab.options.count(100, 20))
            drawn = fill_dag(conn, "drawn", tasks=nodes, runs=2)
            logs = Path(site.home) / "logs"
            fill_log(conn, logs, drawn, "t0", size_bytes=lines * len(LINE))
            fill_log(conn, logs, drawn, "t1", size_bytes=log_mb << 20)
            admin = Account(USER, "B", "B", "bench@example.org", ("Admin",))
            accounts.create(conn, replace(admin, password=hashed(PASSWORD)), clock.utcnow())
        analyze(site.engine)
        url = f"http://127.0.0.1:{serve(site)}"
        with chromium.chromium() as browser:
            session = chromium.log_in(browser, url, USER, PASSWORD)
            lab.note("limit: 50 million additions in a page", [chromium.count_ms(browser)], "ms")
            tab = _Tab(lab, site, browser, url, session)
            tab.opens("list of 500 DAGs", "/dags", LISTED)
            tab.opens("grid of 5,000 x 100", "/dags/huge", GRID_DRAWN % (tasks + 1), _grid)
            tab.opens("graph of 2,000 nodes", "/dags/drawn/graph", GRAPH_DRAWN, _graph)
            tab.opens("log of 200,000 lines", "/dags/drawn?run=r1&task=t0", LOG_SHOWN, _log)
            tab.opens("log of 200 MB", "/dags/drawn?run=r1&task=t1", LOG_SHOWN, _log)
            tab.turns_to("log of 200,000 lines", "/dags/drawn?run=r1", "t0")
            tab.lives(grid)
            together(lab, site, browser, url, session)


class _Tab:
    """Opens pages of one site again and again, and notes figures."""

    def __init__(self, lab: Lab, site: Site, browser: Browser, url: str, session: Any) -> None:
        self._lab, self._site = lab, site
        self._browser, self._url, self._session = browser, url, session

    def opens(
        self,
        name: str,
        path: str,
        is_there: str,
        then: "Callable[[_Tab, str, Page], None] | None" = None,
    ) -> None:
        """Note how long a page takes when it is new, when it is known, and what `then` does."""
        meter = Meter(self._site)
        cold: list[Shown] = []
        for _ in range(self._lab.options.repetitions):
            context = self._context()
            cold.append(chromium.shown(context.new_page(), path, is_there))
            context.close()
        warm = self._known(path, is_there)
        foreign = meter.read().foreign_cores
        for kind, found in (("cold", cold), ("warm", warm)):
            cpu = statistics.median(one.cpu_ms for one in found)
            self.note(f"{name}, {kind}", [one.ms for one in found], "ms", foreign, cpu)
        if then:
            context = self._context()
            page = context.new_page()
            chromium.shown(page, path, is_there)
            then(self, name, page)
            context.close()

    def _known(self, path: str, is_there: str) -> list[Shown]:
        """Open a page as somebody who was there before: the first visits fill what is kept."""
        found: list[Shown] = []
        with chromium.somebody(self._browser, self._url, self._session) as context:
            for _ in range(VISITS_BEFORE + self._lab.options.repetitions):
                page = context.new_page()
                found.append(chromium.shown(page, path, is_there))
                page.wait_for_timeout(KEPT_AFTER_MS)
                page.close()
        return found[VISITS_BEFORE:]

    def moves(self, name: str, page: Page, step: str, count: int = 120) -> None:
        """Note the longest frame while a step is done in each."""
        meter = Meter(self._site)
        found = chromium.frames(page, step, count)
        foreign = meter.read().foreign_cores
        self.note(f"{name}, longest frame", [found.longest_ms], "ms", foreign, found.cpu_ms)
        self.note(f"{name}, frames over 50 ms", [found.late], "", foreign)

    def turns_to(self, name: str, path: str, task: str) -> None:
        """Note how long the log of a task takes on the page of its DAG, after a click."""
        times = []
        meter = Meter(self._site)
        for _ in range(self._lab.options.repetitions):
            context = self._context()
            page = context.new_page()
            chromium.shown(page, f"{path}&task=t2", f"{GRID} !== null")
            page.wait_for_timeout(2_000)
            link = page.get_by_role("grid").get_by_role("button", name=task, exact=True)
            times.append(chromium.opened(page, LOG_SHOWN, link.click))
            context.close()
        self.note(f"{name}, after a click", times, "ms", meter.read().foreign_cores)

    def holds(self, name: str, page: Page) -> None:
        """Note the memory of a page without its garbage."""
        self.note(f"{name}, heap", [chromium.heap_mb(page)], "MB")

    def lives(self, run_pk: int) -> None:
        """Note how the memory of a grid grows while one of its runs moves all the time."""
        context = self._context()
        page = context.new_page()
        chromium.shown(page, "/dags/huge", f"{GRID} !== null")
        page.wait_for_timeout(3_000)
        before = chromium.heap_mb(page)
        meter = Meter(self._site)
        moves = self._lab.options.count(600, 60)
        self._move(page, run_pk, moves)
        foreign = meter.read().foreign_cores
        growth = chromium.heap_mb(page) - before
        self.note(f"busy grid, heap after {moves} moves: growth", [growth], "MB", foreign)
        context.close()

    def _move(self, page: Page, run_pk: int, count: int) -> None:
        """Let a run move so often, ten times a second: more than the page can show."""
        pause = threading.Event()
        for number in range(count):
            with writing(self._site.engine) as conn:
                conn.execute(
                    update(schema.dag_run)
                    .where(schema.dag_run.c.id == run_pk)
                    .values(state="running", end_date=None, revision=number + 2)
                )
            pause.wait(0.05)
            page.wait_for_timeout(50)

    def note(
        self, name: str, values: list[float], unit: str, foreign: float = 0.0, cpu_ms: float = -1.0
    ) -> None:
        """Write a figure down, with the CPU time of the page's main thread where it is known."""
        detail = {"cpu ms": cpu_ms} if cpu_ms >= 0 else {}
        self._lab.note(f"ui: {name}", values, unit, foreign=foreign, detail=detail)

    def _context(self) -> BrowserContext:
        return chromium.context_of(self._browser, self._url, self._session)


def _grid(tab: _Tab, name: str, page: Page) -> None:
    page.wait_for_timeout(3_000)  # older runs are on the way
    tab.moves(f"{name}, down", page, f"{GRID}.scrollTop += 240")
    tab.moves(f"{name}, across", page, f"{GRID}.scrollLeft += (at % 60 < 30 ? -20 : 20)")
    tab.holds(name, page)


def _graph(tab: _Tab, name: str, page: Page) -> None:
    tab.moves(f"{name}, panned", page, PAN)
    page.get_by_role("button", name="Show all").click()
    page.wait_for_timeout(300)
    tab.moves(f"{name}, panned as a whole", page, PAN)


def _log(tab: _Tab, name: str, page: Page) -> None:
    tab.moves(f"{name}, up", page, f"{LOG}.scrollTop -= 900")
    tab.holds(name, page)
