"""The active DAGs as the scheduler remembers them: their newest versions, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from flowctl.core.graph import Graph
from flowctl.core.ordered import Ordered
from flowctl.core.timetables import Due, Interval


@dataclass(slots=True, eq=False)
class Dag:
    """One active DAG: its newest version, and when its next scheduled run is due."""

    dag_id: str
    graph: Graph
    version: str
    version_pk: int = 0  # of the row in the metastore
    is_paused: bool = False
    drains: bool = False  # it is paused, and the runs that go on come to their end
    revision: int = 0
    due: Due | None = None
    is_due_known: bool = False  # False: a new or changed DAG, the next date is to be worked out
    last_interval: Interval | None = None  # of the latest automated run, made or passed over
    foreseen: dict[Interval | None, Due | None] = field(default_factory=dict)
    """What the user's own timetable answered: which run follows which interval."""


class Calendar:
    """When the next scheduled runs of DAGs are due; paused ones are not in it."""

    def __init__(self) -> None:
        self.due: Ordered[tuple[datetime, str]] = Ordered()  # run_after, dag_id
        self.unknown: set[str] = set()  # DAGs whose next date is to be worked out
        self._moments: dict[str, datetime] = {}

    def put(self, dag: Dag) -> None:
        """Note when the next run of a DAG is due, and nothing else of it."""
        self.drop(dag.dag_id)
        if dag.is_paused:
            return
        if not dag.is_due_known:
            self.unknown.add(dag.dag_id)
        elif dag.due is not None:
            self._moments[dag.dag_id] = dag.due.run_after
            self.due.add((dag.due.run_after, dag.dag_id))

    def drop(self, dag_id: str) -> None:
        """Forget a DAG."""
        self.unknown.discard(dag_id)
        moment = self._moments.pop(dag_id, None)
        if moment is not None:
            self.due.drop((moment, dag_id))


def foreseen(
    last: Interval | None, dues: Sequence[Due], is_all: bool
) -> dict[Interval | None, Due | None]:
    """Return which run follows which interval, if `dues` follow `last` in this order."""
    before: list[Interval | None] = [
        last,
        *((due.interval_start, due.interval_end) for due in dues),
    ]
    following: list[Due | None] = [*dues, None] if is_all else list(dues)
    return dict(zip(before, following, strict=False))


def later(one: Interval | None, other: Interval | None) -> Interval | None:
    """Return the interval that ends later, of two that may be there."""
    both = [interval for interval in (one, other) if interval is not None]
    return max(both, key=itemgetter(1, 0), default=None)
