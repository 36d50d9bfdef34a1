"""Ask a real Airflow 2.10.5 what it answers, and write the answers beside this file.

Run with the Python of an environment that has Airflow, and an `AIRFLOW_HOME` of its own:

    python tests/core/data/ask_airflow.py trigger_rules retries timetables cron

Nothing here imports flowctl, and no test imports this.
"""

import hashlib
import json
import sys
from array import array
from datetime import UTC, timedelta
from itertools import combinations_with_replacement, product
from multiprocessing import Pool
from pathlib import Path
from unittest.mock import MagicMock, patch

import pendulum
from airflow import DAG
from airflow.models.taskinstance import TaskInstance
from airflow.operators.empty import EmptyOperator
from airflow.ti_deps.dep_context import DepContext
from airflow.ti_deps.deps.trigger_rule_dep import TriggerRuleDep
from airflow.timetables.base import DataInterval, TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable
from airflow.timetables.trigger import CronTriggerTimetable
from airflow.utils.trigger_rule import TriggerRule
from croniter import CroniterBadDateError
from dateutil.relativedelta import relativedelta

HERE = Path(__file__).parent
START = pendulum.datetime(2024, 1, 1)

# ---------------------------------------------------------------- trigger rules

LETTERS = {
    "s": "success",
    "f": "failed",
    "u": "upstream_failed",
    "k": "skipped",
    "r": "removed",
    "-": None,
}
UPSTREAM_MAX = 4


def trigger_rules() -> None:
    """Write, for each rule, one letter for each mix of upstream states."""
    mixes = [
        "".join(mix)
        for count in range(UPSTREAM_MAX + 1)
        for mix in combinations_with_replacement(LETTERS, count)
    ]
    rules = [rule.value for rule in TriggerRule]
    answers = {rule: "".join(_settle(rule, mix) for mix in mixes) for rule in rules}
    write("trigger_rules", {"mixes": mixes, "answers": answers})


def _settle(rule: str, mix: str) -> str:
    """Return R (runs), W (waits), S (is skipped), U (upstream failed) or X (removed)."""
    with DAG("d", schedule=None, start_date=START) as dag:
        target = EmptyOperator(task_id="target", trigger_rule=rule)
        for number in range(len(mix)):
            EmptyOperator(task_id=f"up{number}") >> target
    finished = []
    for number, letter in enumerate(mix):
        if letter != "-":
            instance = TaskInstance(dag.get_task(f"up{number}"), run_id="r", state=LETTERS[letter])
            finished.append(instance)
    instance = TaskInstance(target, run_id="r")
    context = DepContext(flag_upstream_failed=True, finished_tis=finished)
    with patch.object(TaskInstance, "get_dagrun"):
        statuses = list(TriggerRuleDep()._get_dep_statuses(instance, MagicMock(), context))
    if instance.state:
        return {"skipped": "S", "upstream_failed": "U", "removed": "X"}[instance.state]
    return "R" if all(status.passed for status in statuses) else "W"


# ---------------------------------------------------------------- retries


def retries() -> None:
    """Write the seconds from the end of a try to the next, for many policies and tries."""
    delays = (0, 0.25, 1, 7.5, 60, 300, 3600, 100_000)
    tries = (1, 2, 3, 4, 5, 8, 12, 20, 50, 200)
    rows = [
        [delay, exponential, cap, task_id, number, _retry(delay, exponential, cap, task_id, number)]
        for delay, exponential, cap, task_id, number in product(
            delays, (False, True), (None, 90, 1000), ("a", "group.b"), tries
        )
        if exponential or (number in (1, 3) and task_id == "a")
    ]
    write("retries", rows)


def _retry(delay: float, exponential: bool, cap: int | None, task_id: str, number: int) -> float:
    with DAG("d", schedule=None, start_date=START):
        task = EmptyOperator(
            task_id=task_id,
            retry_delay=timedelta(seconds=delay),
            retry_exponential_backoff=exponential,
            max_retry_delay=None if cap is None else timedelta(seconds=cap),
        )
    instance = TaskInstance(task, run_id="r")
    instance.try_number = number
    instance.end_date = START
    date = pendulum.datetime(2024, 2, 3, 4, 5, 6, 7 * number)
    with patch.object(TaskInstance, "execution_date", date, create=True):
        return (instance.next_retry_datetime() - START).total_seconds()


# ---------------------------------------------------------------- timetables

