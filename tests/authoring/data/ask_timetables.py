"""Ask a real Airflow for the runs of its timetables, and write the answers beside this file.

Run with the Python of an environment that has Airflow 2.10.5 or 3.3.2, and an `AIRFLOW_HOME` of its
own; each writes its own file, `timetables_2.json` or `timetables_3.json`:

    python tests/authoring/data/ask_timetables.py

Nothing here imports flowctl. The test takes from here which timetables there are.
"""

import hashlib
import importlib
import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

HERE = Path(__file__).parent
FROM = datetime(2023, 1, 5, 7, 30, tzinfo=UTC)
UNTIL = datetime(2025, 1, 1, tzinfo=UTC)  # two years
NOWS = ("2024-05-10T00:00:00", "2024-05-10T13:37:21.5", "2024-10-27T01:30:00")
LASTS = (None, ("2024-05-01T00:00:00", "2024-05-02T00:00:00"))
STARTS = (None, "2023-01-05T07:30:00", "2024-06-15T12:00:00")

BOTH = {
    "CronDataInterval": (
        '"0 0 * * *", "UTC"',
        '"@weekly", "Asia/Kolkata"',
        '"30 6 * * 1-5", "America/Bogota"',
    ),
    "CronTrigger": (
        '"0 0 * * *", timezone="UTC"',
        '"@monthly", timezone="Asia/Tokyo", interval=timedelta(days=1)',
        '"15 */6 * * *", timezone="UTC", interval=relativedelta(months=1)',
        '"0 9 * * MON#1", timezone="Africa/Nairobi"',
    ),
    "DeltaDataInterval": ("timedelta(days=1)", "timedelta(hours=36)", "relativedelta(months=1)"),
    "Events": (
        "EVENTS",
        "reversed(EVENTS), restrict_to_events=True, description='Matches'",
        "[], description=None",
    ),
    "Continuous": ("",),
    "Once": ("",),
    "Null": ("",),
    "AfterWork": ("",),
    "Twice": ('"0 9 * * 1-5", "UTC"',),
}
OWN = {"AfterWork", "Twice"}  # of `own_timetables`, beside this file
ONLY_3 = {
    "CronTrigger": (
        '"0 0 * * *", timezone="UTC", run_immediately=True',
        '"0 0 * * *", timezone="UTC", run_immediately=False',
        '"0 */2 * * *", timezone="UTC", run_immediately=timedelta(hours=1, minutes=50)',
        '"*/40 * * * *", timezone="UTC", run_immediately=False',
    ),
    "DeltaTrigger": (
        "timedelta(days=1)",
        "timedelta(minutes=90), interval=timedelta(hours=2)",
        "relativedelta(months=1)",
    ),
    "MultipleCronTrigger": (
        '"30 1 * * *", "0 12 * * 6", timezone="UTC"',
        '"0 6 * * *", "0 6,18 * * 1-5", timezone="Asia/Tokyo", interval=timedelta(hours=6)',
        '"0 3 1 * *", "@daily", timezone="UTC", run_immediately=True',
    ),
}
EVENTS = [datetime(2024, 4, 1, tzinfo=UTC) + timedelta(days=n * n) for n in range(12)]


def cases(generation: int) -> list[tuple[str, str]]:
    """Return the class, less "Timetable", and the arguments of each timetable that is asked.

    Those of intervals are asked of 2.10.5 alone: flowctl follows it where a schedule was changed.
    """
    found = [(name, arguments) for name, several in BOTH.items() for arguments in several]
    if generation == 3:
        found += [(name, arguments) for name, several in ONLY_3.items() for arguments in several]
        found = [case for case in found if case[0] in {"CronTrigger", "Events", *ONLY_3, *OWN}]
    return found


def digest(runs: list[str]) -> str:
    """Return how many runs there are, the first, the last, and a hash of all."""
    if not runs:
        return "0"
    full = hashlib.sha256(" ".join(runs).encode()).hexdigest()[:12]
    return f"{len(runs)} | {runs[0]} | {runs[-1]} | {full}"


