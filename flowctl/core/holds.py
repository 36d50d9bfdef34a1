"""What does a person hold, and what does the clock release?

What is held does not start; what has started goes on. A hold may say until when it lasts: then the
tick of that moment releases it, as a decision of its own, and the next tick starts what waited.
"""

from datetime import datetime

from flowctl.core.draft import Draft
from flowctl.core.plan import Release
from flowctl.core.run import Task


def blocker(task: Task) -> str:
    """Say who holds a task or its run, or nothing."""
    run = task.run
    if run.hold is not None:
        cure = f"flowctl runs release {run.dag_id} {run.run_id}"
        return f"{run.hold.said('its run')}; let it go on with: {cure}"
    if task.hold is not None:
        cure = f"flowctl tasks release {run.dag_id} {task.spec.task_id} {run.run_id}"
        return f"{task.hold.said('it')}; let it go on with: {cure}"
    return ""


def release_due(draft: Draft, now: datetime) -> None:
    """Release whatever was to be held until now, and look again when the next hold ends."""
    for until, run_pk, ti_id in draft.world.holds:
        if until > now:
            draft.look_at(until)
            break
        draft.plan.releases.append(Release(run_pk, ti_id or None, until))
        draft.look_at(now)
