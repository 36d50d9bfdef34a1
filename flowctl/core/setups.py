"""Which tasks lie between a setup task and its teardowns, and what has to come along with them?

A setup task holds for every task that comes after it, directly or not, and before one of the
teardowns that directly follow it; without such a teardown, for every task that comes after it.

Source: Airflow 2.10.5, asked about the DAGs in `tests/core/data/setups.json`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flowctl.core.relatives import Relatives, bits, masks, reached


@dataclass(frozen=True, slots=True)
class Links:
    """The arrows of a DAG, in both directions, and its setup and teardown tasks.

    The tasks of `upstream` stand in a topological order.
    """

    upstream: Relatives
    downstream: Relatives
    setups: frozenset[str]
    teardowns: frozenset[str]
    fail_run: frozenset[str] = frozenset()  # teardowns whose failure fails the run

    def teardowns_of(self, setup: str) -> set[str]:
        """Return the teardowns directly after a setup task."""
        return {name for name in self.downstream[setup] if name in self.teardowns}


def leaves(links: Links) -> frozenset[str]:
    """Return the tasks that say how a run ended: those that nothing waits for.

    Teardowns count only if they may fail the run, or where there is nothing else.
    """
    counting = links.upstream.keys() - (links.teardowns - links.fail_run)
    ends = {name for name in counting if counting.isdisjoint(links.downstream[name])}
    return frozenset(ends or {name for name, after in links.downstream.items() if not after})


def scopes(links: Links) -> dict[str, set[str]]:
    """Return for each setup task the tasks for which it holds; teardowns are not among them."""
    if not links.setups:
        return {}
    ids = list(links.upstream)
    places = {name: place for place, name in enumerate(ids)}
    after = masks(places, reversed(ids), links.downstream)
    before = masks(places, ids, links.upstream)
    found = {}
    for setup in sorted(links.setups):
        ends = links.teardowns_of(setup)
        between = 0 if ends else after[setup]
        for end in ends:
            between |= after[setup] & before[end]
        found[setup] = {ids[place] for place in bits(between)} - links.teardowns
    return found


def indirect(links: Links) -> dict[str, tuple[str, ...]]:
    """Return for each task the setup tasks that hold for it and are not directly before it."""
    found: dict[str, list[str]] = {}
    for setup, names in scopes(links).items():
        for name in names:
            if setup not in links.upstream[name]:
                found.setdefault(name, []).append(setup)
    return {name: tuple(setups) for name, setups in found.items()}


def guarded(around: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return for each setup task the tasks that have it in `around`."""
    found: dict[str, list[str]] = {}
    for name, setups in around.items():
        for setup in setups:
            found.setdefault(setup, []).append(name)
    return {setup: tuple(names) for setup, names in found.items()}


def chosen(
    links: Links, matched: Collection[str], *, upstream: bool = False, downstream: bool = False
) -> set[str]:
    """Return `matched` and what comes along: relatives as asked, and the setups that hold for them.

    A setup task comes with its teardowns, so that nothing is made without being removed again.
    """
    found = set(matched)
    plain = set(matched)  # those whose setups come along
    if downstream:
        after = reached(matched, links.downstream)
        found |= after
        plain = (plain | after) if not upstream else after - plain
    elif upstream:
        plain = set()
    if upstream:
        before = reached(matched, links.upstream)
        found |= before
        for setup in before & links.setups:
            found |= links.teardowns_of(setup)
    if not downstream:
        for setup in links.setups & set(matched):
            found |= links.teardowns_of(setup)
    plain -= links.setups | links.teardowns
    for setup, names in scopes(links).items() if plain else ():
        if names & plain:
            found |= {setup, *links.teardowns_of(setup)}
    return found
