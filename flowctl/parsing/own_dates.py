"""The dates that the timetable of a user names in a span of time."""

from datetime import datetime

from flowctl.config import Config
from flowctl.core.backfill import RUNS_MAX
from flowctl.core.spec import DagSpec
from flowctl.core.timetables import Due, Interval
from flowctl.parsing import now
from flowctl.parsing.messages import Asked
from flowctl.parsing.options import Options


def between(conf: Config, spec: DagSpec, span: tuple[datetime, datetime]) -> tuple[Due, ...]:
    """Ask the timetable of a DAG, in a process of its own, for at most one date too many.

    Raises:
        FlowctlError: it does not answer.
    """
    options = Options.from_config(conf)
    found: list[Due] = []
    last: Interval | None = None
    while len(found) <= RUNS_MAX:
        answers = now.ask_now(options, spec.file, Asked(spec.dag_id, last, between=span))
        found += answers.dues
        if answers.is_all or not answers.dues:
            break
        last = (found[-1].interval_start, found[-1].interval_end)
    return tuple(found)
