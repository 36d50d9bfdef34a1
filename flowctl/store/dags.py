"""What the DAG files hold, as of their last good parse.

`record` takes over one file in the transaction of its caller. A DAG has versions, addressed by
content: spec and source together. A new one is written only when something changed, and nothing at
all is written when a file was parsed again with the same result. A DAG belongs to the file that
defined it first; another file that claims its id gets an import error as long as that one does.
Rows of DAGs and files that are gone stay: they are the history.
"""

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from flowctl.core import spec as specs
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec
from flowctl.store import access, assets, watchers
from flowctl.store.crypto import Cipher
from flowctl.store.schema import dag, dag_file, dag_source, dag_tag, dag_version
from flowctl.store.upsert import insert_missing, insert_or_replace

LIST_CHARACTERS_MAX = 2000  # of the columns that are only for lists and filters


@dataclass(frozen=True)
class Recorded:
    """What recording one file changed.

    `changed`: ids of DAGs that are new, have a new version, came back or vanished.
    `error`: the import error as it is stored, twins included.
    `released`: files that lost a DAG id to this file, which no longer has it; parse them again.
    """

    changed: frozenset[str] = frozenset()
    error: str | None = None
    released: tuple[str, ...] = ()


def record(
    conn: Connection,
    parsed: ParsedFile,
    now: datetime,
    *,
    paused_at_creation: bool = True,
    cipher: Cipher | None = None,
) -> Recorded:
    """Take over what parsing one file gave.

    Args:
        paused_at_creation: `[core] dags_are_paused_at_creation`, for new DAGs that do not say
            `is_paused_upon_creation`.
        cipher: the keys to what triggers are made of, where assets have watchers.
    """
    before = {row.dag_id: row for row in _dags_of(conn, parsed.path)}
    if parsed.is_gone:
        vanished = _deactivate(conn, [d for d, row in before.items() if row.is_active], now)
        conn.execute(delete(dag_file).where(dag_file.c.path == parsed.path))
        return Recorded(frozenset(vanished), None, _losers(conn, vanished))
    twins = _twins(conn, parsed)
    own = [spec for spec in parsed.specs if spec.dag_id not in twins]
    error = "\n\n".join(filter(None, [parsed.error, *(_twin_in_words(*t) for t in twins.items())]))
    changed = _take_over(conn, own, parsed.source, now, paused_at_creation, cipher)
    vanished = []
    if parsed.error is None:  # else what is missing keeps its last good version
        kept = {spec.dag_id for spec in parsed.specs}
        vanished = [d for d, row in before.items() if row.is_active and d not in kept]
        _deactivate(conn, vanished, now)
    _record_file(conn, parsed, len(own), error or None, now)
    return Recorded(frozenset({*changed, *vanished}), error or None, _losers(conn, vanished))


def known_files(conn: Connection) -> dict[str, Row[*tuple[Any, ...]]]:
    """Return the row of every DAG file (fingerprint, depends, error ...), by path."""
    return {row.path: row for row in conn.execute(select(dag_file))}


def spec_of_version(conn: Connection, version_id: int) -> DagSpec:
    """Return the spec of one version.

    Raises:
        KeyError: there is no such version.
    """
    found = conn.scalar(select(dag_version.c.spec).where(dag_version.c.id == version_id))
    if found is None:
        raise KeyError(version_id)
    return specs.decode(found)


def source(conn: Connection, source_hash: str) -> bytes | None:
    """Return the text of a file as it once was, None when it is not known."""
    wanted = select(dag_source.c.content).where(dag_source.c.hash == source_hash)
    return conn.scalar(wanted)


# --------------------------------------------------------------------------------------- DAGs


def _take_over(
    conn: Connection,
    found: Sequence[DagSpec],
    content: bytes,
    now: datetime,
    paused_at_creation: bool,
    cipher: Cipher | None,
) -> set[str]:
    """Write what is new about these DAGs of one file; return the ids of those that changed."""
    digests = {spec.dag_id: specs.digest(spec, content) for spec in found}
    current = _current(conn, list(digests))
    changed = [
        spec
        for spec in found
        if (row := current.get(spec.dag_id)) is None
        or not row.is_active
        or row.digest != digests[spec.dag_id]
    ]
    if not changed:
        return set()
    source_hash = hashlib.sha256(content).hexdigest()
    insert_missing(conn, dag_source, [{"hash": source_hash, "content": content}])
    for spec in changed:  # few at a time: what one file defines
        version_id = _version(conn, spec, digests[spec.dag_id], source_hash, now)
        columns = _columns(spec, version_id, now)
        if spec.dag_id in current:
            _update_dag(conn, spec.dag_id, columns)
        else:
            is_paused = spec.is_paused_upon_creation
            is_paused = paused_at_creation if is_paused is None else is_paused
            conn.execute(insert(dag).values(dag_id=spec.dag_id, is_paused=is_paused, **columns))
    _take_over_parts(conn, changed, current, cipher, now)
    return {spec.dag_id for spec in changed}


