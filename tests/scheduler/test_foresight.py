"""The scheduler asks users' timetables through the parser, once at a time, and takes no harm."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from flowctl.core.fulfilment import absorb
from flowctl.core.parsed import ParsedFile
from flowctl.core.plan import Plan
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.core.states import RunState
from flowctl.core.tick import decide
from flowctl.core.timetables import Due
from flowctl.core.world import World
from flowctl.parsing.messages import Answers, Asked
from flowctl.parsing.parser import Answered
from flowctl.scheduler.foresight import Foresight
from flowctl.scheduler.memory import Memory
from flowctl.store import dags, lease, triggers
from flowctl.store.engine import reading, writing
from flowctl.store.queries import files

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = ScheduleSpec("own", timetable="mine.Odd")


class FakeParser:
    """Remembers what it is asked; the test answers."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answered] = []

    def ask(self, file: str, asked: Asked) -> None:
        assert file == "a.py"
        self.asked.append(asked)

    def answered(self) -> list[Answered]:
        answers, self.answers = self.answers, []
        return answers


class Site:
    """A metastore with one DAG, the scheduler's memory of it, and who asks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.parser = FakeParser()
        self.world = World(parallelism=4)
        self.memory = Memory(self.world)
        with writing(engine) as conn:
            held = lease.take(conn, "test", NOW)
            spec = DagSpec("d", "a.py", (TaskSpec("t"),), schedule=OWN, start_date=NOW)
            parsed = ParsedFile("a.py", "1", (spec,), source=b"1")
            dags.record(conn, parsed, NOW, paused_at_creation=False)
        assert held is not None
        parser: Any = self.parser
        self.foresight = Foresight(engine, parser, self.world, held)

    def tick(self) -> Plan:
        """Do what the loop does about timetables."""
        self.memory.stale |= self.foresight.take(NOW)
        with reading(self.engine) as conn:
            self.memory.refresh(conn)
        plan = decide(self.world, NOW)
        absorb(self.world, plan, NOW)
        self.foresight.ask(plan)
        return plan

    def answer(self, error: str | None = None, **said: Any) -> None:
        """Have the parser answer the last question."""
        answers = None if error else Answers(**said)
        self.parser.answers.append(Answered(self.parser.asked[-1], answers, error))

    def errors(self) -> list[str]:
        with reading(self.engine) as conn:
            return [row.error for row in files.import_errors(conn)]


def test_a_question_is_asked_once_and_its_answer_makes_runs(engine: Engine) -> None:
    site = Site(engine)
    site.tick()
    site.tick()
    site.answer(dues=(Due(NOW, NOW, NOW, NOW),))
    plan = site.tick()

    assert site.parser.asked == [Asked("d", None), Asked("d", (NOW, NOW))]
    assert [new.due.logical_date for new in plan.new_runs] == [NOW]


def test_a_timetable_that_fails_is_an_error_and_is_left_alone_for_a_while(engine: Engine) -> None:
    site = Site(engine)
    site.tick()
    site.answer(error="KeyError: 'x'")
    site.tick()
    site.tick()

    assert site.errors() == ["The timetable of DAG 'd' does not answer: KeyError: 'x'"]
    assert len(site.parser.asked) == 1
    assert 0 < site.foresight.next_look() <= 30


def test_a_changed_file_has_it_asked_at_once(engine: Engine) -> None:
    site = Site(engine)
    site.tick()
    site.answer(error="KeyError: 'x'")
    site.tick()
    site.foresight.parsed([ParsedFile("a.py", "2", (DagSpec("d", "a.py"),))])
    site.tick()
    site.answer(dues=(), is_all=True)
    site.tick()

    assert len(site.parser.asked) == 2
    assert site.errors() == []


def test_a_manual_run_gets_its_interval_or_fails(engine: Engine) -> None:
    site = Site(engine)
    site.tick()
    site.answer(dues=(), is_all=True)
    site.tick()
    starts: list[RunState] = []
    answers: list[dict[str, Any]] = [
        {"intervals": ((NOW - timedelta(hours=1), NOW),)},
        {"error": "KeyError: 'x'"},
    ]
    for said in answers:
        at = NOW + timedelta(hours=len(starts))
        with writing(engine) as conn:
            wanted = triggers.Trigger("d", logical_date=at)
            pk = triggers.trigger(conn, wanted, "ann", NOW)
        site.tick()
        assert site.parser.asked[-1] == Asked("d", None, False, (at,))
        site.answer(**said)
        moves = {move.run_pk: move for move in site.tick().run_moves}
        starts.append(moves[pk].new)

    assert starts == [RunState.RUNNING, RunState.FAILED]
    assert moves[pk].reason == "its timetable has no data interval: KeyError: 'x'"
