"""Ask Airflow which way its branches by date go: `python ask_airflow.py > branches.json`.

Run by the Python of an Airflow 2.10, never by the tests, which read what it wrote.
"""

import json
import sys
from datetime import datetime, time
from itertools import product

import pendulum
from airflow.models.dag import DAG
from airflow.operators.datetime import BranchDateTimeOperator
from airflow.operators.weekday import BranchDayOfWeekOperator

TARGETS = [
    None,
    "09:00",
    "17:00",
    "23:30",
    "2024-03-31T00:30",
    "2024-03-31T09:00",
    "2024-04-02T00:00",
]
MOMENTS = [
    "2024-03-31T00:15",
    "2024-03-31T07:30",
    "2024-03-31T09:00",
    "2024-03-31T16:59",
    "2024-03-31T22:15",
    "2024-04-01T23:45",
]
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
DAYS = ["Sunday", "monday", ["SATURDAY", "Sunday"], []]


def target(text):
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else time.fromisoformat(text)


def chosen(zone, moment, kind, **options):
    with DAG("d", start_date=pendulum.datetime(2024, 1, 1, tz=zone), schedule=None):
        task = kind(
            task_id="t",
            follow_task_ids_if_true="in",
            follow_task_ids_if_false="out",
            use_task_logical_date=True,
            **options,
        )
    context = {"logical_date": pendulum.instance(datetime.fromisoformat(moment), tz="UTC")}
    return task.choose_branch(context)


facts = {"times": [], "days": []}
for zone, moment, lower, upper in product(ZONES, MOMENTS, TARGETS, TARGETS):
    if lower is None and upper is None:
        continue
    try:
        way = chosen(
            zone,
            moment,
            BranchDateTimeOperator,
            target_lower=target(lower),
            target_upper=target(upper),
        )
    except Exception as error:
        way = type(error).__name__
    facts["times"].append([zone, moment, lower, upper, way])
for moment, days in product(MOMENTS, DAYS):
    facts["days"].append(
        [moment, days, chosen("UTC", moment, BranchDayOfWeekOperator, week_day=days)]
    )
json.dump(facts, sys.stdout, separators=(",", ":"))
