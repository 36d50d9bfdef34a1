"""What DAGs themselves allow: their `access_control`, by the names of roles.

A role need not exist when a DAG names it; once it does, it has what the DAG gives it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from flowctl.core.spec import DagSpec
from flowctl.store.roles import DAGS, OF_ONE_DAG, Permission
from flowctl.store.schema import account_role, dag_access, role

PREFIXES = {DAGS: OF_ONE_DAG, "DAG Runs": "DAG Run:"}
"""How a permission on what belongs to one DAG alone begins; after it comes the dag id."""


def register(conn: Connection, specs: Sequence[DagSpec]) -> None:
    """Take over what these DAGs allow, in place of what they allowed before."""
    conn.execute(delete(dag_access).where(dag_access.c.dag_id.in_([s.dag_id for s in specs])))
    rows = [row for spec in specs for row in _rows(spec)]
    if rows:
        conn.execute(insert(dag_access), rows)


def _rows(spec: DagSpec) -> Iterable[dict[str, str]]:
    for name, given in (spec.access_control or {}).items():
        by_resource: Mapping[str, Any] = given if isinstance(given, dict) else {DAGS: given}
        for resource, actions in by_resource.items():
            for action in sorted({actions} if isinstance(actions, str) else set(actions)):
                yield {
                    "dag_id": spec.dag_id, "role": name, "action": action, "resource": resource,
                }  # fmt: skip


def permissions(conn: Connection, pks: Collection[int]) -> Iterator[tuple[int, Permission]]:
    """Yield what DAGs give to the roles of accounts, each with the key of the account."""
    rows = conn.execute(
        select(account_role.c.account_id, dag_access)
        .join(role, role.c.id == account_role.c.role_id)
        .join(dag_access, dag_access.c.role == role.c.name)
        .where(account_role.c.account_id.in_(pks))
    )
    for row in rows:
        if row.resource in PREFIXES:
            yield row.account_id, (row.action, PREFIXES[row.resource] + row.dag_id)
