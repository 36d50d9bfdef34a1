"""What are states and run types called in DAG files? (`airflow.utils.state`, `.types`)

The enums are the core's own; `State` is the flat list that DAG files compared with before them.
"""

from flowctl.core.states import FINISHED, UNFINISHED_RUN, RunState, RunType, TaskState

TaskInstanceState = TaskState
DagRunState = RunState
DagRunType = RunType


class State:
    """All states in one place; NONE is None, as the context of a task has it."""

    NONE = None
    REMOVED = TaskState.REMOVED
    SCHEDULED = TaskState.SCHEDULED
    QUEUED = TaskState.QUEUED
    RUNNING = TaskState.RUNNING
    SUCCESS = TaskState.SUCCESS
    RESTARTING = TaskState.RESTARTING
    FAILED = TaskState.FAILED
    UP_FOR_RETRY = TaskState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskState.UPSTREAM_FAILED
    SKIPPED = TaskState.SKIPPED
    DEFERRED = TaskState.DEFERRED

    task_states: tuple[TaskState | None, ...] = (
        None,
        *(state for state in TaskState if state is not TaskState.NONE),
    )
    dag_states = (RunState.QUEUED, RunState.SUCCESS, RunState.RUNNING, RunState.FAILED)

    finished = FINISHED
    unfinished = frozenset(task_states) - FINISHED
    failed_states = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})
    success_states = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
    finished_dr_states = frozenset({RunState.SUCCESS, RunState.FAILED})
    unfinished_dr_states = UNFINISHED_RUN
