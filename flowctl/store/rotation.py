"""Every stored secret under the first key: what `flowctl rotate-fernet-key` does.

A few rows at a time, each in a unit of work of its own; a row that changes meanwhile is left to its
writer, who uses the first key anyway. Killed half-way, it begins again and loses nothing: every key
still decrypts.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, Text, cast, select, update

from flowctl.store import confs
from flowctl.store.batches import batches
from flowctl.store.crypto import Cipher
from flowctl.store.engine import reading, writing
from flowctl.store.schema import (
    asset_watcher,
    backfill,
    connection,
    dag_run,
    deferral,
    variable,
)

PLACES: tuple[tuple[Table, Column[Any], tuple[str, ...]], ...] = (
    (variable, variable.c.key, ("value",)),
    (connection, connection.c.conn_id, ("password", "extra")),
    (deferral, deferral.c.ti_id, ("kwargs", "method_kwargs")),
    (asset_watcher, asset_watcher.c.id, ("kwargs",)),
)
"""Where secrets lie: table, its key, the columns with tokens."""

CONFS = (dag_run, backfill)
"""Where they lie within a column `conf`."""


def rotate(engine: Engine, cipher: Cipher) -> Iterator[tuple[str, int]]:
    """Encrypt all secrets anew; yield each table's name with how many tokens it had.

    Raises:
        CipherError: a token was made under a key that is not at hand; what was done stays done.
    """
    for table, key, columns in PLACES:
        with reading(engine) as conn:
            keys = list(conn.scalars(select(key).order_by(key)))
        done = 0
        for wanted in batches(keys):
            with writing(engine) as conn:
                done += _rotate(conn, cipher, table, key, columns, wanted)
        yield table.name, done
    for table in CONFS:
        with reading(engine) as conn:
            has_some = cast(table.c.conf, Text).contains('"')  # not NULL, and not empty
            keys = list(conn.scalars(select(table.c.id).where(has_some).order_by(table.c.id)))
        yield table.name, sum(_rotate_confs(engine, cipher, table, some) for some in batches(keys))


def _rotate_confs(engine: Engine, cipher: Cipher, table: Table, wanted: list[int]) -> int:
    """Encrypt the secrets of confs anew, also those from before confs were encrypted."""
    text = cast(table.c.conf, Text)
    with reading(engine) as conn:
        rows = conn.execute(select(table.c.id, text).where(table.c.id.in_(wanted))).all()
    found = ((pk, before, confs.resealed(json.loads(before), cipher)) for pk, before in rows)
    anew = [(pk, before, conf) for pk, before, conf in found if conf != json.loads(before)]
    done = 0
    with writing(engine) as conn:
        for pk, before, conf in anew:
            unchanged = (table.c.id == pk, text == before)
            done += conn.execute(update(table).where(*unchanged).values(conf=conf)).rowcount
    return done


def _rotate(
    conn: Connection,
    cipher: Cipher,
    table: Table,
    key: Column[Any],
    columns: tuple[str, ...],
    wanted: list[Any],
) -> int:
    done = 0
    for row in conn.execute(select(table).where(key.in_(wanted))).mappings():
        for name in columns:
            if not row[name]:
                continue
            text = cipher.decrypt(row[name], f"{name} of {table.name} {row[key.name]!r}")
            unchanged = (key == row[key.name], table.c[name] == row[name])
            anew = {name: cipher.encrypt(text)}
            done += conn.execute(update(table).where(*unchanged).values(**anew)).rowcount
    return done
