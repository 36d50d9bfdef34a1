"""What did a plan of the scheduler become in the metastore?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flowctl.core.plan import Expansion


@dataclass(slots=True)
class Applied:
    """What a plan became: `revisions` by run, and the runs whose rows did not all move."""

    revisions: dict[int, int] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)  # ids of task instances
    surprises: set[int] = field(default_factory=set)  # runs to be read again
    new_runs: list[int] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)  # DAGs that failed too often
    expanded: list[tuple[Expansion, Sequence[int]]] = field(default_factory=list)
    """With the ids of all instances of the task, in the order of their indexes."""
