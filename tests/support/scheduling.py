"""Which process runs which test when several of pytest's processes share the work."""

import re

from xdist.scheduler import LoadScopeScheduling

DEAR = ("tests/ui/", "tests/oracle/test_runs.py")
DATABASE = re.compile(r"\[.*\b(sqlite|postgresql)\b")


class OneProcessForEachSite(LoadScopeScheduling):
    """Give each process a test at a time, but dear ones on one kind of database all to one process.

    What these prepare is dear: a flowctl with a web server and a browser, or the runs of all DAGs
    of the oracle. More than one of a kind slows all tests. They come first, for they take longest.
    """

    def _split_scope(self, nodeid: str) -> str:
        """Return what a test belongs to: tests with equal scopes go to the same process."""
        database = DATABASE.search(nodeid) if nodeid.startswith(DEAR) else None
        place = next((place for place in DEAR if nodeid.startswith(place)), "")
        return f"{place} on {database[1]}" if database else nodeid
