"""The OpenAPI document, made of the declared routes and nothing else."""

import types
import typing
from collections.abc import Iterable
from typing import Any

import msgspec

from flowctl.version import VERSION
from flowctl.web.problems import TITLES, Error
from flowctl.web.routes import PREFIX, Anyone, NoQuery, Route, Text, statuses

_PROBLEM = "application/problem+json"
_PLACE = "#/components/schemas/{name}"


def document(routes: Iterable[Route], server: str = PREFIX) -> dict[str, Any]:
    """Return the document of these routes."""
    declared = list(routes)
    kinds = list(dict.fromkeys(kind for route in declared for kind in _kinds(route)))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_PLACE)
    by_kind = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in declared:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "flowctl", "version": VERSION},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "Basic": {"type": "http", "scheme": "basic"},
                "Token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _kinds(route: Route) -> list[Any]:
    return [kind for kind in (route.body, *_json_answers(route), Error) if kind is not None]


def _json_answers(route: Route) -> list[Any]:
    """Return the type of the answer, without that of plain text."""
    if isinstance(route.answer, types.UnionType):
        return [kind for kind in typing.get_args(route.answer) if kind is not Text]
    return [] if route.answer in (None, Text) else [route.answer]


def _is_text(route: Route) -> bool:
    return route.answer is Text or Text in typing.get_args(route.answer)


def _operation(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary.partition("\n")[0],
        "description": route.summary,
        "parameters": [*_in_path(route), *_in_query(route)],
        "responses": _responses(route, schemas),
        "security": [] if isinstance(route.may, Anyone) else [{"Basic": []}, {"Token": []}],
    }
    if route.body is not None:
        content = {"application/json": {"schema": schemas[route.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": msgspec.json.schema(kind)}
        for name, kind in route.path_types.items()
    ]


def _in_query(route: Route) -> list[dict[str, Any]]:
    if route.query is NoQuery:
        return []
    _, components = msgspec.json.schema_components([route.query], ref_template=_PLACE)
    shape = components[route.query.__name__]
    required = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]


def _responses(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    shown = [schemas[kind] for kind in _json_answers(route)]
    content: dict[str, Any] = {}
    if shown:
        schema = shown[0] if len(shown) == 1 else {"anyOf": shown}
        content["application/json"] = {"schema": schema}
    if _is_text(route):
        content["text/plain"] = {"schema": {"type": "string"}}
    success = {"description": "Done", **({"content": content} if content else {})}
    problems = {
        str(status): {
            "description": TITLES[status],
            "content": {_PROBLEM: {"schema": schemas[Error]}},
        }
        for status in statuses(route)
    }
    return {str(route.status): success, **problems}
