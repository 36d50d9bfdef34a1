"""Variables. Lists have no values, and a value whose key says that it is secret is masked."""

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from flowctl.authoring.masking import redact
from flowctl.store import trail, variables
from flowctl.store.roles import CREATE, DELETE, EDIT, READ
from flowctl.web.call import Call
from flowctl.web.paging import SearchedPage, field_of, masked, order_of, page
from flowctl.web.problems import BadRequest, NotFound
from flowctl.web.routes import Needs, NoQuery, route

RESOURCE = "Variables"
KEY = Annotated[str, msgspec.Meta(min_length=1, max_length=250)]


class VariableItem(msgspec.Struct):
    key: str
    description: str | None


class VariableCollection(msgspec.Struct):
    variables: list[VariableItem]
    total_entries: int


class Variable(VariableItem):
    value: str


class VariableChanges(msgspec.Struct, kw_only=True):
    """What may be said of a variable; what is left out stays as it is."""

    key: KEY | UnsetType = UNSET
    value: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class NewVariable(VariableChanges, kw_only=True):
    key: KEY
    value: str


class VariableMask(msgspec.Struct):
    update_mask: list[Annotated[str, field_of(VariableChanges.__struct_fields__)]] | None = None


class VariablesQuery(SearchedPage, kw_only=True):
    order_by: Annotated[str, order_of(variables.ORDERS)] | None = None


@route("GET", "/variables", may=Needs(READ, RESOURCE), tag="Variable")
def get_variables(call: Call[VariablesQuery, None]) -> VariableCollection:
    """List variables, without their values."""
    with call.reading() as conn:
        found = variables.listed(conn, page(call.site, call.query), call.query.search or "")
    items = [VariableItem(row.key, row.description) for row in found.rows]
    return VariableCollection(items, found.total)


@route("POST", "/variables", may=Needs(CREATE, RESOURCE), tag="Variable")
def post_variables(call: Call[NoQuery, NewVariable]) -> Variable:
    """Store a variable, in place of an older one of that key."""
    body = call.body
    wanted = variables.Variable(body.key, body.value, body.description or None)
    with (
        call.writing() as conn,
        call.changing(conn, "variable.set", trail.VARIABLE, wanted.key),
    ):
        variables.put(conn, call.site.cipher, wanted)
    return _shown(wanted)


@route("GET", "/variables/{variable_key}", may=Needs(READ, RESOURCE), tag="Variable")
def get_variable(call: Call[NoQuery, None], variable_key: str) -> Variable:
    """Return a variable."""
    with call.reading() as conn:
        found = variables.get(conn, call.site.cipher, variable_key)
    if found is None:
        raise NotFound(f"there is no variable {variable_key!r}")
    return _shown(found)


@route("PATCH", "/variables/{variable_key}", may=Needs(EDIT, RESOURCE), tag="Variable",
       errors=(400,))  # fmt: skip
def patch_variable(call: Call[VariableMask, VariableChanges], variable_key: str) -> Variable:
    """Change the value or the description of a variable."""
    if call.body.key not in (UNSET, variable_key):
        raise BadRequest("the key in the body is not that in the path; a variable keeps its key")
    changes = masked(call.body, call.query.update_mask)
    with call.writing() as conn:
        before = variables.get(conn, call.site.cipher, variable_key)
        if before is None:
            raise NotFound(f"there is no variable {variable_key!r}")
        after = replace(before, **changes)
        with call.changing(conn, "variable.set", trail.VARIABLE, variable_key):
            variables.put(conn, call.site.cipher, after)
    return _shown(after)


@route("DELETE", "/variables/{variable_key}", may=Needs(DELETE, RESOURCE), tag="Variable")
def delete_variable(call: Call[NoQuery, None], variable_key: str) -> None:
    """Delete a variable."""
    with (
        call.writing() as conn,
        call.changing(conn, "variable.delete", trail.VARIABLE, variable_key),
    ):
        if not variables.remove(conn, variable_key):
            raise NotFound(f"there is no variable {variable_key!r}")


def _shown(one: variables.Variable) -> Variable:
    return Variable(one.key, one.description, str(redact(one.value, one.key)))
