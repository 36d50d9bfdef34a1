"""The graphs of DAG versions, as the metastore keeps them."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from flowctl.core import spec as specs
from flowctl.core.backfill import Shape, shaped
from flowctl.core.graph import Graph, compile_graph
from flowctl.store.schema import dag_version


class Versions:
    """The graphs of DAG versions, each decoded once for as long as somebody uses it."""

    def __init__(self) -> None:
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
                graph = compile_graph(specs.decode(document))
                self._graphs[pk] = (digest, source_hash, graph)
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
