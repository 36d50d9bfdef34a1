"""What the scheduler expects of an executor.

An executor starts attempts and says what became of them. It never decides, and it keeps nothing
that would be missed: what it knows after a restart is what it finds running. Every executor obeys
the suite in `tests/executors/`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from flowctl.core.attempt import Order
from flowctl.runner.messages import Facts

Key = tuple[int, int]  # task instance id, try number


def nothing() -> None:
    """Do nothing meanwhile."""


class ExecutorLost(Exception):
    """The executor's other side is gone; `connect` again."""


class Executor(Protocol):
    """Runs attempts somewhere."""

    @property
    def parallelism(self) -> int:
        """Return how many attempts it takes now: those that run, and those next in line."""

    @property
    def ahead(self) -> int:
        """Return how many of them are next in line."""

    @property
    def taken(self) -> Mapping[int, int]:
        """Return what attempts take of this machine's memory, by task instance, where known."""

    @property
    def memory_way(self) -> str:
        """Say in words how memory limits are enforced; "" where they are not."""

    def connect(self, term: int, meanwhile: Callable[[], object] = nothing) -> set[Key]:
        """Be ready to start attempts for the leader of `term`; return those that are known.

        An order that is given twice starts once.

        Args:
            meanwhile: called about twice a second while the other side takes its time; what it
                raises ends the call.
        """

    def start(self, orders: Sequence[Order], written: Sequence[Key] = ()) -> None:
        """Start attempts; returns at once.

        Args:
            written: the outcomes that were handed over and are in the metastore now.

        Raises:
            ExecutorLost: none of it may have arrived.
        """

    def kill(self, keys: Sequence[Key], reason: str) -> None:
        """End attempts with everything they started; those that are unknown are ignored.

        Raises:
            ExecutorLost: none of it may have arrived.
        """

    def fileno(self) -> int:
        """Return a descriptor that is readable when `facts` has news."""

    def facts(self) -> list[Facts]:
        """Return what was written to the metastore since the last call, and what is handed over.

        Raises:
            ExecutorLost: what it said before is lost; read the metastore.
        """

    def give_back(self, keys: Sequence[Key]) -> None:
        """Have the executor write outcomes itself that it handed over.

        Raises:
            ExecutorLost: it does so with all of them, and finds out which are written.
        """

    def leave(self) -> None:
        """Say good-bye: attempts run on, nothing else stays."""
