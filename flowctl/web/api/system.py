"""Health, version, the configuration, and the document that describes this API."""

from functools import cache
from typing import Any

import msgspec

from flowctl.config.listing import current
from flowctl.config.options import SECTIONS, in_section, named
from flowctl.store.roles import READ
from flowctl.web import health, openapi, reference
from flowctl.web.call import Call
from flowctl.web.problems import Forbidden, NotAcceptable, NotFound
from flowctl.web.routes import ROUTES, Anyone, Members, Needs, NoQuery, Text, route

CONFIGURATION = Needs(READ, "Configurations")


@route("GET", "/health", may=Anyone(), tag="Monitoring")
def get_health(call: Call[NoQuery, None]) -> health.Health:
    """Return whether each part of flowctl is alive."""
    return health.of(call.site, call.now)


class VersionInfo(msgspec.Struct):
    version: str
    git_version: str | None = None


@route("GET", "/version", may=Members(), tag="Monitoring")
def get_version(call: Call[NoQuery, None]) -> VersionInfo:
    """Return the version of Airflow whose API this is."""
    return VersionInfo(call.site.conf.text("compat", "airflow_version"))


@route("GET", "/openapi.json", may=Members(), tag="Documentation")
def get_openapi(call: Call[NoQuery, None]) -> dict[str, msgspec.Raw]:  # noqa: ARG001 - the same
    """Return the OpenAPI document of this API."""
    return _document()


@cache
def _document() -> dict[str, msgspec.Raw]:
    found = openapi.document(ROUTES)
    return {name: msgspec.Raw(msgspec.json.encode(part)) for name, part in found.items()}


@route("GET", "/ui/", may=Members(), tag="Documentation", media="text/html")
def get_reference(call: Call[NoQuery, None]) -> Text:  # noqa: ARG001 - all take it
    """Return the reference of this API as a page to read."""
    return Text(_page(), "text/html; charset=utf-8")


@cache
def _page() -> str:
    return reference.page(openapi.document(ROUTES))


@route("GET", "/ui/style.css", may=Anyone(), tag="Documentation", media="text/css")
def get_reference_style(call: Call[NoQuery, None]) -> Text:  # noqa: ARG001 - all take it
    """Return the style sheet of the reference."""
    return Text(reference.STYLE, "text/css; charset=utf-8")


class ConfigOption(msgspec.Struct):
    key: str
    value: str


class ConfigSection(msgspec.Struct):
    name: str
    options: list[ConfigOption]


class ConfigSections(msgspec.Struct):
    sections: list[ConfigSection]


class ConfigQuery(msgspec.Struct):
    section: str | None = None


@route("GET", "/config", may=CONFIGURATION, tag="Config", errors=(404, 406))
def get_config(call: Call[ConfigQuery, None]) -> ConfigSections | Text:
    """Return the configuration, secrets masked; [webserver] expose_config must allow it."""
    wanted = call.query.section
    if wanted is not None and wanted not in SECTIONS:
        raise NotFound(f"the configuration has no section {wanted!r}")
    names = list(SECTIONS) if wanted is None else [wanted]
    return _shown(call, [ConfigSection(name, _options(call, name)) for name in names])


@route("GET", "/config/section/{section}/option/{option}", may=CONFIGURATION, tag="Config",
       errors=(406,))  # fmt: skip
def get_value(call: Call[NoQuery, None], section: str, option: str) -> ConfigSections | Text:
    """Return one option of the configuration, masked where it is secret."""
    if named(section, option) is None:
        raise NotFound(f"the configuration has no option [{section}] {option}")
    found = [one for one in _options(call, section) if one.key == option]
    return _shown(call, [ConfigSection(section, found)])


def _options(call: Call[Any, None], section: str) -> list[ConfigOption]:
    rows = in_section(section)
    return [ConfigOption(row.key, current(call.site.conf, row) or "") for row in rows]


def _shown(call: Call[Any, None], sections: list[ConfigSection]) -> ConfigSections | Text:
    if call.site.conf.text("webserver", "expose_config").lower() == "false":
        raise Forbidden("[webserver] expose_config is False: the configuration is not shown")
    if wants_json(call):
        return ConfigSections(sections)
    lines = [
        line
        for section in sections
        for line in (f"[{section.name}]", *(f"{one.key} = {one.value}" for one in section.options))
    ]
    return Text("\n".join(lines) + "\n")


def wants_json(call: Call[Any, Any]) -> bool:
    """Say whether the answer is to be JSON, or plain text.

    Raises:
        NotAcceptable: it is to be neither.
    """
    accepts = call.accepts or "*/*"
    if "application/json" in accepts or "*/*" in accepts:
        return True
    if "text/plain" in accepts or "text/*" in accepts:
        return False
    raise NotAcceptable("this is application/json or text/plain")
