"""Which scheduled runs are passed over, as there are newer ones or they are too old?

A run that is passed over is never made: its DAG goes on after its interval. The plan says from
where to where, and why.
"""

from datetime import datetime, timedelta

from flowctl.core.coming import latest, next_due
from flowctl.core.dag import Dag
from flowctl.core.draft import Draft
from flowctl.core.plan import PassedOver
from flowctl.core.timetables import Due

INSTANT = timedelta(microseconds=1)


def pass_over(draft: Draft, dag: Dag, due: Due, until: datetime, why: str) -> Due | None:
    """Pass over all runs from `due` on that came until a moment; return the one after them.

    Raises:
        Unforeseen: that one is not known yet.
    """
    if due.run_after > until:
        return due
    last = latest(dag, due, until)
    draft.plan.passed.append(PassedOver(dag.dag_id, due, last, why))
    return next_due(dag, last.interval, until)


def pass_over_older(draft: Draft, dag: Dag, due: Due, now: datetime, why: str) -> Due:
    """Pass over all runs from `due` on that have come, but for the newest; return that."""
    newest = latest(dag, due, now)
    if newest != due:
        last = latest(dag, due, newest.run_after - INSTANT)
        draft.plan.passed.append(PassedOver(dag.dag_id, due, last, why))
    return newest
