"""The states of task instances, runs and attempts, and what kinds of run there are.

The names are Airflow's, so that its clients, files and people read them as they always did.
"""

from enum import StrEnum


class TaskState(StrEnum):
    """State of one task instance; each line says who moves it on."""

    NONE = "none"  # the scheduler, once its rule is met -> SCHEDULED or QUEUED, or settled as below
    SCHEDULED = "scheduled"  # the scheduler, once there is room -> QUEUED
    QUEUED = "queued"  # the runner, when its process starts -> RUNNING
    RUNNING = "running"  # the runner, when its process ended -> SUCCESS, FAILED, UP_FOR_RETRY ...
    RESTARTING = "restarting"  # cleared while it ran; the runner, when its process ended -> NONE
    UP_FOR_RETRY = "up_for_retry"  # the scheduler, once `retry_at` has passed -> as from NONE
    UP_FOR_RESCHEDULE = "up_for_reschedule"  # as UP_FOR_RETRY, but the same try goes on
    DEFERRED = "deferred"  # the triggerer, or the scheduler once `retry_at` has passed -> SCHEDULED
    SUCCESS = "success"  # the end
    FAILED = "failed"  # the end
    SKIPPED = "skipped"  # the end
    UPSTREAM_FAILED = "upstream_failed"  # the end
    REMOVED = "removed"  # the end: the task is no longer in the DAG


class RunState(StrEnum):
    """State of one DAG run."""

    QUEUED = "queued"  # the scheduler, when the DAG's `max_active_runs` leaves room -> RUNNING
    RUNNING = "running"  # the scheduler, when its leaves have ended -> SUCCESS or FAILED
    SUCCESS = "success"
    FAILED = "failed"


class RunType(StrEnum):
    """What made a run."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    BACKFILL = "backfill"
    DATASET_TRIGGERED = "dataset_triggered"
    ASSET_TRIGGERED = DATASET_TRIGGERED  # its name in Airflow 3
    BACKFILL_JOB = BACKFILL  # its name in Airflow 2, and there in 3


FINISHED = frozenset(
    {
        TaskState.SUCCESS,
        TaskState.FAILED,
        TaskState.SKIPPED,
        TaskState.UPSTREAM_FAILED,
        TaskState.REMOVED,
    }
)
"""States that end a task instance."""

OCCUPYING = frozenset({TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING})
"""States that hold an executor slot, pool slots and a place under every concurrency limit."""

LIVE = (TaskState.QUEUED, TaskState.RUNNING)
"""States of an attempt that counts: of any other what it leaves is dropped."""

CONTINUED = frozenset({TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED})
"""States in which a try has no process and goes on later; nothing of it is used up."""

TIMED = frozenset({TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE, TaskState.DEFERRED})
"""States that the scheduler ends once `retry_at` has passed."""

ENDED_ATTEMPT = FINISHED | TIMED | CONTINUED
"""States in which an attempt may leave its task instance."""

WAITING = frozenset(
    {
        TaskState.NONE,
        TaskState.SCHEDULED,
        TaskState.UP_FOR_RETRY,
        TaskState.UP_FOR_RESCHEDULE,
    }
)
"""States in which the scheduler decides what comes next."""

UNFINISHED_RUN = frozenset({RunState.QUEUED, RunState.RUNNING})
"""States in which a run is kept in the scheduler's memory."""
