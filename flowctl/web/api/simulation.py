"""The coming runs, played, within bounds that a web server can bear; see `flowctl simulate`."""

from datetime import timedelta
from threading import Lock
from typing import Annotated, Any

import msgspec

from flowctl.core.collisions import Collision, collisions
from flowctl.core.plan import PassedOver
from flowctl.core.simulate import Foreseen, Simulation, TooLong
from flowctl.core.slots import EXECUTOR
from flowctl.executors import forecast
from flowctl.store import snapshot
from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.problems import BadRequest, NotFound, TooMany
from flowctl.web.reading import Moment, When, shown
from flowctl.web.routes import on_dag, route

DAYS_MAX = 31
MOVES_MAX = 10_000
"""Of task instances: about a second of work. Who wants more has the command line."""
ALONE = Lock()  # one at a time in a process: the others answer the pages
DEFAULT_TOOK_S = 60.0


class SimulationQuery(msgspec.Struct):
    """What to play; without DAGs all that are not paused, without an end one day."""

    since: Moment | None = None
    until: Moment | None = None
    dag_id: tuple[str, ...] = ()
    default_duration_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = DEFAULT_TOOK_S


class ComingRun(msgspec.Struct):
    dag_id: str
    run_id: str
    run_type: str
    logical_date: When
    due: When
    start_date: When | None
    end_date: When | None
    state: str


class PassedRuns(msgspec.Struct):
    """Runs that are never made, from one logical date to another."""

    dag_id: str
    first: When
    last: When
    why: str


class ComingCollision(msgspec.Struct):
    """A stretch in which one limit kept somebody waiting."""

    limit: str
    since: When
    until: When
    is_open: bool
    waits: int
    waited_s: float


class LoadStep(msgspec.Struct):
    since: When
    mean: float
    peak: int


class ComingLoad(msgspec.Struct):
    """The slots taken of the executor or a pool; -1 slots: no limit."""

    name: str
    is_pool: bool
    slots: int
    steps: list[LoadStep]


class Foretold(msgspec.Struct):
    since: When
    until: When
    runs: list[ComingRun]
    passed_over: list[PassedRuns]
    collisions: list[ComingCollision]
    step_s: float
    load: list[ComingLoad]
    tasks_without_history: list[str]
    left_out: dict[str, str]


@route("GET", "/simulation", may=on_dag(READ, "DAG Runs"), tag="View", errors=(400, 404, 429))
def get_simulation(call: Call[SimulationQuery, None]) -> Foretold:
    """Play the coming runs of up to 31 days: when they start, how full pools are, who waits."""
    asked = call.query
    begin = asked.since or call.now.replace(microsecond=0)
    end = asked.until or begin + timedelta(days=1)
    if not begin < end <= begin + timedelta(days=DAYS_MAX):
        raise BadRequest(f"`until` must come after `since`, by {DAYS_MAX} days at most")
    if not ALONE.acquire(blocking=False):
        raise TooMany(
            "somebody else's simulation is played; ask again", headers={"Retry-After": "2"}
        )
    try:
        return _told(call, _played(call, begin, end))
    except TooLong as error:
        raise BadRequest(f"{error}; ask for less, or use: flowctl simulate") from None
    finally:
        ALONE.release()


def _played(call: Call[SimulationQuery, None], begin: Any, end: Any) -> Simulation:
    took = timedelta(seconds=call.query.default_duration_s)
    mine = call.caller.dags()
    with call.reading() as conn:
        active = set(snapshot.dag_revisions(conn))
        seen = active if mine is None else active & set(mine)
        missing = set(call.query.dag_id) - seen
        if missing:
            raise NotFound(f"DAG {min(missing)!r} is not there")
        wanted = call.query.dag_id or (None if mine is None else sorted(seen))
        stretch = forecast.Stretch(
            wanted, begin, end, took, is_paused_left_out=not call.query.dag_id
        )
        return forecast.play(conn, call.site.conf, stretch, moves_max=MOVES_MAX)


def _told(call: Call[SimulationQuery, None], played: Simulation) -> Foretold:
    names = played.load.names if call.caller.may(READ, "Pools") else [EXECUTOR]
    step = forecast.step_of(played)
    return Foretold(
        since=shown(played.begin),
        until=shown(played.end),
        runs=[_run(one) for one in played.runs],
        passed_over=[_passed(one) for one in played.passed],
        collisions=[_collision(one) for one in collisions(played.waits, played.end)],
        step_s=step.total_seconds(),
        load=[
            ComingLoad(
                name,
                name != EXECUTOR,
                played.load.slots(name),
                [
                    LoadStep(shown(one.begin), round(one.mean, 3), one.peak)
                    for one in played.load.steps(name, played.begin, played.end, step)
                ],
            )
            for name in names
        ],
        tasks_without_history=[".".join(name) for name in sorted(played.unknown)],
        left_out=played.left_out,
    )


def _run(one: Foreseen) -> ComingRun:
    return ComingRun(
        one.dag_id,
        one.run_id,
        one.run_type.value,
        shown(one.logical_date),
        shown(one.due),
        shown(one.start),
        shown(one.end),
        one.state.value,
    )


def _passed(one: PassedOver) -> PassedRuns:
    return PassedRuns(
        one.dag_id, shown(one.first.logical_date), shown(one.last.logical_date), one.why
    )


def _collision(one: Collision) -> ComingCollision:
    return ComingCollision(
        one.limit,
        shown(one.begin),
        shown(one.end),
        one.is_open,
        one.waits,
        one.waited.total_seconds(),
    )
