"""The dates of a backfill of a DAG whose timetable a user wrote."""

from dataclasses import replace
from datetime import UTC

from flowctl.cli import finding
from flowctl.cli.metastore import reading
from flowctl.cli.settings import settings
from flowctl.core.backfill import RUNS_MAX
from flowctl.core.timetables import Due, Interval
from flowctl.parsing import now
from flowctl.parsing.messages import Asked
from flowctl.parsing.options import Options
from flowctl.store.backfills import Wanted


def foreseen(wanted: Wanted) -> Wanted:
    """Return what is wanted with its dates, where only the user's timetable can tell them.

    It is asked in a process of its own, and for at most one date too many.

    Raises:
        FlowctlError: it does not answer.
    """
    with reading() as conn:
        spec = finding.spec(conn, wanted.dag_id)
    if spec.schedule.kind != "own" or wanted.since > wanted.until:
        return wanted
    options = Options.from_config(settings())
    between = (wanted.since.astimezone(UTC), wanted.until.astimezone(UTC))
    found: list[Due] = []
    last: Interval | None = None
    while len(found) <= RUNS_MAX:
        answers = now.ask_now(options, spec.file, Asked(wanted.dag_id, last, between=between))
        found += answers.dues
        if answers.is_all or not answers.dues:
            break
        last = (found[-1].interval_start, found[-1].interval_end)
    return replace(wanted, answered=tuple(found))
