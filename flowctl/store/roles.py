"""The roles, and what each allows: actions on resources, by their names in Airflow.

A permission on the resource `DAGs` is one on every DAG; `DAG:<dag id>` is one on that DAG alone.

Source: the names and the five roles are those of Airflow 2.10's FAB auth manager.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, insert, select

from flowctl.errors import FlowctlError
from flowctl.store.schema import account, account_role, role, role_permission

Permission = tuple[str, str]
"""Action and resource."""

READ, EDIT, CREATE, DELETE, MENU = "can_read", "can_edit", "can_create", "can_delete", "menu_access"
ACTIONS = (READ, EDIT, CREATE, DELETE, MENU)

ADMIN, OP, USER, VIEWER, PUBLIC = "Admin", "Op", "User", "Viewer", "Public"
BUILT_IN = (ADMIN, OP, USER, VIEWER, PUBLIC)

DAGS = "DAGs"
OF_ONE_DAG = "DAG:"  # and the dag id

_ALL = (READ, EDIT, CREATE, DELETE)

_VIEWER: dict[str, tuple[str, ...]] = {
    DAGS: (READ, MENU),
    "DAG Dependencies": (READ, MENU),
    "DAG Code": (READ,),
    "DAG Runs": (READ, MENU),
    "Datasets": (READ, MENU),
    "Cluster Activity": (READ, MENU),
    "Pools": (READ,),
    "ImportError": (READ,),
    "DAG Warnings": (READ,),
    "Jobs": (READ, MENU),
    "My Password": (READ, EDIT),
    "My Profile": (READ, EDIT),
    "SLA Misses": (READ, MENU),
    "Task Instances": (READ, MENU),
    "Task Logs": (READ,),
    "XComs": (READ,),
    "Website": (READ,),
    "Browse": (MENU,),
    "Documentation": (MENU,),
    "Docs": (MENU,),
}
_USER: dict[str, tuple[str, ...]] = {
    DAGS: (EDIT, DELETE),
    "Task Instances": (CREATE, EDIT, DELETE),
    "DAG Runs": (CREATE, EDIT, DELETE),
    "Datasets": (CREATE,),
}
_OP: dict[str, tuple[str, ...]] = {
    "Configurations": (READ, MENU),
    "Admin": (MENU,),
    "Connections": (*_ALL, MENU),
    "Pools": (CREATE, EDIT, DELETE, MENU),
    "Jobs": (EDIT,),
    "Plugins": (READ, MENU),
    "Variables": (*_ALL, MENU),
    "Providers": (READ, MENU),
    "XComs": (DELETE, MENU),
    "Datasets": (CREATE, DELETE),
}
_ADMIN: dict[str, tuple[str, ...]] = {
    "Audit Logs": (READ, MENU),
    "Task Reschedules": (READ, MENU),
    "Triggers": (READ, MENU),
    "Passwords": (READ, EDIT),
    "Roles": (*_ALL, MENU),
    "Users": (*_ALL, MENU),
    "Permissions": (READ,),
}


def _listed(*tables: dict[str, tuple[str, ...]]) -> frozenset[Permission]:
    return frozenset(
        (action, name) for table in tables for name, actions in table.items() for action in actions
    )


DEFAULTS: dict[str, frozenset[Permission]] = {
    PUBLIC: frozenset(),
    VIEWER: _listed(_VIEWER),
    USER: _listed(_VIEWER, _USER),
    OP: _listed(_VIEWER, _USER, _OP),
    ADMIN: _listed(_VIEWER, _USER, _OP, _ADMIN),
}
"""What the built-in roles allow in a new metastore; an administrator may change all but Admin."""

RESOURCES = frozenset(resource for _, resource in DEFAULTS[ADMIN])


class RoleError(FlowctlError):
    """A role cannot be made, changed or deleted as asked."""


def ensure(conn: Connection) -> None:
    """Make the built-in roles that are missing, with what they allow."""
    there = set(conn.scalars(select(role.c.name)))
    for name in BUILT_IN:
        if name not in there:
            put(conn, name, DEFAULTS[name])


def listed(conn: Connection) -> dict[str, list[Permission]]:
    """Return every role with what it allows, all sorted."""
    found: dict[str, list[Permission]] = {
        name: [] for name in conn.scalars(select(role.c.name).order_by(role.c.name))
    }
    rows = conn.execute(
        select(role.c.name, role_permission.c.action, role_permission.c.resource)
        .join(role, role.c.id == role_permission.c.role_id)
        .order_by(role_permission.c.resource, role_permission.c.action)
    )
    for name, action, resource in rows:
        found[name].append((action, resource))
    return found


def put(conn: Connection, name: str, permissions: Iterable[Permission]) -> None:
    """Make a role, or have it allow exactly these.

    Raises:
        RoleError: the name or a permission is none, or it would take away from Admin.
    """
    wanted = sorted(set(permissions))
    _check(name, wanted)
    pk = conn.execute(select(role.c.id).where(role.c.name == name)).scalar()
    if pk is None:
        pk = conn.execute(insert(role).values(name=name).returning(role.c.id)).scalar_one()
    conn.execute(delete(role_permission).where(role_permission.c.role_id == pk))
    rows = [{"role_id": pk, "action": action, "resource": where} for action, where in wanted]
    if rows:
        conn.execute(insert(role_permission), rows)


def _check(name: str, wanted: Sequence[Permission]) -> None:
    if not (0 < len(name) <= 64 and name.isprintable()):
        raise RoleError(f"role name {name!r}: 1 to 64 characters, and no line break")
    for action, resource in wanted:
        if action not in ACTIONS:
            raise RoleError(f"action {action!r}: must be one of {', '.join(ACTIONS)}")
        if resource not in RESOURCES and not resource.startswith(OF_ONE_DAG):
            raise RoleError(
                f"resource {resource!r}: there is none of that name; for one DAG write"
                f" {OF_ONE_DAG}<dag id>"
            )
    if name == ADMIN and not DEFAULTS[ADMIN] <= set(wanted):
        raise RoleError("the role Admin allows everything; nothing can be taken from it")


def rename(conn: Connection, name: str, new: str) -> None:
    """Give a role another name.

    Raises:
        RoleError: it is built in, or the new name is taken or none.
    """
    if name == new:
        return
    if name in BUILT_IN:
        raise RoleError(f"the role {name} is built in; it keeps its name")
    _check(new, ())
    if conn.execute(select(role.c.id).where(role.c.name == new)).scalar() is not None:
        raise RoleError(f"there is a role {new!r} already")
    conn.execute(role.update().where(role.c.name == name).values(name=new))


def remove(conn: Connection, name: str) -> bool:
    """Delete one role; say whether there was one.

    Raises:
        RoleError: it is built in, or somebody has it.
    """
    if name in BUILT_IN:
        raise RoleError(f"the role {name} is built in; it cannot be deleted")
    holders = conn.scalars(
        select(account.c.username)
        .join(account_role, account_role.c.account_id == account.c.id)
        .join(role, role.c.id == account_role.c.role_id)
        .where(role.c.name == name)
        .order_by(account.c.username)
    ).all()
    if holders:
        raise RoleError(f"the role {name!r} cannot be deleted: {', '.join(holders)} have it")
    return bool(conn.execute(delete(role).where(role.c.name == name)).rowcount)
