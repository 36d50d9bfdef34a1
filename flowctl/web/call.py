"""One request, as its handler sees it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from flowctl.store import events, roles, trail
from flowctl.web.auth.caller import Caller
from flowctl.web.auth.login import Login
from flowctl.web.live import Hub
from flowctl.web.problems import Forbidden, NotFound
from flowctl.web.site import Site

Query = TypeVar("Query")
Body = TypeVar("Body")


@dataclass(frozen=True)
class Call(Generic[Query, Body]):
    """What a handler is given."""

    site: Site
    login: Login
    hub: Hub
    caller: Caller
    now: datetime
    query: Query
    body: Body
    address: str = ""
    base_path: str = "/"
    is_secure: bool = False
    accepts: str = ""  # the header Accept
    headers: dict[str, str] = field(default_factory=dict)  # of the answer; a handler may add some
    cookies: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a unit of work that only looks."""
        with self.site.reading() as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a unit of work that may change something; the scheduler is told afterwards."""
        with self.site.writing() as conn:
            yield conn

    def must_dag(self, action: str, dag_id: str) -> None:
        """Let only those through who may do this with the DAG.

        Raises:
            NotFound: the caller may not even see it.
            Forbidden: the caller may see it, but not this.
        """
        if not self.caller.may_dag(roles.READ, dag_id):
            raise NotFound(f"there is no DAG {dag_id!r}")
        if not self.caller.may_dag(action, dag_id):
            raise Forbidden(f"{self.caller.name} may not do this with DAG {dag_id!r}")

    def audit(
        self,
        conn: Connection,
        name: str,
        *,
        dag_id: str | None = None,
        run_id: str | None = None,
        task_id: str | None = None,
        map_index: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record what the caller changes, in the unit of work that changes it."""
        events.record(
            conn,
            name,
            self.caller.name,
            at=self.now,
            dag_id=dag_id,
            run_id=run_id,
            task_id=task_id,
            map_index=map_index,
            detail=detail,
        )

    @contextmanager
    def changing(
        self, conn: Connection, name: str, kind: trail.Kind, of: str
    ) -> Iterator[trail.Change]:
        """Record what the body changes of a thing: how it was, and how it is."""
        with trail.change(conn, kind, of) as change:
            yield change
        self.audit(conn, name, detail=change.detail)
