"""Which versions a DAG has had, and what its file held in each."""

import msgspec

from flowctl.store.queries import dags as dag_queries
from flowctl.store.roles import READ
from flowctl.web.api.nodes import spec_of
from flowctl.web.call import Call
from flowctl.web.problems import NotFound
from flowctl.web.reading import When, shown
from flowctl.web.routes import NoQuery, on_dag, route


class Version(msgspec.Struct):
    number: int
    created_at: When | None
    file: str


class Versions(msgspec.Struct):
    versions: list[Version]
    total_entries: int


@route("GET", "/dags/{dag_id}/versions", may=on_dag(READ, "DAG Code"), tag="View")
def get_versions(call: Call[NoQuery, None], dag_id: str) -> Versions:
    """List the versions of a DAG, newest first."""
    with call.reading() as conn:
        spec_of(conn, dag_id, None)
        rows = dag_queries.versions(conn, dag_id)
    found = [Version(row.number, shown(row.created_at), row.file) for row in rows]
    return Versions(found, len(found))


class VersionSource(msgspec.Struct):
    number: int
    content: str


@route("GET", "/dags/{dag_id}/versions/{number}/source", may=on_dag(READ, "DAG Code"), tag="View")
def get_version_source(call: Call[NoQuery, None], dag_id: str, number: int) -> VersionSource:
    """Return the file's content in one version; the caller must be allowed to see all its DAGs."""
    with call.reading() as conn:
        for other in dag_queries.sharing(conn, dag_id, number):
            call.must_dag(READ, other)
        content = dag_queries.source(conn, dag_id, number)
    if content is None:
        raise NotFound(f"DAG {dag_id!r} has no version {number}")
    return VersionSource(number, content.decode(errors="replace"))
