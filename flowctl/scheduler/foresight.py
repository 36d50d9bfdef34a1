"""Asking the timetables that users wrote: in children of the parser, and never waiting for them.

`core.tick` says which DAGs it lacks dates of, and which runs a data interval. One child answers for
one DAG: all runs that are due, and the first that is not (`parsing.foresight`). A timetable that
raises, hangs or talks nonsense is an error of its file, and is asked again after a while; other
DAGs do not notice.

Dates kept in the metastore from the time of parsing lost: they would have to be asked for again
after each run in any case, and a timetable may look at the present.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from flowctl.core.parsed import ParsedFile
from flowctl.core.plan import Plan
from flowctl.core.world import World
from flowctl.parsing.messages import Asked
from flowctl.parsing.parser import Answered, Parser
from flowctl.store import lease, timetables
from flowctl.store.engine import writing

LOG = logging.getLogger("flowctl.scheduler")

AGAIN_AFTER_ERROR_S = 30.0  # what it lacked may be there by then
AGAIN_AFTER_END_S = 300.0  # "no run for now" may change without a change of the file


@dataclass(frozen=True)
class _Question:
    version: str  # of the DAG that was asked
    runs: tuple[int, ...]  # that wait for a data interval


class Foresight:
    """Knows what was asked, and what is to be asked again."""

    def __init__(self, engine: Engine, parser: Parser, world: World, term: int) -> None:
        self._engine = engine
        self._parser = parser
        self._world = world
        self._term = term
        self._asked: dict[str, _Question] = {}
        self._failed: dict[str, float] = {}  # by DAG: not before this, by the monotonic clock
        self._ended: dict[str, float] = {}  # by DAG: forget then that there is no further run

    def next_look(self) -> float:
        """Return the seconds after which a timetable is to be asked again."""
        moments = [*self._failed.values(), *self._ended.values()]
        return max(0.0, min(moments, default=float("inf")) - time.monotonic())

    def ask(self, plan: Plan) -> None:
        """Ask for what a plan lacks, and is not being asked for."""
        self._forget_ends()
        waiting: dict[str, list[int]] = defaultdict(list)
        for pk in plan.no_interval:
            waiting[self._world.runs[pk].dag_id].append(pk)
        for dag_id in sorted(plan.unforeseen | waiting.keys()):
            dag = self._world.dags.get(dag_id)
            if dag is None or dag_id in self._asked or self._is_failing(dag_id):
                continue
            runs = tuple(waiting.get(dag_id, ()))
            self._asked[dag_id] = _Question(dag.version, runs)
            manual = tuple(self._world.runs[pk].logical_date for pk in runs)
            wants_dates = dag_id in plan.unforeseen
            asked = Asked(dag_id, dag.last_interval, wants_dates, manual)
            self._parser.ask(dag.graph.spec.file, asked)

    def parsed(self, files: Iterable[ParsedFile]) -> None:
        """Have the timetables of files that were parsed asked again at once."""
        for dag_id in {spec.dag_id for file in files for spec in file.specs}:
            self._failed.pop(dag_id, None)

    def take(self, now: datetime) -> set[int]:
        """Take in what was answered; return the runs that were given a data interval."""
        found = [(one, self._asked.pop(one.asked.dag_id)) for one in self._parser.answered()]
        filled: set[int] = set()
        for answered, question in found:
            filled |= self._take(answered, question, now)
        return filled

    def _take(self, answered: Answered, question: _Question, now: datetime) -> set[int]:
        dag_id, answers = answered.asked.dag_id, answered.answers
        dag = self._world.dags.get(dag_id)
        if dag is None or dag.version != question.version:
            return set()  # a newer one is asked next
        intervals = dict(zip(question.runs, answers.intervals, strict=True)) if answers else {}
        with writing(self._engine) as conn:
            lease.hold(conn, self._term, now)
            news = timetables.note(conn, dag.graph.spec.file, dag_id, answered.error, now)
            timetables.set_intervals(conn, intervals, now)
        if answers is None:
            self._failed[dag_id] = time.monotonic() + AGAIN_AFTER_ERROR_S
            self._refuse(question.runs, answered.error or "")
            if news:
                LOG.warning("the timetable of DAG %s does not answer: %s", dag_id, answered.error)
        elif answered.asked.wants_dates and dag.last_interval == answered.asked.last:
            self._world.foresee(dag_id, dag.last_interval, list(answers.dues), answers.is_all)
            if answers.is_all and not answers.dues:
                self._ended[dag_id] = time.monotonic() + AGAIN_AFTER_END_S
        return set(intervals)

    def _refuse(self, runs: tuple[int, ...], error: str) -> None:
        for pk in runs:
            if pk in self._world.runs:
                first_line = error.partition("\n")[0]
                self._world.runs[pk].refused = f"its timetable has no data interval: {first_line}"

    def _is_failing(self, dag_id: str) -> bool:
        if self._failed.get(dag_id, 0.0) > time.monotonic():
            return True
        self._failed.pop(dag_id, None)
        return False

    def _forget_ends(self) -> None:
        over = [dag_id for dag_id, at_s in self._ended.items() if at_s <= time.monotonic()]
        for dag_id in over:
            del self._ended[dag_id]
            self._world.forget_foreseen(dag_id)
