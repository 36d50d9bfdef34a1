"""Users, roles and permissions: the part of the API that only administrators see."""

from dataclasses import replace
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from flowctl.store import accounts, passwords, roles, trail
from flowctl.store.roles import CREATE, DELETE, EDIT, READ
from flowctl.web.call import Call
from flowctl.web.paging import Page, cut, field_of, in_order, masked, order_of
from flowctl.web.problems import BadRequest, Conflict, NotFound
from flowctl.web.reading import shown
from flowctl.web.routes import Needs, NoQuery, route

USERS, ROLES = "Users", "Roles"
ROLE = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]

USERNAME = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
EMAIL = Annotated[str, msgspec.Meta(max_length=321)]
PASSWORD = Annotated[str, msgspec.Meta(min_length=1, max_length=passwords.LENGTH_MAX)]


class RoleName(msgspec.Struct):
    name: str


class User(msgspec.Struct):
    first_name: str
    last_name: str
    username: str
    email: str
    active: bool
    last_login: str | None
    login_count: int
    fail_login_count: int
    roles: list[RoleName]
    created_on: str | None
    changed_on: str | None


class UserCollection(msgspec.Struct):
    users: list[User]
    total_entries: int


class UserChanges(msgspec.Struct, kw_only=True):
    """What may be said of a user; what is left out stays as it is."""

    username: USERNAME | UnsetType = UNSET
    first_name: Annotated[str, msgspec.Meta(max_length=256)] | UnsetType = UNSET
    last_name: Annotated[str, msgspec.Meta(max_length=256)] | UnsetType = UNSET
    email: EMAIL | UnsetType = UNSET
    password: PASSWORD | UnsetType = UNSET
    roles: Annotated[list[RoleName], msgspec.Meta(max_length=1000)] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class NewUser(UserChanges, kw_only=True):
    username: USERNAME
    email: EMAIL
    password: PASSWORD


class UserMask(msgspec.Struct):
    update_mask: list[Annotated[str, field_of(UserChanges.__struct_fields__)]] | None = None


ORDERS = {
    name: name for name in ("id", "username", "first_name", "last_name", "email", "is_active")
} | {"active": "is_active"}


class UsersQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(ORDERS)] = "id"


@route("GET", "/users", may=Needs(READ, USERS), tag="User")
def get_users(call: Call[UsersQuery, None]) -> UserCollection:
    """List users."""
    with call.reading() as conn:
        found = in_order(accounts.found(conn), call.query.order_by, ORDERS)
    listed = [_user(one) for one in cut(call.site, call.query, found)]
    return UserCollection(listed, len(found))


@route("POST", "/users", may=Needs(CREATE, USERS), tag="User", errors=(400, 409))
def post_user(call: Call[NoQuery, NewUser]) -> User:
    """Make a user."""
    wanted = replace(accounts.Account("", "", "", ""), **_fields(masked(call.body, None)))
    with call.writing() as conn:
        if accounts.one(conn, wanted.username) is not None:
            raise Conflict(f"there is a user {wanted.username!r} already")
        with call.changing(conn, "user.create", trail.USER, wanted.username):
            accounts.create(conn, wanted, call.now)
        return _one(conn, wanted.username)


@route("GET", "/users/{username}", may=Needs(READ, USERS), tag="User")
def get_user(call: Call[NoQuery, None], username: str) -> User:
    """Return a user."""
    with call.reading() as conn:
        return _one(conn, username)


@route("PATCH", "/users/{username}", may=Needs(EDIT, USERS), tag="User", errors=(400, 409))
def patch_user(call: Call[UserMask, UserChanges], username: str) -> User:
    """Change a user; with another password or fewer roles, or not active, he is logged out."""
    if username == call.caller.name and call.body.active is False:
        raise BadRequest("you cannot deactivate yourself; ask another administrator")
    changes = _fields(masked(call.body, call.query.update_mask))
    with call.writing() as conn:
        before = accounts.one(conn, username)
        if before is None:
            raise NotFound(f"there is no user {username!r}")
        after = replace(before, **changes)
        if after.username != username and accounts.one(conn, after.username) is not None:
            raise Conflict(f"there is a user {after.username!r} already")
        with call.changing(conn, "user.edit", trail.USER, username) as change:
            accounts.change(conn, before, after, call.now)
            change.name = after.username
        return _one(conn, after.username)


@route("DELETE", "/users/{username}", may=Needs(DELETE, USERS), tag="User", errors=(400,))
def delete_user(call: Call[NoQuery, None], username: str) -> None:
    """Delete a user."""
    if username == call.caller.name:
        raise BadRequest("you cannot delete yourself; ask another administrator")
    with call.writing() as conn, call.changing(conn, "user.delete", trail.USER, username):
        if not accounts.remove(conn, username):
            raise NotFound(f"there is no user {username!r}")


