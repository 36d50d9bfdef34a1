"""Report the largest modules after the run; nothing fails because of them."""

import pytest

from tests.architecture.source import PACKAGE, PROJECT

LINES_AIM = 250
SHOWN_MAX = 10


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the modules beyond the size we aim at, largest first."""
    sizes = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    large = sorted(
        (path for path in sizes if sizes[path] > LINES_AIM), key=lambda path: -sizes[path]
    )
    if large:
        terminalreporter.write_line(f"{len(large)} modules of more than {LINES_AIM} lines:")
    for path in large[:SHOWN_MAX]:
        terminalreporter.write_line(f"  {sizes[path]:5} {path.relative_to(PROJECT)}")
