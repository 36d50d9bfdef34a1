"""The reference of the API as a page: the OpenAPI document, for people to read.

Plain HTML and one style sheet; it works without scripts and asks nobody else for anything.
"""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

from flowctl.web.openapi import PERMISSION

SCHEMA = "#/components/schemas/"
STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #8889; --accent: #2a7; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
nav a { margin-right: 1rem; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0;
  padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { color: var(--accent); display: inline-block; min-width: 4.5rem; }
summary span { color: var(--dim); }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .2rem .6rem .2rem 0; text-align: left;
  vertical-align: top; }
code { overflow-wrap: anywhere; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>flowctl: API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="style.css"></head><body>
<h1>flowctl {version}: the API</h1>
<p>All paths lie below <code>{server}</code>. <a href="../openapi.json">openapi.json</a> says the
same to programs. Log in with a session, a user's name and password, or a token
(<code>Authorization: Bearer ...</code>).</p>
<nav>{contents}</nav>
{chapters}
<h2 id="shapes">Shapes</h2>
{shapes}
</body></html>
"""


def page(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    chapters: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _operation(method.upper(), path, operation)
            chapters.setdefault(operation["tags"][0], []).append(shown)
    named = sorted(chapters.items())
    schemas = document["components"]["schemas"]
    return PAGE.format(
        version=_text(document["info"]["version"]),
        server=_text(document["servers"][0]["url"]),
        contents="".join(f'<a href="#{_text(tag)}">{_text(tag)}</a> ' for tag, _ in named)
        + '<a href="#shapes">Shapes</a>',
        chapters="".join(
            f'<h2 id="{_text(tag)}">{_text(tag)}</h2>{"".join(found)}' for tag, found in named
        ),
        shapes="".join(_shape(name, schema) for name, schema in sorted(schemas.items())),
    )


def _text(value: object) -> str:
    return html.escape(str(value))


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    name = _text(operation["operationId"])
    parts = [
        f'<details id="{name}"><summary><b>{method}</b> <code>{_text(path)}</code>'
        f" <span>{_text(operation['summary'])}</span></summary>",
        f"<p>{_text(operation['description'])}</p>",
        f"<p>Who may: {_text(operation[PERMISSION])}.</p>",
        *_parameters(operation["parameters"]),
        *_body(operation.get("requestBody")),
        *_responses(operation["responses"]),
        "</details>",
    ]
    return "".join(parts)


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a table; the cells are HTML already."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _parameters(listed: list[Mapping[str, Any]]) -> Iterator[str]:
    if listed:
        yield _table(
            ("Parameter", "In", "Value"),
            (
                (f"<code>{_text(one['name'])}</code>", _text(one["in"]), kind(one["schema"]))
                for one in listed
            ),
        )


def _body(body: Mapping[str, Any] | None) -> Iterator[str]:
    if body is not None:
        for media, content in body["content"].items():
            yield f"<p>Body ({_text(media)}): {kind(content['schema'])}</p>"


def _responses(responses: Mapping[str, Any]) -> Iterator[str]:
    yield _table(
        ("Status", "Meaning", "Answer"),
        (
            (
                _text(status),
                _text(one["description"]),
                ", ".join(
                    f"{kind(content['schema'])} <code>{_text(media)}</code>"
                    for media, content in one.get("content", {}).items()
                ),
            )
            for status, one in sorted(responses.items())
        ),
    )


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    fields = schema.get("properties")
    about = f"<p>{_text(schema.get('description', ''))}</p>"
    if fields is None:
        inside = f"<p>{kind(schema)}</p>"
    else:
        inside = _table(
            ("Field", "Value", ""),
            (
                (f"<code>{_text(field)}</code>", kind(one), "" if field in required else "optional")
                for field, one in fields.items()
            ),
        )
    return (
        f'<details id="shape-{_text(name)}"><summary><code>{_text(name)}</code></summary>'
        f"{about}{inside}</details>"
    )


LIMITS = ("minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern", "default")


def kind(schema: Mapping[str, Any]) -> str:
    """Return in HTML what values a schema allows."""
    if "$ref" in schema:
        name = _text(schema["$ref"].removeprefix(SCHEMA))
        return f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in schema:
        found = " or ".join(kind(one) for one in schema["anyOf"])
    elif "enum" in schema:
        found = " | ".join(f"<code>{_text(json.dumps(value))}</code>" for value in schema["enum"])
    elif schema.get("type") == "array":
        items = schema.get("items")
        found = f"list of {kind(items)}" if isinstance(items, Mapping) else "list"
    elif isinstance(schema.get("additionalProperties"), Mapping):
        found = f"object of {kind(schema['additionalProperties'])}"
    else:
        found = _text(schema.get("format") or schema.get("type") or "anything")
    limits = [f"{name} {json.dumps(schema[name])}" for name in LIMITS if name in schema]
    return found + (f" ({_text(', '.join(limits))})" if limits else "")