def _take_over_parts(
    conn: Connection,
    changed: Sequence[DagSpec],
    known: Container[str],
    cipher: Cipher | None,
    now: datetime,
) -> None:
    """Write what these DAGs have in tables of their own; a new DAG without such has none there."""
    tagged = [spec for spec in changed if spec.tags or spec.dag_id in known]
    guarded = [spec for spec in changed if spec.access_control or spec.dag_id in known]
    feeding = [spec for spec in changed if assets.has_any(spec) or spec.dag_id in known]
    for spec in tagged:
        _set_tags(conn, spec)
    if guarded:
        access.register(conn, guarded)
    if feeding:
        assets.register(conn, feeding, now)
        watchers.register(conn, feeding, cipher, now)


def _current(conn: Connection, dag_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    wanted = (
        select(dag.c.dag_id, dag.c.is_active, dag_version.c.digest)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .where(dag.c.dag_id.in_(dag_ids))
    )
    return {row.dag_id: row for row in conn.execute(wanted)}


def _version(conn: Connection, spec: DagSpec, digest: str, source_hash: str, now: datetime) -> int:
    """Return the id of this version; one that was there before is used again."""
    same = (dag_version.c.dag_id == spec.dag_id) & (dag_version.c.digest == digest)
    known = conn.scalar(select(dag_version.c.id).where(same))
    if known is not None:
        return int(known)
    number = select(func.coalesce(func.max(dag_version.c.number), 0) + 1).where(
        dag_version.c.dag_id == spec.dag_id
    )
    new = insert(dag_version).values(
        dag_id=spec.dag_id,
        number=number.scalar_subquery(),
        digest=digest,
        spec=specs.encode(watchers.without_arguments(spec)).decode(),
        file=spec.file,
        source_hash=source_hash,
        created_at=now,
    )
    return int(conn.execute(new.returning(dag_version.c.id)).scalar_one())


def _columns(spec: DagSpec, version_id: int, now: datetime) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "file": spec.file,
        "is_active": True,
        "parsed_at": now,
        "owners": ", ".join(spec.owners)[:LIST_CHARACTERS_MAX],
        "schedule": spec.schedule.summary[:LIST_CHARACTERS_MAX],
        "description": spec.description,
        "display_name": spec.display_name[:LIST_CHARACTERS_MAX],
        "retention": spec.retention and msgspec.to_builtins(spec.retention),
    }


def _update_dag(conn: Connection, dag_id: str, columns: Mapping[str, Any]) -> None:
    statement = update(dag).where(dag.c.dag_id == dag_id)
    conn.execute(statement.values(revision=dag.c.revision + 1, **columns))


def _set_tags(conn: Connection, spec: DagSpec) -> None:
    conn.execute(delete(dag_tag).where(dag_tag.c.dag_id == spec.dag_id))
    rows = [{"dag_id": spec.dag_id, "name": name} for name in sorted(set(spec.tags))]
    if rows:
        conn.execute(insert(dag_tag), rows)


def _deactivate(conn: Connection, dag_ids: Sequence[str], now: datetime) -> list[str]:
    """Mark DAGs as no longer defined by any file, from now on; they get no more runs."""
    if dag_ids:
        statement = update(dag).where(dag.c.dag_id.in_(dag_ids), dag.c.is_active)
        gone = {"is_active": False, "parsed_at": now, "revision": dag.c.revision + 1}
        conn.execute(statement.values(gone))
    return list(dag_ids)


# -------------------------------------------------------------------------------------- files


def _dags_of(conn: Connection, path: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the DAGs of one file, or of all the modules of one archive."""
    columns = select(dag.c.dag_id, dag.c.is_active)
    inside = dag.c.file.startswith(f"{path}/", autoescape=True)
    return conn.execute(columns.where(or_(dag.c.file == path, inside))).all()


def _twins(conn: Connection, parsed: ParsedFile) -> dict[str, str]:
    """Return the file that has the id already, by the ids that another file has."""
    ids = [spec.dag_id for spec in parsed.specs]
    wanted = select(dag.c.dag_id, dag.c.file).where(dag.c.dag_id.in_(ids), dag.c.is_active)
    inside = f"{parsed.path}/"
    return {
        row.dag_id: row.file
        for row in conn.execute(wanted)
        if row.file != parsed.path and not row.file.startswith(inside)
    }


def _twin_in_words(dag_id: str, file: str) -> str:
    return f"DAG id {dag_id!r} is taken by {file}; rename one of the two DAGs"


def _losers(conn: Connection, dag_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the files that have an import error because of one of these ids."""
    if not dag_ids:
        return ()
    sentences = [f"DAG id {dag_id!r} is taken by " for dag_id in dag_ids]
    matches = [dag_file.c.error.contains(text, autoescape=True) for text in sentences]
    return tuple(conn.scalars(select(dag_file.c.path).where(or_(*matches))))


def _record_file(
    conn: Connection, parsed: ParsedFile, dag_count: int, error: str | None, now: datetime
) -> None:
    """Write the row of the file, unless it says the same already."""
    new: dict[str, Any] = {
        "fingerprint": parsed.fingerprint,
        "depends": parsed.depends or None,
        "dag_count": dag_count,
        "error": error,
    }
    if parsed.source:
        new["source_hash"] = hashlib.sha256(parsed.source).hexdigest()
    old = conn.execute(select(dag_file).where(dag_file.c.path == parsed.path)).one_or_none()
    if old is not None and all(getattr(old, name) == value for name, value in new.items()):
        return
    new |= {"path": parsed.path, "parsed_at": now, "duration_s": parsed.duration_s}
    new["error_at"] = now if error else None
    insert_or_replace(conn, dag_file, [new])
