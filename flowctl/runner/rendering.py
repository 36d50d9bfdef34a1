"""What would a task's templates say? Rendered here, without running anything."""

import copy
from typing import Any

from flowctl.authoring import ports as current_ports
from flowctl.authoring.context import entered
from flowctl.authoring.ports import Ports
from flowctl.authoring.task_instance import TaskInstance
from flowctl.core.attempt import Order, RunFacts
from flowctl.runner.callbacks import task_of
from flowctl.runner.context import build_context
from flowctl.runner.execute import rendered_task
from flowctl.runner.local_instances import check_index
from flowctl.runner.rendered import rendered_fields
from flowctl.runner.site import here


def render(
    dag: Any, task_id: str, run: RunFacts, ports: Ports, map_index: int = -1
) -> dict[str, Any]:
    """Return the template fields of a task in the order of its class, rendered for one run.

    Secrets are masked, as in what is kept of a real try.

    Args:
        map_index: which instance of a mapped task; it need not be expanded.

    Raises:
        TaskNotFound: the DAG has no such task.
        FlowctlError: the index of a mapped task is missing, or it is none.
        Whatever a template raises.
    """
    site = here()
    task = copy.copy(task_of(dag, task_id))
    check_index(task, map_index)
    order = Order(run, ti_id=0, try_number=1, task_id=task_id, map_index=map_index)
    ti = TaskInstance(order, task, ports, test_mode=True, base_url=site.base_url)
    context = build_context(order, dag, task, ti, ports, site)
    current_ports.use(ports)
    if dag.params or task.params:
        task.params = context["params"]
    with entered(context):
        return rendered_fields(rendered_task(task, context, ti), 0) or {}
