"""What triggers are made of and how deferred tasks go on: facts, under Airflow and under flowctl.

Recorded under Airflow 2.10.5 with: python tests/triggers/facts.py tests/triggers/facts.json
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.models.baseoperator import BaseOperator
from airflow.triggers.base import TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent, TriggerEvent
from airflow.triggers.external_task import DagStateTrigger, TaskStateTrigger, WorkflowTrigger
from airflow.triggers.file import FileTrigger
from airflow.triggers.temporal import DateTimeTrigger

DAY = datetime(2024, 3, 11, 5, tzinfo=timezone(timedelta(hours=2)))

TRIGGERS = {
    "moment": lambda: DateTimeTrigger(DAY),
    "moment that ends": lambda: DateTimeTrigger(moment=DAY, end_from_trigger=True),
    "file": lambda: FileTrigger("/data/*.csv"),
    "file, all given": lambda: FileTrigger("/data", recursive=True, poke_interval=1.5),
    "workflow": lambda: WorkflowTrigger("d", [DAY], ["a"], allowed_states=["success"]),
    "workflow of a group": lambda: WorkflowTrigger(
        "d", [DAY], None, "g", ["failed"], ["skipped"], ["success"], 3.0, True
    ),
    "task state": lambda: TaskStateTrigger("d", [DAY], DAY, task_id="a"),
    "dag state": lambda: DagStateTrigger("d", ["success", "failed"], [DAY], 2.0),
}


def _naive():
    return DateTimeTrigger(datetime(2024, 3, 11))  # noqa: DTZ001 - the mistake


MISTAKES = {
    "no datetime": lambda: DateTimeTrigger("2024-03-11"),
    "no time zone": _naive,
    "payload of an end": lambda: TaskSuccessEvent(payload=1),
}
EVENTS = {
    "event": lambda: TriggerEvent({"a": [1, None]}),
    "success": lambda: TaskSuccessEvent(xcoms={"k": 1}),
    "failed": lambda: TaskFailedEvent(),
    "skipped": lambda: TaskSkippedEvent(),
}


class Waits(BaseOperator):
    def done(self, context, event=None, **kwargs):
        return [context["c"], event, kwargs]


RESUMPTIONS = {
    "event": ("done", {"event": 1, "n": 2}),
    "nothing": ("done", None),
    "failed": ("__fail__", {"error": "Trigger failure", "traceback": ["line"]}),
    "failed without words": ("__fail__", None),
    "too late": ("__fail__", {"error": "Trigger/execution timeout"}),
}


def _resumed(method, kwargs):
    try:
        return Waits(task_id="t").resume_execution(method, kwargs, {"c": 1})
    except Exception as error:
        bases = [base.__name__ for base in type(error).__mro__]
        return {"TaskDeferralError": "TaskDeferralError" in bases, "text": str(error)}


def _mistake(make):
    try:
        make()
    except Exception as error:
        return type(error).__name__
    return None


def facts():
    """Return all facts, as JSON would give them back."""
    found = {
        "triggers": {name: make().serialize() for name, make in TRIGGERS.items()},
        "mistakes": {name: _mistake(make) for name, make in MISTAKES.items()},
        "payloads": {name: make().payload for name, make in EVENTS.items()},
        "resumptions": {name: _resumed(*given) for name, given in RESUMPTIONS.items()},
    }
    return json.loads(json.dumps(found, default=lambda value: value.isoformat()))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(facts(), indent=1, sort_keys=True) + "\n")
