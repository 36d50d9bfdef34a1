"""The graphs of DAG versions, as the metastore keeps them."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from sqlalchemy import Connection, select

from flowctl.core import spec as specs
from flowctl.core.backfill import Shape, shaped
from flowctl.core.graph import Graph, compile_graph
from flowctl.store.schema import dag_version

GRAPHS_KEPT = 4  # one clear asks four times, and what is cleared was shown just before


def made_graph(document: str) -> Graph:
    """Return the graph of a version, made from its spec as it is stored."""
    return compile_graph(specs.decode(document))


@lru_cache(maxsize=GRAPHS_KEPT)
def kept_graph(document: str) -> Graph:
    """Return the same for one who asks again and again, as the web server does; read-only."""
    return made_graph(document)


class Versions:
    """The graphs of DAG versions, each decoded once for as long as somebody uses it."""

    def __init__(self, graph_of: Callable[[str], Graph] = made_graph) -> None:
        self._graph_of = graph_of
        self._graphs: dict[int, tuple[str, str, Graph]] = {}
        self._shaped: dict[tuple[int, str], Graph] = {}

    def get(self, conn: Connection, pks: Iterable[int]) -> dict[int, tuple[str, str, Graph]]:
        """Return digest, hash of the source, and graph by the key of the version's row."""
        wanted = set(pks)
        missing = wanted - self._graphs.keys()
        if missing:
            rows = conn.execute(
                select(
                    dag_version.c.id,
                    dag_version.c.digest,
                    dag_version.c.source_hash,
                    dag_version.c.spec,
                ).where(dag_version.c.id.in_(missing))
            )
            for pk, digest, source_hash, document in rows:
                self._graphs[pk] = (digest, source_hash, self._graph_of(document))
        return {pk: self._graphs[pk] for pk in wanted}

    def shaped(self, pk: int, shape: Shape) -> Graph:
        """Return the graph of a version that `get` returned, as the runs of a backfill see it."""
        graph = self._graphs[pk][2]
        if shape.is_plain:
            return graph
        key = (pk, repr(shape))
        if key not in self._shaped:
            self._shaped[key] = compile_graph(shaped(graph.spec, shape))
        return self._shaped[key]

    def keep(self, graphs: Iterable[int]) -> None:
        """Forget every version whose graph is not among these, given by `id`."""
        wanted = set(graphs)
        self._graphs = {pk: kept for pk, kept in self._graphs.items() if id(kept[2]) in wanted}
        self._shaped = {key: kept for key, kept in self._shaped.items() if id(kept) in wanted}