SCHEDULES = {
    "none": NullTimetable(),
    "once": OnceTimetable(),
    "continuous": ContinuousTimetable(),
    "cron 0 0 * * * UTC": CronDataIntervalTimetable("0 0 * * *", "UTC"),
    "cron @hourly Asia/Kolkata": CronDataIntervalTimetable("@hourly", "Asia/Kolkata"),
    "cron 30 6 * * 1-5 America/New_York": CronDataIntervalTimetable(
        "30 6 * * 1-5", "America/New_York"
    ),
    "cron @monthly Europe/Zurich": CronDataIntervalTimetable("@monthly", "Europe/Zurich"),
    "trigger 0 0 * * * UTC": CronTriggerTimetable("0 0 * * *", timezone="UTC"),
    "trigger 15 */6 * * * Asia/Tokyo": CronTriggerTimetable("15 */6 * * *", timezone="Asia/Tokyo"),
    "delta 86400": DeltaDataIntervalTimetable(timedelta(days=1)),
    "delta 5400": DeltaDataIntervalTimetable(timedelta(minutes=90)),
    "relative months=1": DeltaDataIntervalTimetable(relativedelta(months=1)),
    "relative days=2 hours=3": DeltaDataIntervalTimetable(relativedelta(days=2, hours=3)),
}
NOWS = ("2024-05-10T00:00:00", "2024-05-10T13:37:21.5", "2024-05-31T23:59:59.999999")
EARLIEST = (None, "2024-05-01T00:00:00", "2024-05-08T07:45:00", "2024-06-15T12:00:00")
LATEST = (None, "2024-05-08T00:00:00", "2024-05-31T12:00:00")
LAST = (
    None,
    ("2024-05-07T00:00:00", "2024-05-08T00:00:00"),
    ("2024-05-08T09:15:00", "2024-05-08T10:20:00"),
)


def timetables() -> None:
    """Write which run follows, and the interval of a manual run, for a table of situations."""
    answers = {}
    for name, timetable in SCHEDULES.items():
        due = [
            _next(timetable, *case) for case in product(NOWS, EARLIEST, LATEST, LAST, (True, False))
        ]
        manual = [timetable.infer_manual_data_interval(run_after=parse(now)) for now in NOWS]
        answers[name] = {"due": due, "manual": [[text(m.start), text(m.end)] for m in manual]}
    axes = {"now": NOWS, "earliest": EARLIEST, "latest": LATEST, "last": LAST}
    write("timetables", {"axes": axes, "answers": answers})


def _next(timetable, now, earliest, latest, last, catchup):
    modules = ("airflow.timetables.interval.utcnow", "airflow.utils.timezone.utcnow")
    with patch(modules[0], lambda: parse(now)), patch(modules[1], lambda: parse(now)):
        info = timetable.next_dagrun_info(
            last_automated_data_interval=last and DataInterval(parse(last[0]), parse(last[1])),
            restriction=TimeRestriction(parse(earliest), parse(latest), catchup),
        )
    if info is None:
        return None
    assert info.logical_date == info.data_interval.start
    assert info.run_after == info.data_interval.end
    return f"{text(info.data_interval.start)} {text(info.data_interval.end)}"


def parse(moment):
    """Return a moment in UTC."""
    return moment and pendulum.parse(moment)


