"""The dates of a backfill before it is made; a timetable of the user's names them in a child.

Telling thousands takes up to seconds, in which nobody else can write where the metastore is SQLite:
so it is done before.
"""

from dataclasses import replace
from datetime import UTC, datetime

from flowctl.config import Config
from flowctl.core.backfill import RUNS_MAX, SPAN_MAX, BackfillError, dates, too_many
from flowctl.core.spec import DagSpec
from flowctl.core.timetables import Due, Interval
from flowctl.parsing.messages import Asked
from flowctl.parsing.now import ask_now
from flowctl.parsing.options import Options
from flowctl.store.backfills import Wanted

QUESTIONS_MAX = 5  # each takes two seconds at most, see `foresight`; somebody waits for them


def foreseen(conf: Config, spec: DagSpec, wanted: Wanted, now: datetime) -> Wanted:
    """Return what is wanted with its dates.

    Raises:
        BackfillError: there are too many, or the DAG has none by itself.
        FlowctlError: the timetable of a user does not answer.
    """
    span = (wanted.since.astimezone(UTC), wanted.until.astimezone(UTC))
    if span[0] > span[1]:
        return wanted  # it is refused where it is made
    is_own = spec.schedule.kind == "own"
    return replace(
        wanted, answered=between(conf, spec, span) if is_own else dates(spec, *span, now)
    )


def between(conf: Config, spec: DagSpec, span: tuple[datetime, datetime]) -> tuple[Due, ...]:
    """Ask the timetable of a DAG, in a process of its own, for at most one date too many.

    Raises:
        BackfillError: the time is too long to be told of.
        FlowctlError: it does not answer.
    """
    if span[1] - span[0] > SPAN_MAX:
        raise too_many(spec.dag_id, *span)
    options = Options.from_config(conf)
    found: list[Due] = []
    last: Interval | None = None
    for _ in range(QUESTIONS_MAX):
        left = RUNS_MAX + 1 - len(found)
        asked = Asked(spec.dag_id, last, between=span, runs_max=left)
        answers = ask_now(options, spec.file, asked)
        found += answers.dues
        if answers.is_all or not answers.dues or len(found) > RUNS_MAX:
            return tuple(found)
        last = found[-1].interval
    raise BackfillError(
        f"the timetable of DAG {spec.dag_id!r} is slow: it named {len(found)} dates from {span[0]}"
        f" to {last[1] if last else span[0]}; fill no longer time than this, then the next"
    )
