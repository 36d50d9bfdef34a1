"""How much history is kept?

A site has limits by age, by count and by bytes; a DAG may say its own. This module says from them
what is too old or too much. What must stay all the same, because it is unfinished or somebody leans
on it, the metastore knows (`store.cleaning`), which asks it again in the moment of deleting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

PARTS = ("dag_run", "xcom", "asset_event", "backfill", "dag_version", "dag", "token", "log", "job")
"""What has an age in the metastore; named after the table that has such rows under Airflow, and
after ours where Airflow has none. The order is that of deleting: what goes may set others free."""


class Retention(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a DAG says of its history. None: what the site says; 0: without limit."""

    age: timedelta | None = None  # of runs since their end, with tasks, tries, XComs and logs
    runs: int | None = None  # how many of them, the newest
    log_age: timedelta | None = None  # of log files since the last line
    log_bytes: int | None = None  # all its log files together


@dataclass(frozen=True)
class Limits:
    """What a site says. An age or a number that is not there has no limit."""

    ages: Mapping[str, timedelta] = field(default_factory=dict)  # by part
    runs_max: int = 0  # of each DAG; 0: without limit
    runs_kept: int = 1  # the newest of each DAG that stay, however old they are
    versions_max: int = 0  # of each DAG, of those that no run has; 0: without limit
    log_age: timedelta = timedelta()  # 0: without limit
    log_share: float = 0.0  # of the disk, that all log files together may take
    log_bytes: int = 0  # the same in bytes; 0: without limit
    is_on: bool = True


KEEPS_ALL = Limits(is_on=False)


class Policy:
    """The limits in one moment."""

    def __init__(self, limits: Limits, own: Mapping[str, Retention], now: datetime) -> None:
        """Take the limits, and those that DAGs have of their own."""
        self.limits = limits
        self.own = own
        self.now = now
        self._before = {part: now - age for part, age in limits.ages.items()}

    def before(self, part: str) -> datetime | None:
        """Return what is too old in a part of the metastore; None: nothing is."""
        return self._before.get(part)

    def run_before(self, dag_id: str) -> datetime | None:
        """Return before when runs of a DAG must have ended to be too old; None: none is."""
        own = self.own.get(dag_id)
        if own is None or own.age is None:
            return self.before("dag_run")
        return self.now - own.age if own.age else None

    @property
    def any_run_before(self) -> datetime | None:
        """Return before when a run of any DAG must have ended to be too old."""
        moments = [self.before("dag_run"), *map(self.run_before, self.own)]
        return max((moment for moment in moments if moment is not None), default=None)

    def is_old_run(self, dag_id: str, ended_at: datetime) -> bool:
        """Say whether a run ended too long ago."""
        before = self.run_before(dag_id)
        return before is not None and ended_at < before

    def runs_max(self, dag_id: str) -> int:
        """Return how many runs of a DAG stay, 0 for any number."""
        own = self.own.get(dag_id)
        most = self.limits.runs_max if own is None or own.runs is None else own.runs
        return max(most, self.limits.runs_kept) if most else 0

    def log_before(self, dag_id: str) -> datetime | None:
        """Return before when a log file of a DAG must have been written last to be too old."""
        own = self.own.get(dag_id)
        age = self.limits.log_age if own is None or own.log_age is None else own.log_age
        return self.now - age if age else None

    def log_bytes(self, dag_id: str) -> int:
        """Return how much the log files of one DAG may take, 0 for any amount."""
        own = self.own.get(dag_id)
        return own.log_bytes or 0 if own is not None else 0

    def all_log_bytes(self, disk_bytes: int) -> int:
        """Return how much all log files may take of a disk of that size, 0 for any amount."""
        return self.limits.log_bytes or int(disk_bytes * self.limits.log_share)


def older_than(before: datetime, now: datetime) -> Policy:
    """Return the policy of a person who wants to be rid of what is older."""
    ages = dict.fromkeys(PARTS, now - before)
    return Policy(Limits(ages), {}, now)


SLOT_S = 600
Slot = int  # ten minutes, counted from 1970
Sizes = dict[Slot, int]  # bytes of the files that were last written in them; a year has 52,560


def cut(sizes: Sizes, bytes_max: int) -> Slot:
    """Return the first slot whose files, with all newer ones, take no more than `bytes_max`.

    What was written before it is too much; nothing is where `bytes_max` is 0.
    """
    total = 0
    for slot in sorted(sizes, reverse=True) if bytes_max else ():
        total += sizes[slot]
        if total > bytes_max:
            return slot + 1
    return 0


def shown(own: Retention | None, limits: Limits) -> dict[str, Any]:
    """Return what counts for a DAG, in words and numbers; None where there is no limit."""
    if not limits.is_on:
        return {"enabled": False}
    own = own or Retention()
    age = own.age if own.age is not None else limits.ages.get("dag_run")
    log_age = own.log_age if own.log_age is not None else limits.log_age
    return {
        "run_days": age / timedelta(days=1) if age else None,
        "runs": (limits.runs_max if own.runs is None else own.runs) or None,
        "log_days": log_age / timedelta(days=1) if log_age else None,
        "log_bytes": own.log_bytes or None,
    }
