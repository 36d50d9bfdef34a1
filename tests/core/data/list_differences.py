"""List the run dates on which flowctl and Airflow differ, beside `cron.json`.

    python tests/core/data/ask_airflow.py cron lists.json    # with Airflow's Python
    python -m tests.core.data.list_differences lists.json     # with ours

The reason of each date follows from the kind of its expression and the direction in which the
clock was changed. The tests hold the result against the hashes of what Airflow answered, and
against cronsim.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowctl.core.timetables import PRESETS
from flowctl.core.timetables.pattern import Pattern
from flowctl.core.timetables.zones import offset_at, zone_of
from tests.core.test_timetables_cron import ASKED, DATA, NEAR_S, dates

REASONS = {
    "years": ("Airflow looks for the date before the first one, finds none, fails and never runs."),
    "days by step": (
        "croniter 6.0, with which Airflow 2.10.5 is installed, passes over 1 March for every nth "
        "day of the month; croniter 7 does not."
    ),
    "long step over a clock change": (
        "Where the hour field is `*`, Airflow adds the naive difference to the next date; when the "
        "clock is changed on one of the days between, the next run is off by the shift."
    ),
    "daily, clock put back": (
        "The wall time comes twice. Airflow runs at the second, Debian's cron at the first: a job "
        "is not an hour late because the clock was changed while it waited."
    ),
    "daily, clock put forward": (
        "The wall time is missing. Airflow runs as long after the gap as the time lies within it "
        "(02:30 becomes 03:30), which may be upon or after a later time of the same expression; "
        "Debian's cron runs once, right after the gap."
    ),
    "every hour in numbers, clock put back": (
        "`7 0-23 * * *` does not begin with `*`: for Debian's cron these are 24 times of a day, "
        "each once, for Airflow it is an hourly job, which also runs in the repeated hour."
    ),
    "every hour in numbers, clock put forward": (
        "As above: the one of the 24 times that is missing runs right after the gap, where Airflow "
        "leaves it out."
    ),
    "real time, clock put back": (
        "The wall clock matches in both passes of the repeated stretch. Airflow loses the first "
        "pass, unless the hour field is `*`; then it adds the naive difference, which after a "
        "shift of half an hour leads to times that the expression does not name."
    ),
    "real time, clock put forward": (
        "Nothing matches within the gap. Airflow runs after it at a time that the expression does "
        "not name (`0 */2` at 03:00)."
    ),
}


def reason(expression: str, zone: str, date: int) -> str:
    """Return the key of the reason for a difference at `date`."""
    if len(expression.split()) == 7:
        return "years"
    shifts = ASKED["shifts"][zone]
    if not any(abs(shift - date) <= NEAR_S for shift in shifts):
        return "days by step" if "*/" in expression.split()[2] else "long step over a clock change"
    kind = "daily"
    if Pattern(PRESETS.get(expression, expression)).follows_real_time:
        kind = "real time"
    elif expression.split()[1] == "0-23":
        kind = "every hour in numbers"
    nearest = min(shifts, key=lambda shift: abs(shift - date))
    moment, tz = datetime.fromtimestamp(nearest, UTC), zone_of(zone)
    forward = offset_at(tz, moment) > offset_at(tz, moment - timedelta(hours=1))
    return f"{kind}, clock put {'forward' if forward else 'back'}"


def main(path: str) -> None:
    """Write `cron_clock_changes.json`."""
    rows: dict[str, dict[str, object]] = {}
    for pair, theirs in json.loads(Path(path).read_text()).items():
        expression, zone = pair.rsplit("@", 1)
        ours, airflows = set(dates(expression, zone)), set(theirs)
        if differing := ours ^ airflows:
            rows.setdefault(zone, {})[expression] = {
                "reasons": sorted({reason(expression, zone, date) for date in differing}),
                "airflow": sorted(airflows - ours),
                "ours": sorted(ours - airflows),
            }
    lines = [
        f"  {json.dumps(zone)}: {{\n"
        + ",\n".join(
            f"   {json.dumps(expression)}: {json.dumps(row)}" for expression, row in found.items()
        )
        + "\n  }"
        for zone, found in rows.items()
    ]
    text = (
        f'{{\n "reasons": {json.dumps(REASONS)},\n "dates": {{\n' + ",\n".join(lines) + "\n }\n}\n"
    )
    (DATA / "cron_clock_changes.json").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1])
