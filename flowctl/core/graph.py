"""The shape of one DAG version, made ready for deciding: neighbours, order, weights, leaves."""

from dataclasses import dataclass

from flowctl.core.spec import DagSpec, TaskSpec

WEIGHT_MAX = 2**31 - 1  # what a database's integer holds


@dataclass(frozen=True, slots=True)
class Graph:
    """What `decide` looks up about a version, each in constant time."""

    spec: DagSpec
    tasks: dict[str, TaskSpec]
    downstream: dict[str, tuple[str, ...]]
    order: dict[str, int]  # place in the topological order
    weights: dict[str, int]  # priority with the weights of the relatives added
    leaves: frozenset[str]
    deciders: dict[str, tuple[str, ...]]  # task -> its direct upstream tasks that may leave it out
    inner: dict[str, frozenset[str]]  # task -> those upstream of which only its own index counts


def compile_graph(spec: DagSpec) -> Graph:
    """Work out everything that `Graph` holds from the spec alone."""
    tasks = {task.task_id: task for task in spec.tasks}
    downstream: dict[str, list[str]] = {task_id: [] for task_id in tasks}
    for task in spec.tasks:
        for parent in task.upstream:
            downstream[parent].append(task.task_id)
    children = {task_id: tuple(ids) for task_id, ids in downstream.items()}
    return Graph(
        spec=spec,
        tasks=tasks,
        downstream=children,
        order={task.task_id: place for place, task in enumerate(spec.tasks)},
        weights=total_weights(spec, children),
        leaves=frozenset(task_id for task_id, ids in children.items() if not ids),
        deciders={
            task.task_id: found
            for task in spec.tasks
            if (found := tuple(p for p in task.upstream if tasks[p].can_skip_others))
        },
        inner={},
    )


def total_weights(spec: DagSpec, downstream: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Return each task's priority: its own weight plus, by its rule, that of its relatives.

    `downstream` adds every task that comes after it, directly or not, each once; `upstream` every
    task before it; `absolute` nothing.

    Source: the documented meaning of Airflow's weight rules. Relatives are bit sets, so a chain of
    10,000 tasks takes a fraction of a second where walking the graph from each task takes minutes.
    """
    order = {task.task_id: place for place, task in enumerate(spec.tasks)}
    own = [task.priority_weight for task in spec.tasks]
    uniform = own[0] if own and len(set(own)) == 1 else None
    totals = dict(zip(order, own, strict=True))
    rules = {task.weight_rule for task in spec.tasks}
    if "downstream" in rules:
        after = [0] * len(own)
        for task in reversed(spec.tasks):
            for child in downstream[task.task_id]:
                place = order[child]
                after[order[task.task_id]] |= after[place] | (1 << place)
        _add(totals, spec, "downstream", after, own, uniform)
    if "upstream" in rules:
        before = [0] * len(own)
        for task in spec.tasks:
            for parent in task.upstream:
                place = order[parent]
                before[order[task.task_id]] |= before[place] | (1 << place)
        _add(totals, spec, "upstream", before, own, uniform)
    return {task_id: max(-WEIGHT_MAX, min(total, WEIGHT_MAX)) for task_id, total in totals.items()}


def _add(
    totals: dict[str, int],
    spec: DagSpec,
    rule: str,
    relatives: list[int],
    own: list[int],
    uniform: int | None,
) -> None:
    for place, task in enumerate(spec.tasks):
        if task.weight_rule != rule:
            continue
        if uniform is not None:
            totals[task.task_id] += relatives[place].bit_count() * uniform
        else:
            totals[task.task_id] += sum(own[other] for other in _bits(relatives[place]))


def _bits(number: int) -> list[int]:
    places = []
    while number:
        lowest = number & -number
        places.append(lowest.bit_length() - 1)
        number ^= lowest
    return places
