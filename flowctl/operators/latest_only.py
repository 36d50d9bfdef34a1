"""A branch that lets only the newest run go on."""

from collections.abc import Iterable
from typing import Any

from flowctl.authoring import timezone
from flowctl.authoring.timetables.contract import DataInterval
from flowctl.operators.branch import BaseBranchOperator


class LatestOnlyOperator(BaseBranchOperator):
    """Skips what follows, unless this run is the newest that the schedule makes.

    A run that a person or another DAG has started is never held back. Only what comes directly
    after this task is skipped; trigger rules decide about the rest.
    """

    ui_color = "#e9ffdb"

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    def choose_branch(self, context: Any) -> str | Iterable[str]:
        """Return all that follows, or nothing."""
        followers = sorted(context["task"].get_direct_relative_ids(upstream=False))
        run = context["dag_run"]
        if run.external_trigger:
            self.log.info("Going on: the run was started by hand")
            return followers
        return followers if self._is_latest(context["dag"], run) else []

    def _is_latest(self, dag: Any, run: Any) -> bool:
        """Say whether the run after this one is the next that is due; True if there is none."""
        now = timezone.utcnow()
        last = DataInterval(run.data_interval_start, run.data_interval_end)
        info = dag.next_dagrun_info(last, restricted=False)
        if info is None:
            self.log.info("Going on: the schedule has no run after this one")
            return True
        due = info.data_interval
        self.log.info(
            "The run after this one covers %s to %s; it is %s",
            due.start,
            due.end,
            now,
        )
        is_moment = due.start == due.end  # the run stands for no data
        return bool(now <= due.end and (is_moment or due.start < now))
