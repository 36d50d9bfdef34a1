"""Who asks, and what his roles allow."""

from dataclasses import dataclass

from flowctl.store import roles
from flowctl.store.accounts import Account


@dataclass(frozen=True)
class Caller:
    """Who asks. `account` is None for somebody unknown, who may do nothing."""

    account: Account | None = None
    permissions: frozenset[roles.Permission] = frozenset()
    session: str | None = None  # what the cookie holds, where that let the caller in

    @property
    def name(self) -> str:
        """Return the name for the audit trail."""
        return self.account.username if self.account else "anonymous"

    def may(self, action: str, resource: str) -> bool:
        """Say whether a role of the caller allows the action."""
        return (action, resource) in self.permissions

    def may_dag(self, action: str, dag_id: str) -> bool:
        """Say whether the caller may do this with a DAG: with all, or with this one."""
        return self.may(action, roles.DAGS) or self.may(action, roles.OF_ONE_DAG + dag_id)

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
