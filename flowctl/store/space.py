"""Does the metastore give back to the disk what was deleted from it?

A SQLite file that flowctl made gives back its free pages in small steps. One that an older flowctl
made only uses them again; `VACUUM` in `flowctl db shell`, with all daemons stopped, makes it small.
PostgreSQL looks after itself.
"""

from typing import Any

from sqlalchemy import Connection

FREE_MAX = 0.25  # of the file: below it, what is free is soon used again
FREE_PAGES_MIN = 1000  # 4 MB
INCREMENTAL = 2


def has_surplus(conn: Connection) -> bool:
    """Say whether much of the file is free and could be given back."""
    if conn.dialect.name != "sqlite" or _pragma(conn, "auto_vacuum") != INCREMENTAL:
        return False
    free = _pragma(conn, "freelist_count")
    return free > max(FREE_PAGES_MIN, FREE_MAX * _pragma(conn, "page_count"))


def give_back(conn: Connection, pages: int) -> None:
    """Give back that many pages, and end the unit of work of the caller.

    The statement answers with a row without columns for each page; of the driver only
    `executescript`, which commits first, takes more than one of them.
    """
    raw: Any = conn.connection.driver_connection
    raw.executescript(f"PRAGMA incremental_vacuum({pages})")


def _pragma(conn: Connection, name: str) -> int:
    return int(conn.exec_driver_sql(f"PRAGMA {name}").scalar_one())
