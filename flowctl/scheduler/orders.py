"""From a decided start to the order that the executor gets."""

from flowctl.core.attempt import Order, RunFacts
from flowctl.core.retries import policy_of
from flowctl.core.run import Run, Task


def order(task: Task, term: int, *, is_repeated: bool = False) -> Order:
    """Return the order for the try that `task` was queued for."""
    spec = task.spec
    timeout = spec.execution_timeout
    return Order(
        run=run_facts(task.run),
        ti_id=task.id,
        try_number=task.try_number,
        task_id=spec.task_id,
        map_index=task.map_index,
        is_measured=spec.task_id in task.run.graph.fed,
        map_count=len(task.run.tasks[spec.task_id]) if task.map_index >= 0 else None,
        max_tries=task.max_tries,
        resumed=task.resumed,
        waiting_since=task.waiting_since,
        next_method=task.next_method,
        retry=policy_of(spec),
        timeout_s=None if timeout is None else timeout.total_seconds(),
        memory_bytes=spec.memory_bytes,
        expected_bytes=task.expected_bytes,
        pool=spec.pool,
        term=term,
        is_repeated=is_repeated,
        callbacks=spec.callbacks,
        mails=spec.mails,
    )


def run_facts(run: Run) -> RunFacts:
    """Return what user code may ask about its run."""
    return RunFacts(
        pk=run.pk,
        dag_id=run.dag_id,
        run_id=run.run_id,
        run_type=run.run_type,
        logical_date=run.logical_date,
        data_interval_start=run.data_interval_start,
        data_interval_end=run.data_interval_end,
        queued_at=run.queued_at,
        start_date=run.start_date,
        state=run.state.value,
        external_trigger=run.external_trigger,
        conf=run.conf,
        file=run.graph.spec.file,
        source_hash=run.source_hash,
        version=run.version,
    )
