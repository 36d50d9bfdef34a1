"""The shape of one DAG version, made ready for deciding: neighbours, order, weights, leaves."""

from dataclasses import dataclass

from flowctl.core import mapping, setups
from flowctl.core.relatives import bits, masks
from flowctl.core.spec import DagSpec, Length, TaskSpec

FAST = ("one_success", "one_failed", "one_done")
"""Rules that, directly in a mapped group, look at all instances of an upstream task.

Source: Airflow 2.10.5.
"""

WEIGHT_MAX = 2**31 - 1  # what a database's integer holds


@dataclass(frozen=True, slots=True)
class Graph:
    """What `decide` looks up about a version, each in constant time."""

    spec: DagSpec
    tasks: dict[str, TaskSpec]
    downstream: dict[str, tuple[str, ...]]
    order: dict[str, int]  # place in the topological order
    weights: dict[str, int]  # priority with the weights of the relatives added
    leaves: frozenset[str]  # those that say how a run ended
    links: setups.Links
    setups: dict[str, tuple[str, ...]]  # task -> setup tasks around it, but not directly before it
    guarded: dict[str, tuple[str, ...]]  # setup task -> the tasks that have it in `setups`
    deciders: dict[str, tuple[str, ...]]  # task -> its direct upstream tasks that may leave it out
    inner: dict[str, frozenset[str]]  # task -> those upstream of which only its own index counts
    lengths: dict[str, Length]  # of those that are expanded, by themselves or with their group
    sources: dict[str, tuple[str, ...]]  # expanded task -> those whose results say into how many
    fed: dict[str, tuple[str, ...]]  # one of those -> the tasks that are expanded over its result
    around: dict[str, str]  # task -> the mapped group that it is in

    def share_group(self, one: str, other: str) -> bool:
        """Say whether two tasks are in the same mapped group."""
        group = self.around.get(one)
        return group is not None and group == self.around.get(other)


def compile_graph(spec: DagSpec) -> Graph:
    """Work out everything that `Graph` holds from the spec alone."""
    tasks = {task.task_id: task for task in spec.tasks}
    downstream: dict[str, list[str]] = {task_id: [] for task_id in tasks}
    for task in spec.tasks:
        for parent in task.upstream:
            downstream[parent].append(task.task_id)
    children = {task_id: tuple(ids) for task_id, ids in downstream.items()}
    links = setups.Links(
        upstream={task.task_id: task.upstream for task in spec.tasks},
        downstream=children,
        setups=frozenset(task.task_id for task in spec.tasks if task.is_setup),
        teardowns=frozenset(task.task_id for task in spec.tasks if task.is_teardown),
        fail_run=frozenset(task.task_id for task in spec.tasks if task.fails_run),
    )
    around = setups.indirect(links)
    lengths = mapping.lengths(spec)
    sources = {
        task_id: found
        for task_id, length in lengths.items()
        if (found := tuple(dict.fromkeys(mapping.sources(length))))
    }
    return Graph(
        spec=spec,
        tasks=tasks,
        downstream=children,
        order={task.task_id: place for place, task in enumerate(spec.tasks)},
        weights=total_weights(spec, children),
        leaves=setups.leaves(links),
        links=links,
        setups=around,
        guarded=setups.guarded(around),
        deciders={
            task.task_id: found
            for task in spec.tasks
            if (found := tuple(p for p in task.upstream if tasks[p].can_skip_others))
        },
        inner=_inner(spec),
        lengths=lengths,
        sources=sources,
        around=mapping.mapped_groups(spec),
        fed=_fed(sources),
    )


def _fed(sources: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    fed: dict[str, list[str]] = {}
    for task_id, found in sources.items():
        for source in found:
            fed.setdefault(source, []).append(task_id)
    return {source: tuple(task_ids) for source, task_ids in fed.items()}


def _inner(spec: DagSpec) -> dict[str, frozenset[str]]:
    """Return, by task, the upstream tasks in its mapped group of which only one index counts."""
    around = mapping.mapped_groups(spec)
    found: dict[str, frozenset[str]] = {}
    for task in spec.tasks:
        group = around.get(task.task_id)
        if group is None or (group == task.group and task.trigger_rule in FAST):
            continue
        inside = frozenset(parent for parent in task.upstream if around.get(parent) == group)
        if inside:
            found[task.task_id] = inside
    return found


def total_weights(spec: DagSpec, downstream: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Return each task's priority: its own weight plus, by its rule, that of its relatives.

    `downstream` adds every task that comes after it, directly or not, each once; `upstream` every
    task before it; `absolute` nothing.

    Source: the documented meaning of Airflow's weight rules.
    """
    order = {task.task_id: place for place, task in enumerate(spec.tasks)}
    own = [task.priority_weight for task in spec.tasks]
    uniform = own[0] if own and len(set(own)) == 1 else None
    totals = dict(zip(order, own, strict=True))
    rules = {task.weight_rule for task in spec.tasks}
    if "downstream" in rules:
        after = masks(order, reversed(order), downstream)
        _add(totals, spec, "downstream", after, own, uniform)
    if "upstream" in rules:
        before = masks(order, order, {task.task_id: task.upstream for task in spec.tasks})
        _add(totals, spec, "upstream", before, own, uniform)
    return {task_id: max(-WEIGHT_MAX, min(total, WEIGHT_MAX)) for task_id, total in totals.items()}


def _add(
    totals: dict[str, int],
    spec: DagSpec,
    rule: str,
    relatives: dict[str, int],
    own: list[int],
    uniform: int | None,
) -> None:
    for task in spec.tasks:
        if task.weight_rule != rule:
            continue
        if uniform is not None:
            totals[task.task_id] += relatives[task.task_id].bit_count() * uniform
        else:
            totals[task.task_id] += sum(own[other] for other in bits(relatives[task.task_id]))
