"""Which scheduled run follows which, and which is the latest that has come?"""

from datetime import datetime

from flowctl.core.dag import Dag
from flowctl.core.timetables import Asked, Due, Interval, timetable_of


class Unforeseen(Exception):
    """The user's own timetable has not been asked, or not for this."""


def next_due(dag: Dag, last: Interval | None, now: datetime) -> Due | None:
    """Return the scheduled run that follows the interval `last`, or None when there is none.

    Raises:
        Unforeseen: only the code of the DAG file knows; see `scheduler.foresight`.
    """
    spec = dag.graph.spec
    if spec.schedule.kind == "own":
        if last not in dag.foreseen:
            raise Unforeseen
        return dag.foreseen[last]
    asked = Asked(last, spec.start_date, spec.end_date, spec.catchup, now)
    return timetable_of(spec.schedule).next_due(asked)


def latest(dag: Dag, due: Due, moment: datetime) -> Due:
    """Return the last run that comes until a moment: `due`, which does, or one of those after it.

    Of a user's own timetable it is the last one that is known.
    """
    spec = dag.graph.spec
    until = moment if spec.end_date is None else min(moment, spec.end_date)
    found = due
    if until > due.run_after:
        found = timetable_of(spec.schedule).leap(due, until)
    while (following := _known(dag, found, moment)) is not None and following.run_after <= moment:
        found = following
    return found


def _known(dag: Dag, due: Due, now: datetime) -> Due | None:
    try:
        return next_due(dag, due.interval, now)
    except Unforeseen:
        return None
