"""Serves the pages of the browser: one HTML document, and the files it asks for.

The pages are an application in TypeScript (`ui/`), built into `static/`. Every address outside the
API answers with the same document; the application reads the address. Whoever is not logged in gets
it too, for it holds nothing but the way to the login.
"""

import html
import mimetypes
from functools import cache, partial
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter

from flowctl.web.ahead import Ahead
from flowctl.web.auth.login import COOKIE

STATIC = Path(__file__).parent / "static"
BASE = "/__base__"
"""What stands in the built document for the path of `base_url`."""

MANIFEST = "manifest.json"
"""Where the build says which files a module needs."""

# A name with a digest in it never means anything else; the document is asked for anew each time.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
NOT_BUILT = (
    "<!doctype html><title>flowctl</title><p>The pages of this flowctl were not built;"
    " the README says how. The API below /api/v1 is there."
)


class Place(PathConverter):
    """An address outside the API, whose routes must not seem to allow what pages do."""

    regex = "(?!api/)[^/].*?"


def serve(app: Flask, prefix: str) -> None:
    """Let an app answer with the pages, below the path `prefix` of its own address."""
    files = frozenset(_files())
    ahead = Ahead(STATIC / MANIFEST, prefix)
    app.url_map.converters |= {"place": Place}

    get = partial(app.get, provide_automatic_options=False)  # nobody may ask what there is

    @get("/static/<path:name>", endpoint="static")
    def _static(name: str) -> Response:
        if name not in files:
            raise NotFound
        return _file(name)

    @get("/", endpoint="front")
    @get("/<place:_place>", endpoint="page")
    def _page(_place: str = "") -> Response:
        document = _document(prefix)
        if COOKIE in request.cookies:
            links = ahead.links(_place, is_filtered=bool(request.query_string))
            document = document.replace("<title>", "".join(map(_link, links)) + "<title>", 1)
        response = Response(document, mimetype="text/html")
        response.headers["Cache-Control"] = ASK_AGAIN
        return response


def _link(attributes: dict[str, str]) -> str:
    told = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<link{told} crossorigin>"


def _files() -> list[str]:
    return [str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()]


@cache
def _document(prefix: str) -> str:
    built = STATIC / "index.html"
    text = built.read_text() if built.is_file() else NOT_BUILT
    return text.replace(BASE, html.escape(prefix))


def _file(name: str) -> Response:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    encoding = request.accept_encodings.best_match(ENCODINGS)
    packed = STATIC / f"{name}{ENCODINGS.get(encoding or '', '')}"
    is_packed = encoding is not None and packed.is_file()
    content = packed.read_bytes() if is_packed else (STATIC / name).read_bytes()
    response = Response(content, mimetype=kind)
    if is_packed:
        response.headers["Content-Encoding"] = str(encoding)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVER if name.startswith("assets/") else ASK_AGAIN
    return response
