"""What becomes of a scheduled run that is due while an earlier one has not ended? `DAG.overlap`.

Only runs that a schedule of time made count as earlier ones, whoever clears them later. Those of
people, assets and backfills neither keep a run from being made nor are they cancelled.

Where not all runs wait, of those that are overdue only the newest is made: after an hour in which a
run of every minute could not be made, one run of the latest minute says more than sixty. The first
that had to wait lost: its data is the oldest, and the next one is as late again.
"""

from typing import NamedTuple


class Overlap(NamedTuple):
    """One policy."""

    waits: bool  # what is due waits until the earlier run has ended; else it is passed over
    is_newest_only: bool  # of all that wait only the newest is made, the others are passed over
    cancels: bool = False  # the earlier run is ended


QUEUE_ALL = "queue_all"

OVERLAPS = {
    QUEUE_ALL: Overlap(waits=True, is_newest_only=False),
    "queue_one": Overlap(waits=True, is_newest_only=True),
    "skip": Overlap(waits=False, is_newest_only=True),
    "cancel_running": Overlap(waits=True, is_newest_only=True, cancels=True),
}
"""With `queue_all`, as many run at once as `max_active_runs` allows."""
