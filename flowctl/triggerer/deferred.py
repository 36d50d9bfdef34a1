"""The triggers of deferred tasks: found in the metastore, and what they bring written there."""

import logging
import os
from collections.abc import Collection, Sequence, Set
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from flowctl import clock
from flowctl.authoring import serialization
from flowctl.authoring.deferring import TRIGGER_FAILURE
from flowctl.authoring.exceptions import SerializationError
from flowctl.authoring.ports import Ports
from flowctl.authoring.task_instance import TaskInstance
from flowctl.authoring.triggers import BaseTaskEndEvent
from flowctl.core.attempt import Order, RunFacts
from flowctl.core.states import TaskState
from flowctl.runner import logfiles
from flowctl.store import deferrals, trigger_ends
from flowctl.store.deferrals import Fired, Waiting
from flowctl.store.engine import reading, writing
from flowctl.store.versions import Versions
from flowctl.store.wake import Waker
from flowctl.triggerer.holders import Holders
from flowctl.triggerer.work import Key, Look, Result, Work

LOG = logging.getLogger("flowctl.triggerer")


class Deferred:
    """A `work.Source`."""

    name = "deferred"

    def __init__(
        self,
        engine: Engine,
        ports: Ports,
        waker: Waker,
        *,
        holders: Holders,
        log_folder: Path,
        retry_delay_max: timedelta,
    ) -> None:
        """Take where things are.

        Args:
            retry_delay_max: the longest back-off between two tries.
        """
        self._engine = engine
        self._ports = ports
        self._waker = waker
        self._holders = holders
        self._log_folder = log_folder
        self._retry_delay_max = retry_delay_max
        self._versions = Versions()

    # ------------------------------------------------------------------ looking

    def look(self, running: Set[Key], room: int) -> Look:
        """Take what is free, give up what is not wanted any more; see `work.Source`."""
        with reading(self._engine) as conn:
            rows = deferrals.listed(conn)
            gone = self._holders.gone(conn, deferrals.holders(conn))
        own = self._holders.own
        wanted = {self._key(row) for row in rows if row.is_wanted and row.holder == own}
        over = {self._key(row) for row in rows if row.is_over}
        known = {self._key(row) for row in rows}
        free = [row for row in rows if row.is_wanted and (row.holder is None or row.holder in gone)]
        mine = wanted - running  # of a look whose answer was lost
        if over or (free and room):
            mine |= self._write(free[:room], gone, [row for row in rows if row.is_over])
        lost = [key for key in running - wanted if key[0] == self.name]
        return Look(
            start=self._work(sorted(mine)[:room]),
            cancel={key: key in over or key not in known for key in lost},
        )

    def _key(self, row: Waiting) -> Key:
        return (self.name, *row.key)

    def _write(
        self, free: Sequence[Waiting], gone: Collection[int], over: Sequence[Waiting]
    ) -> set[Key]:
        """Take rows and forget others; return those that were taken."""
        with writing(self._engine) as conn:
            taken = deferrals.claim(conn, [row.ti_id for row in free], self._holders.own, gone)
            deferrals.remove(conn, [row.key for row in over])
        return {self._key(row) for row in free if row.ti_id in taken}

    def _work(self, keys: Sequence[Key]) -> list[Work]:
        if not keys:
            return []
        with reading(self._engine) as conn:
            found = deferrals.read(conn, [key[1] for key in keys])
        return [self._one(trigger) for trigger in found]

    def _one(self, trigger: deferrals.Trigger) -> Work:
        order = _order(trigger)
        ti = TaskInstance(order, None, self._ports)
        ti.state = TaskState.DEFERRED
        ti.trigger_timeout = trigger.until
        return Work(
            key=(self.name, trigger.ti_id, trigger.try_number),
            classpath=trigger.classpath,
            kwargs=trigger.kwargs,
            subject=f"task {order.task_id!r} of DAG {order.run.dag_id!r}, run {order.run.run_id!r}",
            file=order.run.file,
            source_hash=order.run.source_hash,
            log_path=os.path.join(self._log_folder, logfiles.path(order)),
            task_instance=ti,
        )

    # ------------------------------------------------------------------ writing

    def record(self, results: Sequence[Result]) -> None:
        """Let tasks go on, or end; see `work.Source`."""
        fired = [_fired(result) for result in results]
        with writing(self._engine) as conn:
            now = clock.utcnow()
            moved = deferrals.fire(conn, [one for one in fired if one.ends_as is None], now)
            for one in fired:
                if one.ends_as is not None:
                    moved |= trigger_ends.end(conn, one, self._versions, self._retry_delay_max, now)
        if moved:
            self._waker.wake()
        for one in fired:
            if one.ti_id not in moved:
                LOG.info(
                    "nobody waits any more for the trigger of start %d of %d",
                    one.try_number,
                    one.ti_id,
                )

    def note_trouble(self, work: Work, trouble: str) -> None:
        """Have `flowctl why` tell it; see `work.Source`."""
        with writing(self._engine) as conn:
            deferrals.note_trouble(conn, work.key[1:], trouble)

    def leave(self) -> None:
        """Let others have the rows at once; see `work.Source`."""
        with writing(self._engine) as conn:
            deferrals.release(conn, self._holders.own)
        self._waker.wake()


def _order(trigger: deferrals.Trigger) -> Order:
    """Return what names the start that was deferred: its log, and what user code may ask."""
    row = trigger.instance
    run = RunFacts(
        pk=row.run_pk,
        dag_id=row.dag_id,
        run_id=row.run_id,
        run_type=row.run_type,
        logical_date=row.logical_date,
        data_interval_start=row.data_interval_start,
        data_interval_end=row.data_interval_end,
        file=row.file,
        source_hash=row.source_hash,
    )
    return Order(
        run=run,
        ti_id=trigger.ti_id,
        try_number=trigger.try_number,
        task_id=row.task_id,
        map_index=row.map_index,
        max_tries=row.max_tries,
        resumed=row.resumed,
        waiting_since=row.waiting_since,
    )


def _fired(result: Result) -> Fired:
    """Return what the metastore keeps of a result."""
    _source, ti_id, try_number = result.work.key
    event = result.event
    if event is None:
        error = f"{TRIGGER_FAILURE}: {result.error}"
        return Fired(ti_id, try_number, error=error, traceback=result.traceback)
    try:
        if isinstance(event, BaseTaskEndEvent):
            left = {
                name: serialization.dumps(value, is_xcom=True)
                for name, value in (event.xcoms or {}).items()
            }
            state = TaskState(event.task_instance_state)
            return Fired(ti_id, try_number, ends_as=state, xcoms=left)
        return Fired(ti_id, try_number, event=serialization.dumps(event.payload))
    except SerializationError as error:
        problem = f"what {result.work.classpath} brought must be plain data: {error}"
        return Fired(ti_id, try_number, error=f"{TRIGGER_FAILURE}: {problem}")
