"""The OpenAPI document, made of the declared routes and nothing else."""

import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

from flowctl.version import VERSION
from flowctl.web.problems import TITLES, Error
from flowctl.web.routes import PREFIX, Anyone, Needs, Route, Text, limits, statuses

_PROBLEM = "application/problem+json"
_PLACE = "#/components/schemas/"
PERMISSION = "x-permission"
"""Of an operation: whom it lets in, in words."""


def document(routes: Iterable[Route], server: str = PREFIX) -> dict[str, Any]:
    """Return the document of these routes."""
    declared = list(routes)
    kinds = list(dict.fromkeys(kind for route in declared for kind in _kinds(route)))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_PLACE + "{name}")
    by_kind = dict(zip(kinds, schemas, strict=True))
    _require_what_is_always_there(declared, components)
    queries = {
        route.query: components.pop(_name(by_kind[route.query]))
        for route in {route.query: route for route in declared}.values()
    }
    paths: dict[str, dict[str, Any]] = {}
    for route in declared:
        operation = _operation(route, by_kind, queries[route.query])
        if links := _links(route, declared):
            operation["responses"][str(route.status)]["links"] = links
        paths.setdefault(route.path, {})[route.method.lower()] = operation
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


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).removeprefix(_PLACE)


def _kinds(route: Route) -> list[Any]:
    found = (route.query, route.body, *_json_answers(route), Error)
    return [kind for kind in found if kind is not None]


def _json_answers(route: Route) -> list[Any]:
    """Return the types of the answer, without that of plain text."""
    if isinstance(route.answer, types.UnionType):
        return [kind for kind in typing.get_args(route.answer) if kind is not Text]
    return [] if route.answer in (None, Text) else [route.answer]


def _is_text(route: Route) -> bool:
    return route.answer is Text or Text in typing.get_args(route.answer)


def _require_what_is_always_there(routes: list[Route], components: dict[str, Any]) -> None:
    """Say of what is only answered that it has all its fields, also those with a default."""
    asked = set(_structs(route.body for route in routes if route.body is not None))
    for kind in set(_structs(kind for route in routes for kind in _json_answers(route))) - asked:
        if not kind.__struct_config__.omit_defaults:
            shape = components[kind.__name__]
            shape["required"] = list(shape["properties"])


def _structs(kinds: Iterable[Any]) -> Iterator[type[msgspec.Struct]]:
    """Yield the struct types that values of these types may hold."""
    seen: set[type[msgspec.Struct]] = set()
    left: list[Any] = list(inspect.multi_type_info(list(kinds)))
    while left:
        one = left.pop()
        if isinstance(one, inspect.StructType):
            if one.cls in seen:
                continue
            seen.add(one.cls)
            yield one.cls
        for part in one.__struct_fields__:
            value = getattr(one, part)
            left += value if isinstance(value, tuple) else [value]
        left = [one for one in left if isinstance(one, inspect.Type | inspect.Field)]


def _operation(route: Route, schemas: dict[Any, Any], query: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary.partition("\n")[0],
        "description": route.summary,
        "parameters": [*_in_path(route), *_in_query(query)],
        "responses": _responses(route, schemas),
        "security": [] if isinstance(route.may, Anyone) else [{"Basic": []}, {"Token": []}],
        PERMISSION: permission(route),
    }
    if route.body is not None:
        content = {"application/json": {"schema": schemas[route.body]}}
        operation["requestBody"] = {"required": _is_required(route.body), "content": content}
    return operation


def _is_required(body: type[msgspec.Struct]) -> bool:
    """Say whether a body must be there: nothing at all means that all its fields are left out."""
    return any(field.required for field in msgspec.structs.fields(body))


CALLED = {"pool_name": "name", "role_name": "name", "variable_key": "key", "token_id": "id",
          "backfill_id": "id"}  # fmt: skip
"""What a part of a path is called in the thing itself, where that is another name."""


def _links(route: Route, routes: list[Route]) -> dict[str, Any]:
    """Say what can be done with what a route makes: its name leads to the routes of one thing."""
    if route.method != "POST":
        return {}
    found = {}
    for other in routes:
        above, _, last = other.path.rpartition("/")
        part = last[1:-1]
        if above == route.path and other.body is None and last == f"{{{part}}}":
            given = {name: f"$request.path.{name}" for name in route.path_types}
            made = {part: f"$response.body#/{CALLED.get(part, part)}"}
            found[other.name] = {"operationId": other.name, "parameters": given | made}
    return found


def permission(route: Route) -> str:
    """Say whom a route lets in."""
    may = route.may
    if not isinstance(may, Needs):
        return "everybody" if isinstance(may, Anyone) else "everybody who is logged in"
    beside = f", and {may.dag} on the DAG" if may.dag is not None else ""
    return f"{may.action} on {may.resource}{beside}"


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name, kind)}
        for name, kind in route.path_types.items()
    ]


def _path_schema(name: str, kind: type) -> dict[str, Any]:
    if kind is not int:
        return {"type": "string", "minLength": 1}
    least, most = limits(name)
    return {"type": "integer", "minimum": least, "maximum": most}


def _in_query(shape: dict[str, Any]) -> list[dict[str, Any]]:
    required = shape.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _of_text(schema)}
        for name, schema in shape["properties"].items()
    ]


def _of_text(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what a query can say: there is no null, something is just left out."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    plain = {name: value for name, value in schema.items() if value is not None}
    return plain | kinds[0] if len(kinds) == 1 and plain.pop("anyOf") else plain


def _responses(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    shown = [schemas[kind] for kind in _json_answers(route)]
    content: dict[str, Any] = {}
    if shown:
        schema = shown[0] if len(shown) == 1 else {"anyOf": shown}
        content["application/json"] = {"schema": schema}
    if _is_text(route):
        content[route.media] = {"schema": {"type": "string"}}
    success = {"description": "Done", **({"content": content} if content else {})}
    problems = {
        str(status): {
            "description": TITLES[status],
            "content": {_PROBLEM: {"schema": schemas[Error]}},
        }
        for status in statuses(route)
    }
    return {str(route.status): success, **problems}
