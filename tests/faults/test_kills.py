"""Each process of flowctl is killed while tasks run; nothing is lost and nothing runs twice."""

import contextlib
import signal

import pytest

from flowctl.runner import messages, sockets
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.recorder import STARTED_HELD_S
from tests.bench.waiting import pause, wait_until
from tests.faults.harness import SETTLED_S, Home
from tests.faults.processes import Process, Role, parent

STANDING = (Role.SCHEDULER, Role.RUNNER, Role.BASE, Role.ZYGOTE, Role.PARSER)


def test_without_faults_every_task_runs_once(home: Home) -> None:
    """The harness itself: a clean run is judged clean."""
    home.trigger("layers")
    home.await_runs("layers")

    home.judge()


@pytest.mark.parametrize("role", [Role.RUNNER, Role.BASE, Role.ZYGOTE])
def test_killing_a_helper_disturbs_no_running_task(home: Home, role: Role) -> None:
    """The task keeps its process and its try; what comes after it starts."""
    home.trigger("gate")
    before = home.await_line("START", "waits")
    home.kill(home.processes(role))

    home.open_gates()
    home.await_runs("gate")

    home.judge()
    assert home.await_line("END", "waits")[0].process == before[0].process


@pytest.mark.parametrize("role", [Role.RUNNER, Role.BASE, Role.ZYGOTE])
def test_killing_a_helper_under_load_loses_nothing(sqlite_home: Home, role: Role) -> None:
    """Three times in the middle of many short tasks."""
    home = sqlite_home
    home.trigger("layers", 3)
    for count in (2, 12, 30):
        home.await_line("END", f"t{count // 10}_{count % 10}")
        home.kill(home.processes(role))
    home.await_runs("layers")

    home.judge()


def test_a_task_outlives_its_scheduler_with_its_pid_and_its_first_try(home: Home) -> None:
    """A restart adopts; it uses up nothing."""
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    home.kill_scheduler()
    home.start()
    home.trigger("five")
    home.await_runs("five")

    home.open_gates()
    home.await_runs("gate")

    after = home.await_line("END", "waits")[0]
    assert (after.process, after.try_number) == (before.process, 1)
    home.judge()


@pytest.mark.parametrize("victims", [(role,) for role in STANDING] + [STANDING], ids=str)
def test_a_waiting_sensor_outlives_whatever_is_killed(
    sqlite_home: Home, victims: tuple[Role, ...]
) -> None:
    """It has no process; it goes on with the try it had, at its time."""
    home = sqlite_home
    run_id = home.trigger("waiting")[0]
    home.await_line("LOOK", "waits", 2)
    home.kill(home.processes(*victims))
    if Role.SCHEDULER in victims:
        home.scheduler.wait(SETTLED_S)
        home.start()
    home.await_line("LOOK", "waits", 4)

    home.open_gates()
    home.await_runs("waiting")

    home.judge()
    (tried,) = home.tries(run_id, "waits")
    assert tried.try_number >= 5


def test_a_runner_that_yields_leaves_its_tasks_to_the_next(sqlite_home: Home) -> None:
    """As when flowctl itself was replaced by another version."""
    home = sqlite_home
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    home.kill_scheduler()
    channel = Channel(sockets.connect(home.path / "run" / "runner.sock"), messages.TO_EXECUTOR)
    term = home.ask("SELECT term FROM lease")[0][0]
    channel.send(messages.Hello(term, "1", 8))
    channel.receive()
    channel.send(messages.Leave(at_once=True))
    with contextlib.suppress(Closed):  # that is how it says that it is gone
        while True:
            channel.receive()
    channel.close()
    home.start()
    home.open_gates()
    home.await_runs("gate")

    after = home.await_line("END", "waits")[0]
    assert (after.process, after.try_number) == (before.process, 1)
    home.judge()


def test_a_stopped_scheduler_ends_at_once_and_leaves_its_tasks_running(home: Home) -> None:
    """SIGTERM ends the scheduler, before its task has; the next one takes the task over."""
    home.trigger("gate")
    before = home.await_line("START", "waits")[0]
    home.scheduler.send_signal(signal.SIGTERM)
    assert home.scheduler.wait(SETTLED_S) == 0

    home.start()
    home.open_gates()
    home.await_runs("gate")

    after = home.await_line("END", "waits")[0]
    assert (after.process, after.try_number) == (before.process, 1)
    home.judge()