def text(moment) -> str:
    """Return a moment in UTC as it is written in the files."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


# ---------------------------------------------------------------- cron

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Zurich",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
)
FROM, UNTIL = pendulum.datetime(2017, 1, 1), pendulum.datetime(2019, 1, 1)
NEAR = timedelta(hours=36)
EXPRESSIONS = 200

DENSE = "*/15 * * * *|*/30 * * * *|15,45 * * * *|0 * * * *|30 * * * *|7 0-23 * * *|59 */1 * * *"
STEPS = (
    "0 */2 * * *|0 */3 * * *|0 */4 * * *|0 */6 * * *|0 */12 * * *|20 */4 * * *|30 */2 * * *|"
    "0 1-23/2 * * *|5 0-8/4 * * *|*/30 1-3 * * *|*/15 2 * * *|*/20 0-3 * * 0|*/10 1 * * *|"
    "* 2 * * 0|* 3 1 * *|*/30 0 * * *|*/15 1,2 * * 0,6|0-59/20 1 * * *|0-59/30 2 * * 0|"
    "0 * * * 0|30 * 1 * *|0 */5 * * *|10 */7 * * *|*/45 2,3 * * *|0 * 1,15 3,11 *|*/30 * * 2,10 0"
)
LISTS = (
    "0 1,2,3 * * *|30 0-4 * * *|0 0,12 * * *|15,45 2 * * *|0,30 1 * * *|10,40 0,2,3 * * *|"
    "0 6-18/6 * * *|0 9-17 * * 1-5|30 1-2 * * 0|59 23 * * *|0 22,23,0,1 * * *|45 1-3 * * 6,0|"
    "0 2-3 * * *|30 2,14 * * *|5 1,3,5 * * *"
)
DAYS = (
    "@hourly|@daily|@weekly|@monthly|@quarterly|@yearly|@midnight|@annually|"
    "0 0 15 * *|0 0 L * *|0 0 31 * *|0 3 1-7 * *|0 0 1,15 * *|0 12 */2 * *|0 0 1 jan,jul *|"
    "0 0 29 2 *|0 0 13 * 5|30 2 1 * 0|0 0 */10 * 1|0 9 * * 1#1|0 0 * * 5#3|30 2 * * 0#1|"
    "0 0 * * L5|0 2 * * sun#2|0 0 * * mon|0 0 ? * sat|30 1 * 11 0|30 2 * 3 0|0 0 * 2,10 *|"
    "0 0 1-7 * 1|0 4 28-31 * *|15 1 */5 * *|0 0 * * 7|0 0 * * 1-5|0 0 * * */2|59 1 L 3,10 *|"
    "30 2 * * * 15|0 1 * * * 0|0 3 * * 0 30|0 0 1 1 * 0 2018"
)
TIMES = [f"{minute} {hour} * * *" for minute in (0, 15, 30) for hour in range(6)]
TIMES += [f"{hour * 7 % 60} {hour} * * *" for hour in range(6, 24)]
TIMES += [f"{minute} {hour} * * 0" for minute in (0, 20, 30, 59) for hour in range(5)]
TIMES += [f"{minute} {hour} * * 1-5" for minute in (0, 30) for hour in (0, 2, 8, 17)]
TIMES += [f"{day * 5 % 60} {day % 4} {day} * *" for day in range(1, 29, 2)]
TIMES += [f"30 {month % 5} * {month} *" for month in range(1, 13)]
TIMES += [f"5 {day} * * {day}" for day in range(7)]
TIMES += [f"{minute} {hour} * * 6" for hour in range(5) for minute in (0, 10, 40)]
TIMES += [f"{hour},{hour + 30} {hour} * * *" for hour in range(24)]


def cron() -> None:
    """Write hashes of all run dates, away from and near to clock changes."""
    parts = [*DENSE.split("|"), *STEPS.split("|"), *LISTS.split("|"), *DAYS.split("|")]
    expressions = list(dict.fromkeys([*parts, *TIMES]))[:EXPRESSIONS]
    assert len(expressions) == EXPRESSIONS
    with Pool() as pool:
        pairs = list(product(expressions, ZONES))
        found = dict(zip(pairs, pool.map(_ticks, pairs, chunksize=5), strict=True))
    shifts = {zone: _shifts(zone) for zone in ZONES}
    answers = {}
    for (expression, zone), ticks in found.items():
        near = [
            tick
            for tick in ticks
            if any(abs(tick - shift) <= NEAR.total_seconds() for shift in shifts[zone])
        ]
        away = sorted(set(ticks) - set(near))
        answers.setdefault(expression, {})[zone] = (
            f"{len(away)} {digest(away)} {len(near)} {digest(near)}"
        )
    write("cron", {"shifts": shifts, "answers": answers})
    if sys.argv[-1].endswith(".json"):  # for `list_differences`
        lists = {"@".join(pair): ticks for pair, ticks in found.items()}
        Path(sys.argv[-1]).write_text(json.dumps(lists))


def _ticks(pair: tuple[str, str]) -> list[int]:
    timetable = CronDataIntervalTimetable(*pair)
    ticks = []
    try:
        tick = timetable._align_to_next(FROM)
        while tick < UNTIL:
            ticks.append(round(tick.timestamp()))
            tick = timetable._get_next(tick)
    except CroniterBadDateError:  # its years are over
        pass
    return ticks


def _shifts(zone: str) -> list[int]:
    hours = range(int(FROM.timestamp()), int(UNTIL.timestamp()), 1800)
    offset = [pendulum.from_timestamp(hour, zone).utcoffset() for hour in hours]
    return [hours[i] for i in range(1, len(hours)) if offset[i] != offset[i - 1]]


def digest(ticks: list[int]) -> str:
    """Return a short hash of moments in epoch seconds."""
    return hashlib.sha256(array("q", ticks).tobytes()).hexdigest()[:12]


def write(name: str, answers: object) -> None:
    """Write one file, one line for each rule, row or schedule where that is possible."""
    document = json.dumps(answers, indent=1)
    if isinstance(answers, list):
        document = "[\n" + ",\n".join(json.dumps(row) for row in answers) + "\n]"
    (HERE / f"{name}.json").write_text(document + "\n")


if __name__ == "__main__":
    for part in sys.argv[1:]:
        if not part.endswith(".json"):
            {f.__name__: f for f in (trigger_rules, retries, timetables, cron)}[part]()
