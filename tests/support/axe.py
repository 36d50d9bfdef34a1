"""What axe-core finds wrong with a page for those who see, hear or move differently."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

PROGRAM = Path(__file__).parents[2] / "flowctl/web/ui/node_modules/axe-core/axe.min.js"
ASK = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations
        .filter((one) => ["serious", "critical"].includes(one.impact))
        .map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(" ")}`);
}"""


@cache
def _program() -> str:
    return PROGRAM.read_text()


def findings(page: Page) -> list[str]:
    """Return the serious and critical findings on a page as it stands."""
    page.evaluate(_program())
    found: list[str] = page.evaluate(ASK)
    return found
