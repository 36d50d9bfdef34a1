"""Several schedulers on one metastore: one leads, and no change of leaders starts a task twice."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from flowctl import clock
from flowctl.store.engine import writing
from flowctl.store.schema import lease
from tests.bench.waiting import wait_until
from tests.faults import audit, ledger
from tests.faults.harness import SETTLED_S, Home
from tests.faults.processes import Role

TAKEOVERS = int(os.environ.get("FAULTS_TAKEOVERS", "2"))  # of three homes
LONG = timedelta(hours=1)
RUN_S = 5.0  # for a run of `layers` beside others
TERM = "SELECT term FROM lease WHERE name = 'scheduler'"


@pytest.fixture
def homes(tmp_path: Path, postgres_url: str) -> Iterator[tuple[Home, Home]]:
    """Give two homes on one PostgreSQL; the first one's scheduler leads."""
    first = Home(tmp_path / "first", postgres_url, shared=tmp_path)
    second = Home(tmp_path / "second", postgres_url, shared=tmp_path)
    try:
        first.prepare()
        second.prepare()
        first.start()
        first.await_process(Role.RUNNER)
        second.start()
        yield first, second
    finally:
        first.close()
        second.close()


def _term(home: Home) -> int:
    return int(home.ask(TERM)[0][0])


def _holder(home: Home) -> int:
    """Return the pid of the scheduler that holds the lease."""
    holder = json.loads(home.ask("SELECT holder FROM lease WHERE name = 'scheduler'")[0][0])
    return int(holder["process"]["pid"])


def _leader(*homes: Home) -> Home:
    """Return the home whose scheduler holds the lease."""
    pid = _holder(homes[0])
    return next(home for home in homes if home.scheduler.pid == pid)


def _await_lines(home: Home, count: int) -> None:
    """Wait until tasks wrote so many more lines."""
    wanted = len(home.lines()) + count
    home.patiently(lambda: len(home.lines()) >= wanted, f"{count} more lines")


def _depose(leader: Home) -> None:
    """Kill the leader, start it again as a standby, and wait until somebody leads.

    On a busy machine it may have lost the lease just before; then somebody does.
    """
    killed, began = leader.scheduler.pid, time.monotonic()
    leader.kill_scheduler()
    leader.start()
    leader.patiently(lambda: _holder(leader) != killed, "the next leader")
    ledger.current.recoveries_s.append(time.monotonic() - began)


def test_the_other_home_takes_over_and_leaves_running_tasks_to_their_home(
    homes: tuple[Home, Home],
) -> None:
    """The task goes on where it is; what follows starts at the new leader."""
    first, second = homes
    second.await_process(Role.SCHEDULER)
    first.trigger("gate")
    before = first.await_line("START", "waits")[0]
    first.kill_scheduler()
    second.await_process(Role.RUNNER)  # only a leader has one
    second.trigger("five")
    second.await_runs("five")
    first.open_gates()
    second.await_runs("gate")

    assert first.await_line("END", "waits")[0].process == before.process
    second.judge()


def test_a_task_that_ended_while_its_home_was_dead_is_recorded_when_the_home_is_back(
    homes: tuple[Home, Home],
) -> None:
    """The other home leads; the standby of the first settles what is its own."""
    first, second = homes
    first.trigger("gate")
    first.await_line("START", "waits")
    first.kill(first.processes(Role.SCHEDULER, Role.RUNNER, Role.BASE, Role.ZYGOTE))
    second.trigger("five")
    second.await_runs("five")
    first.open_gates()
    first.await_line("END", "waits")
    first.start()
    second.await_runs("gate")

    second.judge()


def test_a_suspended_leader_wakes_up_deposed_and_moves_nothing(
    homes: tuple[Home, Home],
) -> None:
    """SIGSTOP, a takeover, SIGCONT; work goes on and each task runs once.

    `tests/scheduler/test_leadership.py` says how soon the lease of a silent leader is taken.
    """
    first, second = homes
    first.trigger("layers", 2)
    first.await_line("END", "t1_1", 1)
    term = _term(first)
    first.scheduler.send_signal(signal.SIGSTOP)
    second.patiently(lambda: _term(second) > term, "the second leader")
    first.scheduler.send_signal(signal.SIGCONT)
    second.trigger("layers", 1)
    second.await_runs("layers")

    deposed = f"term {term} is over: another scheduler leads"
    wait_until(lambda: deposed in first.log.read_text(), SETTLED_S, "the end of the first's term")
    second.judge()


def test_leaders_that_are_killed_in_turn_start_nothing_twice(homes: tuple[Home, Home]) -> None:
    """Each is started again, as the standby of the other."""
    first, second = homes
    for leader in (first, second, first):
        leader.trigger("layers", 2)
        leader.await_line("END", "t0_0")
        _depose(leader)
    first.await_runs("layers")

    first.judge()


def test_three_homes_take_over_from_one_another(
    homes: tuple[Home, Home], tmp_path: Path, postgres_url: str
) -> None:
    """Whoever leads is killed; two are left each time, and one of them leads."""
    third = Home(tmp_path / "third", postgres_url, shared=tmp_path)
    try:
        third.prepare()
        third.start()
        for _ in range(TAKEOVERS):
            third.trigger("layers")
            _await_lines(third, 1)
            _depose(_leader(*homes, third))
        third.await_runs("layers", SETTLED_S + TAKEOVERS * RUN_S)
        third.judge()
    finally:
        third.close()


def test_a_pool_is_one_pool_for_all_homes(homes: tuple[Home, Home]) -> None:
    """Tasks of a deposed home go on while the next one starts others: never more than fit."""
    first, second = homes
    first.command("pools", "set", "three", "3", "for this test")
    first.trigger("pooled", 2)
    for leader in (first, second, first):
        _await_lines(first, 6)
        _depose(leader)
    first.await_runs("pooled")

    first.judge()
    ran = {line.subject for line in first.lines() if line.word == "END"}
    assert len(ran) == len(first.tasks())
    assert audit.most_at_once(first.lines()) == 3


def test_a_second_scheduler_of_one_home_takes_over(home: Home) -> None:
    """At once, although the lease has not ended: the kernel says that the first is gone."""
    first = home.scheduler
    home.start()
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    home.scheduler.send_signal(signal.SIGSTOP)  # it must not be sooner than the long lease
    first.kill()
    first.wait()
    with writing(home.engine) as conn:
        conn.execute(update(lease).values(expires_at=clock.utcnow() + LONG))
    home.scheduler.send_signal(signal.SIGCONT)
    home.open_gates()
    home.await_runs("gate")

    assert home.await_line("END", "waits")[0].process == before.process
    home.judge()
