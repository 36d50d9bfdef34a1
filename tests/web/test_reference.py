"""The page that explains the API."""

from html.parser import HTMLParser

from flowctl.web.routes import ROUTES
from tests.web.conftest import Ask


class Reader(HTMLParser):
    """Notes the ids, links and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.ids |= {given["id"]} if "id" in given else set()
        self.links |= {given["href"]} if "href" in given else set()
        assert "style" not in given


def test_the_page_explains_every_route_and_asks_nobody_else(ask: Ask) -> None:
    answer = ask("GET", "/ui/", user="viewer")
    reader = Reader()
    reader.feed(answer.text)

    assert answer.content_type.startswith("text/html")
    assert {route.name for route in ROUTES} <= reader.ids
    assert reader.tags.isdisjoint({"script", "style", "img"})
    assert {link[1:] for link in reader.links if link.startswith("#")} <= reader.ids
    assert {link for link in reader.links if not link.startswith("#")} == {
        "style.css",
        "../openapi.json",
    }
    assert "Who may: can_edit on Task Instances, and can_edit on the DAG." in answer.text


def test_its_style_is_a_file_of_its_own(ask: Ask) -> None:
    answer = ask("GET", "/ui/style.css", user=None)

    assert (answer.status_code, answer.mimetype) == (200, "text/css")
