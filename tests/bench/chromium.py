"""Pages as a person sees them: how long they take to show something, how evenly they move.

Times are those of the page's own clock, from its navigation on. The main thread's CPU is told
beside them: on a busy machine it is what can be trusted.
"""

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
         "--js-flags=--expose-gc")  # fmt: skip
PATIENCE_MS = 60_000

# Sets `shownAt` in the frame after the one in which the page first has what is looked for.
WATCH = """(() => {
  const isThere = () => { try { return Boolean(%s) } catch { return false } };
  const look = () => isThere()
    ? requestAnimationFrame(() => { window.shownAt = performance.now() })
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
})()"""

# No text becomes code in these pages: their security policy would refuse it.
WAIT = "() => new Promise((done) => setInterval(() => window.shownAt && done(window.shownAt), 20))"

# Does a step in each frame; answers with how long each frame took, in ms.
MOVE = """async (count) => {
  const once = (at, of) => { %s };
  const next = () => new Promise(requestAnimationFrame);
  const took = [];
  for (let at = 0; at < 5; at++) await next();
  let before = await next();
  for (let at = 0; at < count; at++) {
    once(at, count);
    const now = await next();
    took.push(now - before);
    before = now;
  }
  return took;
}"""


# What this machine's processor does now, for comparison: additions, nothing of ours.
COUNT = """() => {
  const begin = performance.now();
  let sum = 0;
  for (let at = 0; at < 50e6; at++) sum = (sum + at) % 1000003;
  return performance.now() - begin + (sum < 0 ? 1 : 0);
}"""


class Shown(NamedTuple):
    """How long a page took to show what it is for, and the CPU of its main thread in that time."""

    ms: float
    cpu_ms: float


class Frames(NamedTuple):
    """How long frames took while something moved."""

    longest_ms: float
    median_ms: float
    late: int  # more than 50 ms
    cpu_ms: float  # of the main thread, for one frame


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as found:
        browser = found.chromium.launch(executable_path=_program(), args=list(FLAGS))
        yield browser
        browser.close()


def _program() -> str:
    program = shutil.which("chromium") or shutil.which("chromium-headless-shell")
    if program is None:
        raise RuntimeError("the pages are measured in Chromium: apt-get install chromium")
    return program


def log_in(browser: Browser, url: str, user: str, password: str) -> Any:
    """Log in once; return the session for contexts."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("banner").wait_for()
    session = context.storage_state()
    context.close()
    return session


def context_of(browser: Browser, url: str, session: Any) -> BrowserContext:
    """Give a context with an empty cache."""
    context = browser.new_context(
        base_url=url, storage_state=session, viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


@contextmanager
def somebody(browser: Browser, url: str, session: Any) -> Iterator[BrowserContext]:
    """Give a browser with a profile on disk, as people have: it keeps files and compiled code.

    A context has no compiled code of pages seen before, which is half of what they cost.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        context = browser.browser_type.launch_persistent_context(
            folder,
            executable_path=_program(),
            args=list(FLAGS),
            base_url=url,
            viewport={"width": 1440, "height": 900},
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(session["cookies"])
        yield context
        context.close()


def shown(page: Page, path: str, is_there: str) -> Shown:
    """Go to an address, wait until an expression is true, and say how long that took."""
    page.add_init_script(WATCH % is_there)
    before = cpu_ms(page)
    page.goto(path, wait_until="commit")
    return Shown(page.evaluate(WAIT), cpu_ms(page) - before)


def opened(page: Page, is_there: str, deed: Callable[[], None]) -> float:
    """Do something in a page that stands; say after how many ms an expression is true."""
    page.evaluate("() => { window.shownAt = undefined }")
    begin: float = page.evaluate("performance.now()")
    page.evaluate(f"() => {{ {WATCH % is_there} }}")
    deed()
    end: float = page.evaluate(WAIT)
    return end - begin


def count_ms(browser: Browser) -> float:
    """Return how long 50 million additions take in a page of its own."""
    page = browser.new_page()
    took: float = page.evaluate(COUNT)
    page.close()
    return took


def frames(page: Page, step: str, count: int = 120) -> Frames:
    """Do a step of JavaScript in each frame; `at` of `of` it is."""
    before = cpu_ms(page)
    took = page.evaluate(MOVE % step, count)
    used = (cpu_ms(page) - before) / count
    late = sum(ms > 50 for ms in took)
    return Frames(max(took), statistics.median(took), late, used)


def cpu_ms(page: Page) -> float:
    """Return for how long the main thread of a page has worked."""
    found = _session(page).send("Performance.getMetrics")["metrics"]
    seconds: float = next(one["value"] for one in found if one["name"] == "TaskDuration")
    return seconds * 1000


def heap_mb(page: Page) -> float:
    """Return what JavaScript holds, without what is garbage."""
    session = _session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used / (1 << 20)


_sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def _session(page: Page) -> CDPSession:
    """Return the one session of a page: measures begin anew with each."""
    if page not in _sessions:
        _sessions[page] = page.context.new_cdp_session(page)
        _sessions[page].send("Performance.enable")
    return _sessions[page]