def test_a_task_that_ends_while_all_of_flowctl_is_gone_is_recorded_afterwards(home: Home) -> None:
    """Its journal tells; it is not run again."""
    home.trigger("gate")
    home.await_line("START", "waits")
    home.kill(home.processes(*STANDING))

    home.open_gates()
    home.await_line("END", "waits")
    home.start()
    home.await_runs("gate")

    home.judge()


def test_after_everything_was_killed_each_task_is_retried_once(home: Home) -> None:
    """Attempts too; nobody is left who saw how they ended."""
    home.trigger("gate", 3)
    home.await_line("START", "waits", 3)
    home.kill(home.processes())
    wait_until(lambda: not home.processes(), SETTLED_S, "the end of everything")

    home.open_gates()
    home.start()
    home.await_runs("gate")

    home.judge()
    assert {row.try_number for row in home.tasks().values()} == {1, 2}


def test_a_killed_attempt_is_retried_once_and_its_callback_runs_once(home: Home) -> None:
    """The reason names the signal; without retries the task has failed."""
    run_id = home.trigger("gates")[0]
    victims = [home.await_line("START", name)[0].process for name in ("retried", "once")]
    home.kill([p for p in home.processes() if (p.pid, p.start_ticks) in victims])
    home.await_line("START", "retried", 2)
    home.await_line("RETRY", "retried")
    home.await_line("FAILURE", "once")

    home.open_gates()
    home.await_runs("gates")
    home.await_line("SUCCESS", "retried")

    assert home.states("gates") == {run_id: "failed"}
    first, second = home.tries(run_id, "retried")
    assert first.state == "up_for_retry"
    assert "killed by signal 9" in first.reason
    assert (second.try_number, second.state) == (2, "success")
    (only,) = home.tries(run_id, "once")
    assert (only.state, only.signal) == ("failed", 9)
    words = sorted(line.word for line in home.lines() if line.word not in ("START", "END"))
    assert words == ["FAILURE", "RETRY", "SUCCESS"]


def test_an_order_that_was_stuck_in_a_zygote_does_not_run_a_task_again(sqlite_home: Home) -> None:
    """The runner died, the next one had the task run; then the old zygote wakes up."""
    home = sqlite_home
    home.trigger("five")
    home.await_runs("five")
    asleep = home.await_process(Role.ZYGOTE)
    asleep.signal(signal.SIGSTOP)
    home.trigger("five")
    home.patiently(lambda: any(row.state == "queued" for row in home.tasks().values()), "an order")
    runner = home.await_process(Role.RUNNER)
    home.kill([runner])
    home.await_runs("five")

    asleep.signal(signal.SIGCONT)
    wait_until(lambda: not asleep.is_alive, SETTLED_S, "the end of the old zygote")
    home.judge()


def test_a_process_that_is_slow_to_begin_uses_up_no_try(sqlite_home: Home) -> None:
    """Its runner is killed when it has the order, and nothing of it is on disk."""
    home = sqlite_home
    home.trigger("five")
    home.await_runs("five")
    waiting: list[Process] = []

    def found() -> bool:
        zygotes = home.processes(Role.ZYGOTE)
        pids = {zygote.pid for zygote in zygotes}
        waiting[:] = [one for one in zygotes if parent(one.pid) in pids]
        return bool(waiting)

    home.patiently(found, "a process that waits for an order")
    spare = waiting[0]
    spare.signal(signal.SIGSTOP)
    home.trigger("five")
    home.patiently(lambda: any(row.state == "queued" for row in home.tasks().values()), "an order")
    pause(5 * STARTED_HELD_S)
    home.kill([home.await_process(Role.RUNNER)])
    home.await_runs("five")

    spare.signal(signal.SIGCONT)
    wait_until(lambda: not spare.is_alive, SETTLED_S, "the end of the slow process")
    home.judge()
