"""What axe-core finds wrong with a page for those who see, hear or move differently.

One rule, that a name contains what is seen, is not asked of drawings: it takes the tooltip of SVG
for text that is seen (axe-core 4.14).
"""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

PROGRAM = Path(__file__).parents[2] / "flowctl/web/ui/node_modules/axe-core/axe.min.js"
ASK = """async (rules) => {
    const run = { resultTypes: ["violations"] };
    if (rules.length > 0) run.runOnly = rules;
    const { violations } = await axe.run(document, run);
    for (const one of violations)
        if (one.id === "label-content-name-mismatch")
            one.nodes = one.nodes.filter((node) => !node.html.startsWith("<g "));
    return violations
        .filter((one) => ["serious", "critical"].includes(one.impact) && one.nodes.length > 0)
        .map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(" ")}`);
}"""


@cache
def _program() -> str:
    if not PROGRAM.is_file():
        raise FileNotFoundError(f"{PROGRAM}: run `make dev`, it installs the packages of the pages")
    return PROGRAM.read_text()


def findings(page: Page, *rules: str) -> list[str]:
    """Return the serious and critical findings on a page as it stands, of these rules or of all.

    Raises FileNotFoundError when axe-core is not installed.
    """
    page.evaluate(_program())
    found: list[str] = page.evaluate(ASK, list(rules))
    return found
