"""What happened to attempts and is not in the metastore yet, committed in groups.

An attempt that starts and ends within `STARTED_HELD_S` is recorded once, and where many end, those
that end within `PACE_S` of each other are recorded together. What is plain is handed to the leader
first, if there is one, and is written here only if he does not.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from flowctl.core.attempt import Ended, Order, Outcome
from flowctl.core.states import TaskState
from flowctl.runner import facts
from flowctl.runner.messages import Facts
from flowctl.runner.spool import Key
from flowctl.store import callbacks, deferrals, outcomes
from flowctl.store.crypto import Cipher
from flowctl.store.engine import in_words, is_transient, writing

STARTED_HELD_S = 0.1
"""How late a start is told at most. Half of the rows of a short attempt are about its start."""
PACE_S = 0.015
"""How soon a commit may follow another while attempts wait for slots: nobody waits for the commit
then, and one for several attempts costs little more than one for one."""
HANDED_S = 0.5
"""How long the leader may take for what was handed to him, or is gone: most ticks take some ms."""
_MAILED = {TaskState.FAILED: "failure", TaskState.UP_FOR_RETRY: "retry"}


class Recorder:
    """See the module."""

    def __init__(
        self,
        engine: Engine,
        host: str,
        cipher: Cipher,
        *,
        started_held_s: float = STARTED_HELD_S,
        handed_s: float = HANDED_S,
        is_claimed: Callable[[Key], bool] = lambda _: True,
    ) -> None:
        """Record in the name of a machine.

        Args:
            cipher: the keys to what deferred tasks leave.
            started_held_s: how late a start is told at most.
            handed_s: how long the leader may take.
            is_claimed: says whether the next runner would know an attempt.
        """
        self._engine = engine
        self._cipher = cipher
        self._host = host
        self._started_held_s = started_held_s
        self._handed_s = handed_s
        self._is_claimed = is_claimed
        self._started: dict[Key, tuple[float, outcomes.Started]] = {}  # when it is due; in order
        self._ended: dict[Key, Ended] = {}
        self._handed: dict[Key, float] = {}  # of those; until when the leader may write them
        self._callbacks: dict[Key, bool] = {}  # callback attempts; True: it ran to its end
        self._committed_at = 0.0
        self.has_time = False  # nobody waits for what ended

    @property
    def has_work(self) -> bool:
        """Say whether something is to be committed."""
        return bool(self._started or self._ended or self._callbacks)

    @property
    def due_at(self) -> float:
        """Return when, by the monotonic clock, it should be committed."""
        if self._callbacks or len(self._ended) > len(self._handed):
            return self._committed_at + PACE_S if self.has_time else 0.0
        first_started = [due_at for due_at, _ in self._started.values()][:1]
        return min([*first_started, *self._handed.values()], default=0.0)

    @property
    def keys(self) -> set[Key]:
        """Return the attempts that ended and are not committed."""
        return self._ended.keys() | self._callbacks.keys()

    def started(self, order: Order, pid: int, at: datetime, log_path: str) -> None:
        """Note that an attempt has a process."""
        entry = outcomes.Started(
            order.run.pk,
            order.ti_id,
            order.try_number,
            pid,
            order.waiting_since or at,
            log_path,
            self._host,
        )
        self._started[order.key] = (time.monotonic() + self._started_held_s, entry)

    def unstarted(self, order: Order) -> None:
        """Forget that an attempt has a process: it came to nothing."""
        self._started.pop(order.key, None)

    def ended(self, order: Order, outcome: Outcome, log_path: str) -> None:
        """Note that an attempt has an outcome."""
        self._started.pop(order.key, None)
        if order.callback_id:
            went_well = outcome.exit_code == 0 or outcome.state is TaskState.SUCCESS
            self._callbacks[order.key] = went_well
        else:
            event = _MAILED.get(outcome.state, "")
            outcome.mail = event if event in order.mails else ""
            self._ended[order.key] = Ended(
                order.run.pk, self._sealed(outcome), log_path, self._host
            )

    def hand_over(self) -> list[Ended]:
        """Return what the leader may write from now on; it is kept here until it is written."""
        until = time.monotonic() + self._handed_s
        found = {
            key: entry
            for key, entry in self._ended.items()
            if key not in self._handed and facts.is_plain(entry.outcome)
        }
        self._handed |= dict.fromkeys(found, until)
        if found:
            self._committed_at = time.monotonic()
        return list(found.values())

    def written(self, keys: Iterable[Key]) -> list[Key]:
        """Note what the leader wrote; return those of which the files are not needed any more."""
        done = [key for key in keys if key in self._handed]
        for key in done:
            del self._ended[key], self._handed[key]
        return done

    def take_back(self, keys: Iterable[Key]) -> None:
        """Note that the leader does not write these."""
        self._handed |= {key: 0.0 for key in keys if key in self._handed}

    def _sealed(self, outcome: Outcome) -> Outcome:
        """Return an outcome as it is stored: what a deferred task leaves may hold secrets."""
        if outcome.deferral is not None:
            outcome.deferral = deferrals.sealed(self._cipher, outcome.deferral)
        return outcome

    def commit(self, now: datetime) -> tuple[Facts, list[Key]]:
        """Write all that is due and not the leader's to write.

        Returns:
            What moved, and the attempts whose files are not needed any more.

        Raises:
            SQLAlchemyError: nothing was written, all is kept.
        """
        try:
            return self._commit(now)
        except SQLAlchemyError as error:
            if is_transient(error):
                raise
            self._defuse(now)
            return self._commit(now)

    def _defuse(self, now: datetime) -> None:
        """Find the outcomes that the metastore will never take, and keep that they failed.

        One task must not hold up the outcomes of all others with what it returned.
        """
        for key, entry in self._due().items():
            try:
                with self._engine.connect() as conn:  # closed without a commit: a rehearsal
                    outcomes.record(conn, [], [entry], now)
            except SQLAlchemyError as error:
                if is_transient(error):
                    raise
                self._ended[key] = replace(entry, outcome=_refused(entry.outcome, error))

    def _commit(self, now: datetime) -> tuple[Facts, list[Key]]:
        due, over = self._begun(), self._due()
        if not (due or over or self._callbacks):
            return Facts([]), []
        started = [self._started[key][1] for key in due]
        ended = list(over.values())
        done = [*over, *self._callbacks]
        with writing(self._engine) as conn:
            recorded = outcomes.record(conn, started, ended, now)
            ran = [-key[0] for key, to_its_end in self._callbacks.items() if to_its_end]
            callbacks.ran(conn, ran)
        written = Facts(
            facts.of_runs(recorded, started, ended),
            callbacks=any(entry.outcome.callback or entry.outcome.mail for entry in ended),
            assets=any(entry.outcome.assets for entry in ended),
            callbacks_ended=[-key[0] for key in self._callbacks],
        )
        for key in due:
            del self._started[key]
        for key in over:
            del self._ended[key]
            self._handed.pop(key, None)
        self._callbacks.clear()
        self._committed_at = time.monotonic()
        return written, done

    def _begun(self) -> list[Key]:
        """Return the attempts of which the start is due to be told.

        The next runner knows an attempt by its claim. One that is told and has none would be given
        up as lost when this runner is killed, although it never begins.
        """
        now = time.monotonic()
        due = [key for key, (due_at, _) in self._started.items() if due_at <= now]
        for key in [key for key in due if not self._is_claimed(key)]:
            due.remove(key)
            self._started[key] = (now + self._started_held_s, self._started.pop(key)[1])
        return due

    def _due(self) -> dict[Key, Ended]:
        """Return what ended and is not, or not any more, for the leader to write."""
        now = time.monotonic()
        return {key: e for key, e in self._ended.items() if self._handed.get(key, 0.0) <= now}


def _refused(outcome: Outcome, error: SQLAlchemyError) -> Outcome:
    """Return what is left of an outcome that the metastore refuses."""
    left = Outcome(
        outcome.ti_id,
        outcome.try_number,
        TaskState.FAILED,
        outcome.started_at,
        outcome.ended_at,
        f"the metastore refuses what the task left ({outcome.state.value}): {in_words(error)}",
    )
    left.pid, left.exit_code, left.signal = outcome.pid, outcome.exit_code, outcome.signal
    left.waiting_since = outcome.waiting_since
    return left
