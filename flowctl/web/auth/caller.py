"""Who asks, and what his roles allow."""

from dataclasses import dataclass

from flowctl.store import roles
from flowctl.store.access import PREFIXES
from flowctl.store.accounts import Account


@dataclass(frozen=True)
class Caller:
    """Who asks. `account` is None for somebody unknown, who may do nothing."""

    account: Account | None = None
    permissions: frozenset[roles.Permission] = frozenset()
    session: str | None = None  # what the cookie holds, where that let the caller in
    is_program: bool = False  # a token let the caller in
    digest: str | None = None  # as what that session or token is kept

    @property
    def name(self) -> str:
        """Return the name for the audit trail."""
        return self.account.username if self.account else "anonymous"

    def may(self, action: str, resource: str) -> bool:
        """Say whether a role of the caller allows the action."""
        return (action, resource) in self.permissions

    def may_of_dag(self, action: str, resource: str, dag_id: str) -> bool:
        """Say whether the caller may do this with what belongs to a DAG."""
        prefix = PREFIXES.get(resource)
        return self.may(action, resource) or (
            prefix is not None and self.may(action, prefix + dag_id)
        )

    def may_dag(self, action: str, dag_id: str) -> bool:
        """Say whether the caller may do this with a DAG: with all, or with this one."""
        return self.may_of_dag(action, roles.DAGS, dag_id)

    def dags(self, action: str = roles.READ) -> frozenset[str] | None:
        """Return the DAGs with which the caller may do this; None: all."""
        if self.may(action, roles.DAGS):
            return None
        prefix = roles.OF_ONE_DAG
        return frozenset(
            where.removeprefix(prefix)
            for does, where in self.permissions
            if does == action and where.startswith(prefix)
        )