@route("DELETE", "/users/{username}/sessions", may=Needs(EDIT, USERS), tag="User")
def delete_sessions(call: Call[NoQuery, None], username: str) -> None:
    """Log a user out everywhere: all his sessions and tokens end."""
    with call.writing() as conn:
        found = accounts.one(conn, username)
        if found is None:
            raise NotFound(f"there is no user {username!r}")
        before = accounts.log_out(conn, found.id)
        after = dict.fromkeys(before, 0)
        detail = {"username": username, "before": before, "after": after}
        call.audit(conn, "user.logout", detail=detail)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a body as the store has them: the password hashed, roles by name."""
    fields = dict(given)
    if "password" in fields:
        fields["password"] = passwords.hashed(fields["password"])
    if "active" in fields:
        fields["is_active"] = fields.pop("active")
    if "roles" in fields:
        fields["roles"] = tuple(sorted({one.name for one in fields["roles"]}))
    return fields


def _one(conn: Any, username: str) -> User:
    found = accounts.one(conn, username)
    if found is None:
        raise NotFound(f"there is no user {username!r}")
    return _user(found)


def _user(one: accounts.Account) -> User:
    return User(
        first_name=one.first_name,
        last_name=one.last_name,
        username=one.username,
        email=one.email,
        active=one.is_active,
        last_login=shown(one.last_login_at),
        login_count=one.login_count,
        fail_login_count=one.failed_login_count,
        roles=[RoleName(name) for name in one.roles],
        created_on=shown(one.created_at),
        changed_on=shown(one.changed_at),
    )


# ------------------------------------------------------------------------------------- roles


class Action(msgspec.Struct):
    name: Annotated[str, field_of(roles.ACTIONS)]


class Resource(msgspec.Struct):
    name: Annotated[str, field_of((*sorted(roles.RESOURCES), f"{roles.OF_ONE_DAG}.+"))]


class ActionResource(msgspec.Struct):
    action: Action
    resource: Resource


class Role(msgspec.Struct):
    name: str
    actions: list[ActionResource]


class RoleCollection(msgspec.Struct):
    roles: list[Role]
    total_entries: int


class RoleChanges(msgspec.Struct, kw_only=True):
    """What may be said of a role; what is left out stays as it is."""

    name: ROLE | UnsetType = UNSET
    actions: list[ActionResource] | UnsetType = UNSET


class NewRole(RoleChanges, kw_only=True):
    name: ROLE


class RoleMask(msgspec.Struct):
    update_mask: list[Annotated[str, field_of(RoleChanges.__struct_fields__)]] | None = None


class RolesQuery(Page, kw_only=True):
    order_by: Annotated[str, order_of(("name", "id"))] = "name"


class ActionCollection(msgspec.Struct):
    actions: list[Action]
    total_entries: int


@route("GET", "/roles", may=Needs(READ, ROLES), tag="Role")
def get_roles(call: Call[RolesQuery, None]) -> RoleCollection:
    """List roles, each with what it allows."""
    with call.reading() as conn:
        found = list(roles.listed(conn).items())
    found.sort(reverse=call.query.order_by.startswith("-"))
    listed = [_role(name, may) for name, may in cut(call.site, call.query, found)]
    return RoleCollection(listed, len(found))


@route("POST", "/roles", may=Needs(CREATE, ROLES), tag="Role", errors=(400, 409))
def post_role(call: Call[NoQuery, NewRole]) -> Role:
    """Make a role."""
    body = call.body
    wanted = _permissions(body.actions)
    with call.writing() as conn:
        if body.name in roles.listed(conn):
            raise Conflict(f"there is a role {body.name!r} already")
        with call.changing(conn, "role.create", trail.ROLE, body.name):
            roles.put(conn, body.name, wanted)
    return _role(body.name, wanted)


@route("GET", "/roles/{role_name}", may=Needs(READ, ROLES), tag="Role")
def get_role(call: Call[NoQuery, None], role_name: str) -> Role:
    """Return a role."""
    with call.reading() as conn:
        found = roles.listed(conn)
    if role_name not in found:
        raise NotFound(f"there is no role {role_name!r}")
    return _role(role_name, found[role_name])


@route("PATCH", "/roles/{role_name}", may=Needs(EDIT, ROLES), tag="Role", errors=(400, 409))
def patch_role(call: Call[RoleMask, RoleChanges], role_name: str) -> Role:
    """Change a role: its name, or what it allows."""
    changes = masked(call.body, call.query.update_mask)
    with call.writing() as conn:
        before = roles.listed(conn).get(role_name)
        if before is None:
            raise NotFound(f"there is no role {role_name!r}")
        name = changes.get("name", role_name)
        after = _permissions(changes["actions"]) if "actions" in changes else before
        with call.changing(conn, "role.edit", trail.ROLE, role_name) as change:
            roles.rename(conn, role_name, name)
            change.name = name
            roles.put(conn, name, after)
    return _role(name, after)


@route("DELETE", "/roles/{role_name}", may=Needs(DELETE, ROLES), tag="Role", errors=(400,))
def delete_role(call: Call[NoQuery, None], role_name: str) -> None:
    """Delete a role that nobody has."""
    with call.writing() as conn, call.changing(conn, "role.delete", trail.ROLE, role_name):
        if not roles.remove(conn, role_name):
            raise NotFound(f"there is no role {role_name!r}")


@route("GET", "/permissions", may=Needs(READ, "Permissions"), tag="Permission")
def get_permissions(call: Call[Page, None]) -> ActionCollection:
    """List the actions that roles allow."""
    listed = [Action(name) for name in cut(call.site, call.query, list(roles.ACTIONS))]
    return ActionCollection(listed, len(roles.ACTIONS))


def _permissions(actions: list[ActionResource] | UnsetType) -> list[roles.Permission]:
    if actions is UNSET:
        return []
    return sorted({(one.action.name, one.resource.name) for one in actions})


def _role(name: str, may: list[roles.Permission]) -> Role:
    listed = [ActionResource(Action(action), Resource(where)) for action, where in may]
    return Role(name, listed)
