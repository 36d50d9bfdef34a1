"""The web process: the API, the pages, and what holds the door."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from flowctl.config import Config, load
from flowctl.runner import hiding
from flowctl.web import api, dispatch, pages
from flowctl.web.auth.login import Login
from flowctl.web.live import Hub
from flowctl.web.refusals import answer_errors
from flowctl.web.routes import PART, PREFIX, ROUTES, Route
from flowctl.web.site import Site

BODY_MAX_BYTES = 10 * 2**20
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
WITH_SLASHES = frozenset({"uri", "file_token", "variable_key"})


class Number(BaseConverter):
    """A whole number that a column of 32 bits can hold."""

    regex = "-?[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)


class Id(Number):
    """A whole number that a column of 64 bits can hold."""

    regex = "[0-9]{1,18}"


def create_app(conf: Config | None = None) -> Flask:
    """Return the app; nothing of the metastore is opened before the first request."""
    site = Site(conf or load())
    hiding.by(site.conf)
    login = Login(site)
    hub = Hub(site, login)
    app = Flask("flowctl", static_folder=None)
    app.extensions["hub"] = hub
    app.extensions["site"] = site
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX_BYTES
    app.url_map.merge_slashes = False  # the name of a dataset has some
    app.url_map.converters |= {"number": Number, "id": Id}
    api.load()
    fixed: dict[str, set[str]] = {}
    for declared in ROUTES:
        also = {"HEAD"} if declared.method == "GET" else set()
        fixed.setdefault(PREFIX + declared.path, set()).update({declared.method} | also)
        view = dispatch.view(declared, site, login, hub)
        _add(app, PREFIX + rule(declared), declared.name, view, declared.method)
    _add(app, "/health", "health", app.view_functions["get_health"])
    prefix = urlsplit(site.conf.text("webserver", "base_url")).path.rstrip("/")
    pages.serve(app, prefix)
    app.after_request(_send_strict_headers)
    answer_errors(app, fixed)
    _place(app, site.conf, prefix)
    return app


def _add(app: Flask, path: str, name: str, view: Callable[..., Any], method: str = "GET") -> None:
    app.add_url_rule(path, name, view, methods=[method], provide_automatic_options=False)


def _place(app: Flask, conf: Config, prefix: str) -> None:
    """Serve the app below the path of `base_url`; believe the headers of proxies only when told."""
    if prefix:
        app.wsgi_app = DispatcherMiddleware(_nothing, {prefix: app.wsgi_app})  # type: ignore[method-assign]
    if conf.flag("webserver", "enable_proxy_fix"):
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app,
            x_for=conf.whole("webserver", "proxy_fix_x_for"),
            x_proto=conf.whole("webserver", "proxy_fix_x_proto"),
            x_host=conf.whole("webserver", "proxy_fix_x_host"),
            x_port=conf.whole("webserver", "proxy_fix_x_port"),
            x_prefix=conf.whole("webserver", "proxy_fix_x_prefix"),
        )


def _nothing(_environ: Any, start: Any) -> list[bytes]:
    """Answer what lies outside the path of `base_url`."""
    start("404 Not Found", [("Content-Type", "text/plain"), *HEADERS.items()])
    return [b"Not Found"]


def rule(declared: Route) -> str:
    """Return a route's path as Flask writes it."""

    def part(found: Any) -> str:
        name = found.group(1)
        kind = "path" if name in WITH_SLASHES else "string"
        if declared.path_types[name] is int:
            kind = "id" if name.endswith("_id") else "number"
        return f"<{kind}:{name}>"

    return PART.sub(part, declared.path)


def _send_strict_headers(response: Response) -> Response:
    if response.status_code == 308:  # a slash is missing: no need for the host that was asked for
        place = urlsplit(response.headers["Location"])._replace(scheme="", netloc="")
        response.headers["Location"] = urlunsplit(place)
        response.set_data(b"")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
