"""The triggers of asset watchers: found in the metastore, and their events written there.

They have no end of their own: one that has ended is run again, soon when it had brought something,
later when it failed or brought nothing. A trigger whose class is in a DAG file is begun anew with
each version of the file.
"""

import json
import logging
import time
from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy import Engine, Row

from flowctl import clock
from flowctl.authoring import serialization
from flowctl.authoring.exceptions import SerializationError
from flowctl.authoring.triggers import MODULE_OF_FILE
from flowctl.store import watchers
from flowctl.store.engine import reading, writing
from flowctl.store.wake import Waker
from flowctl.store.watchers import Brought
from flowctl.triggerer.holders import Holders
from flowctl.triggerer.work import Key, Look, Result, Work

LOG = logging.getLogger("flowctl.triggerer")

AGAIN_AFTER_S = 1.0  # from its start: one that always has something must not run without a pause
AGAIN_AFTER_TROUBLE_S = 30.0
DIGITS = 12


class Watched:
    """A `work.Source`."""

    name = "watched"

    def __init__(self, engine: Engine, waker: Waker, holders: Holders) -> None:
        self._engine = engine
        self._waker = waker
        self._holders = holders
        self._not_before: dict[Key, float] = {}  # by the monotonic clock

    def look(self, running: Set[Key], room: int) -> Look:
        """Take what is free, give up what is not wanted any more; see `work.Source`."""
        with reading(self._engine) as conn:
            rows = {_key(row): row for row in watchers.listed(conn)}
            gone = self._holders.gone(conn, watchers.holders(conn))
        mine = {key for key, row in rows.items() if row.holder == self._holders.own}
        free = [row for row in rows.values() if row.holder is None or row.holder in gone]
        if free and room:
            with writing(self._engine) as conn:
                pks = [row.id for row in free[:room]]
                taken = watchers.claim(conn, pks, self._holders.own, gone)
            mine |= {_key(row) for row in free if row.id in taken}
        self._not_before = {key: at for key, at in self._not_before.items() if key in rows}
        due = [key for key in sorted(mine - running) if self._is_due(key)][:room]
        for key in due:
            self._not_before[key] = time.monotonic() + AGAIN_AFTER_S
        lost = [key for key in running - mine if key[0] == self.name]
        return Look(start=[_work(rows[key]) for key in due], cancel=dict.fromkeys(lost, False))

    def _is_due(self, key: Key) -> bool:
        return self._not_before.get(key, 0.0) <= time.monotonic()

    def record(self, results: Sequence[Result]) -> None:
        """Update assets; see `work.Source`."""
        brought = [_brought(result) for result in results]
        with writing(self._engine) as conn:
            count = watchers.record(conn, brought, self._holders.own, clock.utcnow())
        if count:
            self._waker.wake()
        for result, one in zip(results, brought, strict=True):
            if one.trouble is not None:
                self._not_before[result.work.key] = time.monotonic() + AGAIN_AFTER_TROUBLE_S
                LOG.warning("%s: %s", result.work.name, one.trouble)

    def note_trouble(self, work: Work, trouble: str) -> None:
        """Have `flowctl assets details` tell it; see `work.Source`."""
        with writing(self._engine) as conn:
            watchers.note_trouble(conn, work.key[1], trouble)

    def leave(self) -> None:
        """Let others have the rows at once; see `work.Source`."""
        with writing(self._engine) as conn:
            watchers.release(conn, self._holders.own)
        self._waker.wake()


def _key(row: "Row[Any]") -> Key:
    """Name what runs: other arguments, or a new version of the class's own file, are another."""
    version = row.version_id if row.classpath.startswith(MODULE_OF_FILE) else 0
    return (Watched.name, row.id, int(row.digest[:DIGITS], 16) + version)


def _work(row: "Row[Any]") -> Work:
    return Work(
        key=_key(row),
        classpath=row.classpath,
        kwargs=row.kwargs,
        subject=f"watcher {row.name!r} of asset {row.asset_name!r}",
        file=row.file,
        source_hash=row.source_hash,
        goes_on=True,
    )


def _brought(result: Result) -> Brought:
    """Return what the metastore keeps of a result; JSON has to be able to say the payload."""
    pk = result.work.key[1]
    if result.event is None:
        return Brought(pk, trouble=f"it failed: {result.error}; it is run again soon")
    try:
        return Brought(pk, json.loads(serialization.dumps(result.event.payload)))
    except SerializationError as error:
        return Brought(pk, trouble=f"what it brought must be plain data: {error}")
