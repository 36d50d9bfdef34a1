"""Which process runs which test when several of pytest's processes share the work."""

import re

from xdist.scheduler import LoadScopeScheduling

PAGES = "tests/ui/"
DATABASE = re.compile(r"\[.*\b(sqlite|postgresql)\b")


class OneProcessForEachSite(LoadScopeScheduling):
    """Give each process a test at a time, but all tests of the pages on a database to one.

    Each process that has such a test runs a flowctl with a web server and a browser: more than
    one for each kind of database slows all of them. These come first, for they take longest.
    """

    def _split_scope(self, nodeid: str) -> str:
        """Return what a test belongs to: tests with equal scopes go to the same process."""
        database = DATABASE.search(nodeid) if nodeid.startswith(PAGES) else None
        return f"{PAGES} on {database[1]}" if database else nodeid
