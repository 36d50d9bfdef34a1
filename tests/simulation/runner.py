"""The runner of the simulation: attempts that begin, pause, end and are recorded, in any order."""

from collections import Counter
from datetime import datetime, timedelta

from flowctl.core import attempt
from flowctl.core.attempt import Order
from flowctl.core.retries import may_retry
from flowctl.core.states import CONTINUED, TaskState
from flowctl.runner.messages import Facts
from tests.simulation.metastore import Ended, Key, Metastore
from tests.simulation.shapes import RETRY_DELAY, Fates

LOOKS_AGAIN = timedelta(seconds=20)


class Runner:
    """What the runner holds in memory, and what lies on disk beside it."""

    def __init__(self, metastore: Metastore, fates: Fates) -> None:
        self._metastore = metastore
        self._fates = fates
        self.term = 0
        self.ordered: dict[Key, Order] = {}  # lost with the runner
        self.claims: dict[Key, Order] = {}  # on disk, from the beginning until it is recorded
        self.live: set[Key] = set()  # processes
        self.journals: dict[Key, Ended] = {}  # on disk
        self.handed: set[Key] = set()  # of those with a journal; the leader may write them
        self.told: set[Key] = set()  # starts that are recorded
        self.repeated: set[Key] = set()  # their orders may have been given to another process, too
        self.sealed: set[Key] = set()  # on disk: recorded, and to be begun by nobody
        self.began: list[Key] = []
        self.paused: Counter[tuple[int, int]] = Counter()  # by task instance and shown try

    @property
    def known(self) -> set[Key]:
        """Return the attempts that are not recorded yet."""
        return self.ordered.keys() | self.claims.keys()

    def take(self, term: int, orders: list[Order]) -> None:
        """Take orders of the newest leader; the same one twice is one."""
        if term >= self.term:
            self.term = term
            for order in orders:
                if order.key not in self.known:
                    self.ordered[order.key] = order
                    if order.is_repeated:
                        self.repeated.add(order.key)

    def kill(self, term: int, keys: list[Key], now: datetime) -> None:
        """End attempts that nobody wants any more."""
        if term < self.term:
            return
        for key in keys:
            self.ordered.pop(key, None)
            if key in self.live:
                self._leave(key, TaskState.FAILED, now)

    def crash(self) -> None:
        """Forget what lies on no disk; the processes go on."""
        self.ordered.clear()
        self.handed.clear()

    def begin(self, key: Key) -> None:
        """Let the process of an order begin: its claim is made for one process only."""
        order = self.ordered.pop(key)
        if key in self.sealed:
            return
        assert key not in self.began, f"attempt {key} began twice"
        assert key[0] not in {ti_id for ti_id, _ in self.live}, f"{key} runs beside another try"
        self.claims[key] = order
        self.live.add(key)
        self.began.append(key)

    def end(self, key: Key, now: datetime) -> None:
        """Let a process end as its fate wants."""
        order = self.claims[key]
        fate = self._fates.of(
            order.run.run_id, order.run.dag_id, order.task_id, order.map_index, order.shown_try
        )
        looks = (order.ti_id, order.shown_try)
        if self.paused[looks] < len(fate.pauses):
            state = fate.pauses[self.paused[looks]]
            self.paused[looks] += 1
            self._leave(key, state, now)
        else:
            self._leave(key, fate.state, now)

    def _leave(self, key: Key, state: TaskState, now: datetime) -> None:
        order, retry_at = self.claims[key], None
        fate = self._fates.of(
            order.run.run_id, order.run.dag_id, order.task_id, order.map_index, order.shown_try
        )
        if state is TaskState.FAILED and may_retry(order.try_number, order.max_tries):
            state, retry_at = TaskState.UP_FOR_RETRY, now + RETRY_DELAY
        elif state is TaskState.UP_FOR_RESCHEDULE:
            retry_at = now + LOOKS_AGAIN
        is_whole = state is TaskState.SUCCESS
        self.live.discard(key)
        self.journals[key] = Ended(
            order.run.pk,
            key,
            state,
            now,
            retry_at,
            fate.followed if is_whole else None,
            fate.left if is_whole and order.is_measured else None,
        )

    def hand_over(self) -> Facts | None:
        """Let the leader write what is plain."""
        found = [
            one
            for key, one in sorted(self.journals.items())
            if key not in self.handed and one.state is not TaskState.DEFERRED
        ]
        self.handed |= {one.key for one in found}
        return Facts([], handed=[self._as_handed(one) for one in found]) if found else None

    def _as_handed(self, one: Ended) -> attempt.Ended:
        entry = one.as_handed()
        if one.state in CONTINUED:
            entry.outcome.waiting_since = self.claims[one.key].waiting_since or one.at
        return entry

    def settle(self, term: int, written: list[Key], left: list[Key]) -> None:
        """Hear what the leader wrote, and what he did not."""
        if term < self.term:
            return
        self.handed -= set(left)
        self._forget(self.handed.intersection(written))

    def record(self, *, is_late: bool = True) -> Facts | None:
        """Commit what happened since the last commit.

        Args:
            is_late: the leader took too long for what was handed to him.

        Raises:
            Away: it is kept, and tried again.
        """
        if is_late:
            self.handed.clear()
        started = [
            (self.claims[key].run.pk, key)
            for key in sorted(self.claims.keys() - self.told - self.journals.keys())
        ]
        ended = [self.journals[key] for key in sorted(self.journals.keys() - self.handed)]
        if not started and not ended:
            return None
        facts = self._metastore.record(started, ended)
        self.told |= {key for _, key in started}
        self._forget({one.key for one in ended})
        return facts

    def _forget(self, recorded: set[Key]) -> None:
        self.sealed |= self.repeated & recorded
        self.handed -= recorded
        for key in recorded:
            del self.journals[key], self.claims[key]
