"""What user code is shown as the task instance of a task before there is any run."""

from typing import Any


class TaskStandIn:
    """The first try of a task in no run: what can be said of it from its DAG file alone."""

    def __init__(self, task: Any) -> None:
        self.task = task
        self.dag_id = task.dag_id
        self.task_id = task.task_id
        self.run_id = ""
        self.map_index = -1
        self.try_number = 1
        self.max_tries = task.retries
        self.queue = task.queue
        self.pool = task.pool
        self.pool_slots = task.pool_slots
        self.priority_weight = task.priority_weight
        self.operator = task.task_type
        self.executor = task.executor
        self.executor_config = task.executor_config
        self.state = None
        self.start_date = None
        self.dag_run = None
