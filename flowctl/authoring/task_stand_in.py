"""What user code is shown as the task instance of a task before there is any run."""

import warnings
from collections.abc import Collection
from typing import Any

_OF_A_RUN = {"run_id": "", "map_index": -1, "dag_run": None, "state": None, "start_date": None}


class TaskStandIn:
    """A try of a task in no run: what can be said of it from its DAG file alone."""

    def __init__(self, task: Any, try_number: int = 1) -> None:
        self.looked_at: set[str] = set()  # what only a run could have told
        self.task = task
        self.dag_id = task.dag_id
        self.task_id = task.task_id
        self.try_number = self._try_number = try_number
        self.max_tries = task.retries
        self.queue = task.queue
        self.pool = task.pool
        self.pool_slots = task.pool_slots
        self.priority_weight = task.priority_weight
        self.operator = task.task_type
        self.executor = task.executor
        self.executor_config = task.executor_config

    def __getattr__(self, name: str) -> Any:
        if name not in _OF_A_RUN:
            raise AttributeError(f"a task instance of no run has no {name!r}")
        self.looked_at.add(name)
        return _OF_A_RUN[name]


def warn_of_looks(who: str, looked_at: Collection[str]) -> None:
    """Warn that user code decides by what it cannot know."""
    if looked_at:
        names = ", ".join(sorted(looked_at))
        warnings.warn(
            f"{who} looks at {names}, but is asked when the DAG file is loaded, in no run:"
            " what it says holds for all runs, and for all instances of a mapped task",
            stacklevel=2,
        )
