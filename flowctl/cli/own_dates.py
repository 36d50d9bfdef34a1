"""The dates of a backfill of a DAG whose timetable a user wrote."""

from dataclasses import replace
from datetime import UTC

from flowctl.cli import finding
from flowctl.cli.metastore import reading
from flowctl.cli.settings import settings
from flowctl.parsing import own_dates
from flowctl.store.backfills import Wanted


def foreseen(wanted: Wanted) -> Wanted:
    """Return what is wanted with its dates, where only the user's timetable can tell them.

    Raises:
        FlowctlError: it does not answer.
    """
    with reading() as conn:
        spec = finding.spec(conn, wanted.dag_id)
    if spec.schedule.kind != "own" or wanted.since > wanted.until:
        return wanted
    span = (wanted.since.astimezone(UTC), wanted.until.astimezone(UTC))
    return replace(wanted, answered=own_dates.between(settings(), spec, span))
