"""The form for triggering a DAG, made of its params."""

from typing import Any, Literal

import msgspec

from flowctl.core.spec import DagSpec, in_order
from flowctl.store.queries import dags as dag_queries
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.problems import NotFound
from flowctl.web.routes import NoQuery, on_dag, route

Kind = Literal[
    "text", "lines", "number", "integer", "flag", "date", "moment", "time", "choice", "choices",
    "list", "object", "any",
]  # fmt: skip
OF_FORMAT: dict[str, Kind] = {
    "date": "date",
    "date-time": "moment",
    "time": "time",
    "multiline": "lines",
}
OF_TYPE: dict[str, Kind] = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "flag",
    "array": "list",
    "object": "object",
}


TYPES = {
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "str": "string",
    "list": "array",
    "dict": "object",
}


class FormField(msgspec.Struct):
    """One field; `schema` is the JSON schema that its value must meet."""

    name: str
    kind: Kind
    title: str
    description: str | None  # text, which may be markdown
    section: str | None
    value: Any
    may_be_empty: bool
    choices: list[Any] | None  # of `choice` and `choices`
    schema: dict[str, Any]


class TriggerForm(msgspec.Struct):
    dag_id: str
    fields: list[FormField]


@route("GET", "/dags/{dag_id}/form", may=on_dag(READ, "DAGs"), tag="View")
def get_trigger_form(call: Call[NoQuery, None], dag_id: str) -> TriggerForm:
    """Return the fields of the form for triggering a DAG, in the order of its params."""
    with call.reading() as conn:
        spec = dag_queries.spec(conn, dag_id)
    if spec is None:
        raise NotFound(f"there is no DAG {dag_id!r}")
    return TriggerForm(dag_id, fields_of(spec))


def fields_of(spec: DagSpec) -> list[FormField]:
    """Return a field for each param of a DAG, except for those that are constants."""
    return [
        _field(name, param)
        for name, param in in_order(spec.params).items()
        if "const" not in (param.get("schema") or {})
    ]


def _field(name: str, param: dict[str, Any]) -> FormField:
    schema: dict[str, Any] = param.get("schema") or {}
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else list(types)
    return FormField(
        name=name,
        kind=_kind(schema, types, param.get("value")),
        title=str(schema.get("title") or name),
        description=schema.get("description_md") or param.get("description"),
        section=schema.get("section"),
        value=param.get("value"),
        may_be_empty="null" in types or not types,
        choices=schema.get("enum") or schema.get("examples"),
        schema=schema,
    )


def _kind(schema: dict[str, Any], types: list[str], value: Any) -> Kind:
    several = "array" in types
    if schema.get("enum") or schema.get("examples"):
        return "choices" if several else "choice"
    if not types:
        types = [_type_of(value)]
    known = [one for one in types if one != "null"]
    if known == ["string"]:
        return OF_FORMAT.get(str(schema.get("format")), "text")
    return OF_TYPE.get(known[0], "any") if len(known) == 1 else "any"


def _type_of(value: Any) -> str:
    """Return the JSON type of a param that declares none."""
    return TYPES.get(type(value).__name__, "")
