"""What a page asks for first: the browser is told with the document, so that data and code of a
view come together, and not one after the other.

What a view asks for stands here to the letter of its code. Asked for in another way it would come
twice; `tests/ui/test_dag_page.py` looks.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

AS_THE_CODE = "!~*'()"
"""What JavaScript leaves as it is in a part of an address, beyond what Python leaves."""

CODE = {"rel": "modulepreload"}
STYLE = {"rel": "preload", "as": "style"}


class First(NamedTuple):
    """What the page at an address begins with."""

    address: re.Pattern[str]
    asked: str  # of the API; the groups of the address stand for {}
    modules: tuple[str, ...] = ()  # of the view, beyond what every page loads


PAGES = (
    First(re.compile("(?:dags)?"), "/ui/dags?limit=40&offset=0"),
    First(
        re.compile("dags/([^/]+)"),
        "/dags/{}/grid?limit=30&cells_max=50000",
        ("src/views/dag/DagPage.tsx", "src/views/grid/Grid.tsx", "src/views/grid/useRuns.ts"),
    ),
)


class Ahead:
    """The links of a built application, by address."""

    def __init__(self, manifest: Path, prefix: str) -> None:
        """Read which files a module needs.

        Args:
            manifest: what the build says of its modules; it need not be there.
            prefix: the path below which the application lies.
        """
        self._prefix = prefix
        self._modules = json.loads(manifest.read_bytes()) if manifest.is_file() else {}
        self._loaded = set(self._needed("index.html"))

    def links(self, place: str, *, is_filtered: bool) -> Iterator[dict[str, str]]:
        """Give the attributes of a link for each thing that the page at an address needs first.

        Args:
            place: the address, below the prefix and without the first slash.
            is_filtered: whether the address says more than its path: then the view asks otherwise.
        """
        yield self._data("/me")
        for first in PAGES:
            if found := first.address.fullmatch(place):
                if not is_filtered:
                    parts = (quote(part, safe=AS_THE_CODE) for part in found.groups())
                    yield self._data(first.asked.format(*parts))
                yield from self._code(first.modules)

    def _data(self, path: str) -> dict[str, str]:
        return {"rel": "preload", "as": "fetch", "href": f"{self._prefix}/api/v1{path}"}

    def _code(self, modules: tuple[str, ...]) -> Iterator[dict[str, str]]:
        files = (file for module in modules for file in self._needed(module))
        for file in dict.fromkeys(files):
            kind = STYLE if file.endswith(".css") else CODE
            if file not in self._loaded:
                yield {**kind, "href": f"{self._prefix}/static/{file}"}

    def _needed(self, module: str) -> Iterator[str]:
        """Give the files of a module and of all that it imports."""
        seen, left = set(), [module]
        while left:
            name = left.pop()
            entry: dict[str, Any] = self._modules.get(name, {})
            if name in seen or not entry:
                continue
            seen.add(name)
            yield entry["file"]
            yield from entry.get("css", ())
            left += entry.get("imports", ())
