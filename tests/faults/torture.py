"""`python -m tests.faults.torture --kills 200 --tasks 2000`: kill at random, then judge.

The seed decides which process is killed when. It is printed, with the verdict; the moments of the
kernel are not ours, so a seed brings back a similar history and not the same one.
"""

import argparse
import random
import sys
import tempfile
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.waiting import pause_between
from tests.faults import ledger
from tests.faults.harness import Home
from tests.faults.processes import Process, Role
from tests.support import postgres

TASKS_PER_RUN = 50  # of the DAG `layers`
AHEAD_RUNS = 3  # so that there is always something to do
PAUSE_MAX_S = 1.5  # longer than a scheduler takes to start, so that some kills meet one at work
STRIKES_IN_A_ROW = (
    3  # then a task must begin or end before the next: else all is starved, not stuck
)
STILL_MAX_S = 60.0  # no task may begin or end for this long while there is one to do
LEFT_OVER_S = 30.0


def _some(*roles: Role) -> Callable[[list[Process], random.Random], list[Process]]:
    def choose(found: list[Process], chance: random.Random) -> list[Process]:
        victims = [process for process in found if process.role in roles]
        return [chance.choice(victims)] if victims else []

    return choose


def _attempts(found: list[Process], chance: random.Random) -> list[Process]:
    victims = [process for process in found if process.role is Role.ATTEMPT]
    return chance.sample(victims, min(len(victims), chance.randint(1, 3)))


def _all_but_attempts(found: list[Process], _chance: random.Random) -> list[Process]:
    return [process for process in found if process.role not in (Role.ATTEMPT, Role.COMMAND)]


def _everything(found: list[Process], _chance: random.Random) -> list[Process]:
    return found


FAULTS = {
    "scheduler": (5, _some(Role.SCHEDULER)),
    "runner": (4, _some(Role.RUNNER)),
    "zygote": (2, _some(Role.ZYGOTE)),
    "base zygote": (1, _some(Role.BASE)),
    "attempts": (4, _attempts),
    "scheduler and runner": (2, _some(Role.SCHEDULER, Role.RUNNER)),
    "all but attempts": (2, _all_but_attempts),
    "everything": (1, _everything),
}


def torture(home: Home, kills: int, tasks: int, seed: int) -> Counter[str]:
    """Run tasks under kills and judge; return how often what was killed.

    Raises:
        AssertionError: the promise was broken; the message says how.
    """
    chance = random.Random(seed)
    runs, triggered, done = -(-tasks // TASKS_PER_RUN), 0, Counter[str]()
    struck_ns: list[int] = []
    for number in range(kills):
        wanted = min(runs, AHEAD_RUNS + runs * number // kills)
        home.trigger("layers", wanted - triggered)
        triggered = wanted
        if number % STRIKES_IN_A_ROW == 0:
            _await_movement(home)
        pause_between(0, chance.uniform(0, PAUSE_MAX_S))
        struck_ns.append(time.monotonic_ns())
        done[_strike(home, chance)] += 1
    home.trigger("layers", runs - triggered)
    _await_movement(home)
    home.patiently(lambda: _have_ended(home), "the runs", STILL_MAX_S + tasks / 5)
    home.judge()
    ledger.current.recoveries_s += _recoveries(struck_ns, home)
    _require_clean_end(home)
    return done


def _recoveries(struck_ns: list[int], home: Home) -> list[float]:
    """Return after how many seconds the next task began or ended, after each strike."""
    moved_ns = sorted(line.at_ns for line in home.lines())
    places = [bisect(moved_ns, at) for at in struck_ns]
    pairs = zip(struck_ns, places, strict=True)
    return [(moved_ns[place] - at) / 1e9 for at, place in pairs if place < len(moved_ns)]


def _strike(home: Home, chance: random.Random) -> str:
    names = list(FAULTS)
    name = chance.choices(names, [FAULTS[name][0] for name in names])[0]
    victims = FAULTS[name][1](home.processes(), chance)
    home.kill(victims)
    if home.scheduler.pid in {victim.pid for victim in victims}:
        home.scheduler.wait(LEFT_OVER_S)
        home.start()
    return name


def _have_ended(home: Home) -> bool:
    is_over = _is_over(home)
    if not is_over:
        _require_movement(home)
    return is_over


def _await_movement(home: Home) -> None:
    """Wait until a task begins or ends, which one that could must do within `STILL_MAX_S`."""
    seen = len(home.lines())
    if seen:
        home.patiently(
            lambda: len(home.lines()) > seen or _is_over(home), "a task to move", STILL_MAX_S
        )


def _is_over(home: Home) -> bool:
    return all(state in ("success", "failed") for state in home.states("layers").values())


def _require_movement(home: Home) -> None:
    """Make sure that a task began or ended lately; there is always one that could."""
    last_ns = max((line.at_ns for line in home.lines()), default=time.monotonic_ns())
    still_s = (time.monotonic_ns() - last_ns) / 1e9
    assert still_s <= STILL_MAX_S, f"nothing happened for {still_s:.1f} s\n{home.situation()}"


def _require_clean_end(home: Home) -> None:
    home.trigger("five")
    home.await_runs("five")  # a scheduler that just began has no runner to take leave of
    home.scheduler.terminate()
    code = home.scheduler.wait(LEFT_OVER_S)
    assert code == 0, f"the scheduler ended with {code}"
    home.patiently(lambda: not home.processes(), "the end of every process", LEFT_OVER_S)


@contextmanager
def _metastore(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'flowctl.db'}"
        return
    with postgres.running_server() as server, server.database() as url:
        yield url


def main() -> int:
    """Torture a home of its own; return 0 if the promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}, {given.kills} kills, {given.tasks} tasks\n")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _metastore(given.database, Path(folder)) as url:
        home = Home(Path(folder), url)
        try:
            home.prepare()
            home.start()
            done = torture(home, given.kills, given.tasks, given.seed)
        except (AssertionError, TimeoutError) as error:
            sys.stdout.write(f"BROKEN with seed {given.seed}:\n{error}\n")
            return 1
        finally:
            home.close()
    took = time.monotonic() - began
    sys.stdout.write("".join(f"{count:5} x {name}\n" for name, count in done.most_common()))
    sys.stdout.write(f"kept: 0 lost, 0 run twice, 0 stuck, no try used up; {took:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
