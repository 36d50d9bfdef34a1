"""`pytest -p tests.faults.counting`: keep what tests try, and what comes of it; see `ledger`."""

from collections.abc import Generator

import pytest

from tests.faults import evidence, ledger


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a test under the fault that it shows."""
    report = yield
    if call.when == "setup" and isinstance(item, pytest.Function):
        ledger.begin(fault(item))
    elif call.when == "call" and not report.skipped:
        entry = ledger.current
        if report.failed and entry.is_good:
            entry.complain([str(call.excinfo and call.excinfo.value)])
        entry.trials = max(entry.trials, 1)
        entry.keep()
    return report


def fault(item: pytest.Function) -> str:
    """Return the name of a line of the table."""
    file = item.path.relative_to(item.config.rootpath).as_posix()
    row = evidence.row_of(file, item.originalname)
    return (
        f"{row} {evidence.ROWS[row][0]}"
        if row
        else item.originalname.removeprefix("test_").replace("_", " ")
    )
