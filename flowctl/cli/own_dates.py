"""The dates of a backfill, told before anything is written."""

from flowctl import clock
from flowctl.cli import finding
from flowctl.cli.metastore import reading
from flowctl.cli.settings import settings
from flowctl.parsing import own_dates
from flowctl.store.backfills import Wanted


def foreseen(wanted: Wanted) -> Wanted:
    """Return what is wanted with its dates.

    Raises:
        FlowctlError: there are too many, or the timetable of a user does not answer.
    """
    with reading() as conn:
        spec = finding.spec(conn, wanted.dag_id)
    return own_dates.foreseen(settings(), spec, wanted, clock.utcnow())