def text(moment: datetime) -> str:
    """Return a moment in UTC as it is written in the files."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def chain(next_run, now) -> str:
    """Return all runs from FROM until UNTIL, with and without what was missed at `now`."""
    found = {}
    for catchup in (True, False):
        last, runs = None, []
        while (run := next_run(last, FROM, None, catchup, now)) and run[2] < UNTIL:
            runs.append(" ".join(map(text, run)))
            last = run[:2]
            if len(runs) == 5000:
                break
        found[str(catchup)] = digest(runs)
    return found


def answers(timetable, next_run) -> dict:
    """Return all that is compared of one timetable."""
    moments = [datetime.fromisoformat(now).replace(tzinfo=UTC) for now in NOWS]
    table = [
        _one(next_run, last, start, catchup, now)
        for now in moments
        for last in LASTS
        for start in STARTS
        for catchup in (True, False)
    ]
    manual = [timetable.infer_manual_data_interval(run_after=now) for now in moments]
    return {
        "summary": timetable.summary,
        "can_be_scheduled": timetable.can_be_scheduled,
        "active_runs_limit": timetable.active_runs_limit,
        "serialized": _plain(timetable.serialize()),
        "manual": [f"{text(found[0])} {text(found[1])}" for found in manual],
        "next": table,
        "chain": chain(next_run, moments[1]) if _is_rhythmic(timetable) else None,
    }


def _is_rhythmic(timetable) -> bool:
    return type(timetable).__name__ not in ("ContinuousTimetable",)


def _plain(data) -> object:
    return json.loads(json.dumps(data, default=str))


def _one(next_run, last, start, catchup, now) -> str | None:
    run = next_run(
        last and tuple(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in last),
        start and datetime.fromisoformat(start).replace(tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        catchup,
        now,
    )
    return run and " ".join(map(text, run))


def main() -> None:
    """Ask, and write the file."""
    import airflow
    import pendulum
    from airflow.timetables.base import DataInterval, TimeRestriction
    from dateutil.relativedelta import relativedelta

    generation = int(airflow.__version__.split(".")[0])
    homes = ("interval", "trigger", "events", "simple")
    modules = [importlib.import_module(f"airflow.timetables.{name}") for name in homes]
    modules.append(importlib.import_module("own_timetables"))
    names = {name: value for module in modules for name, value in vars(module).items()}
    names |= {"timedelta": timedelta, "relativedelta": relativedelta, "EVENTS": _events(pendulum)}
    zone = "airflow.utils.timezone" if generation == 2 else "airflow._shared.timezones.timezone"

    def asker(timetable):
        def next_run(last, earliest, latest, catchup, now):
            shown = pendulum.instance(now)
            with ExitStack() as stack:
                stack.enter_context(patch(f"{zone}.utcnow", lambda: shown))
                for module in modules:
                    if hasattr(module, "utcnow"):
                        stack.enter_context(patch.object(module, "utcnow", lambda: shown))
                    if hasattr(module, "time"):
                        fake = SimpleNamespace(time=now.timestamp)
                        stack.enter_context(patch.object(module, "time", fake))
                info = timetable.next_dagrun_info(
                    last_automated_data_interval=last
                    and DataInterval(*(pendulum.instance(one) for one in last)),
                    restriction=TimeRestriction(
                        earliest and pendulum.instance(earliest),
                        latest and pendulum.instance(latest),
                        catchup,
                    ),
                )
            return info and (*info.data_interval, info.run_after)

        return next_run

    found = {}
    for name, arguments in cases(generation):
        timetable = eval(f"{name}Timetable({arguments})", names)
        manual = timetable.infer_manual_data_interval
        timetable.infer_manual_data_interval = lambda run_after, ask=manual: ask(
            run_after=pendulum.instance(run_after)
        )
        found[f"{name}Timetable({arguments})"] = answers(timetable, asker(timetable))
    (HERE / f"timetables_{generation}.json").write_text(json.dumps(found, indent=1) + "\n")


def _events(pendulum) -> list:
    return [pendulum.instance(event) for event in EVENTS]


if __name__ == "__main__":
    main()
