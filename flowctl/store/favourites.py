"""The DAGs that each person wants to see first."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from flowctl.store.schema import favourite


def of(conn: Connection, account: int, dag_ids: Iterable[str]) -> set[str]:
    """Return those of these DAGs that are favourites of an account."""
    mine = favourite.c.account_id == account
    return set(
        conn.scalars(select(favourite.c.dag_id).where(mine, favourite.c.dag_id.in_(list(dag_ids))))
    )


def add(conn: Connection, account: int, dag_id: str) -> None:
    """Make a DAG a favourite, if it is none already."""
    if not of(conn, account, [dag_id]):
        conn.execute(insert(favourite).values(account_id=account, dag_id=dag_id))


def remove(conn: Connection, account: int, dag_id: str) -> None:
    """Let a DAG be no favourite, if it is one."""
    mine = favourite.c.account_id == account
    conn.execute(delete(favourite).where(mine, favourite.c.dag_id == dag_id))
