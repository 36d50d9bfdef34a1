"""The files of DAGs: their source, and reading them again."""

import base64
import binascii

import msgspec

from flowctl.store.queries import dags as queries
from flowctl.store.queries import files
from flowctl.store.roles import DAGS, EDIT, READ
from flowctl.web.api.system import wants_json
from flowctl.web.call import Call
from flowctl.web.problems import NotFound
from flowctl.web.routes import Needs, NoQuery, Text, on_dag, route


def token_of(file: str) -> str:
    """Return how a DAG file is named in a path of the API; it says no more than `fileloc` does."""
    return base64.urlsafe_b64encode(file.encode()).decode().rstrip("=")


def file_of(token: str) -> str:
    """Return the file that a token names.

    Raises:
        NotFound: it names none.
    """
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise NotFound("there is no such file") from None


class Source(msgspec.Struct):
    content: str


@route("GET", "/dagSources/{file_token}", may=Needs(READ, "DAG Code"), tag="DAG", errors=(406,))
def get_dag_source(call: Call[NoQuery, None], file_token: str) -> Source | Text:
    """Return the source of a DAG file; the caller must be allowed to see every DAG in it."""
    file = file_of(file_token)
    with call.reading() as conn:
        dag_ids = files.dag_ids(conn, file)
        for dag_id in dag_ids:
            call.must_dag(READ, dag_id)
        content = queries.source(conn, dag_ids[0]) if dag_ids else None
    if content is None:
        raise NotFound("there is no such file, or it defines no DAG")
    text = content.decode(errors="replace")
    return Source(text) if wants_json(call) else Text(text)


@route("PUT", "/parseDagFile/{file_token}", may=on_dag(EDIT, DAGS), tag="DAG", status=201)
def reparse_dag_file(call: Call[NoQuery, None], file_token: str) -> None:
    """Have a DAG file parsed again, although it did not change."""
    file = file_of(file_token)
    with call.writing() as conn:
        dag_ids = files.dag_ids(conn, file)
        for dag_id in dag_ids:
            call.must_dag(EDIT, dag_id)
        if not dag_ids or not files.parse_again(conn, file):
            raise NotFound("there is no such file, or it defines no DAG")
        for dag_id in dag_ids:
            call.audit(conn, "dag.reparse", dag_id=dag_id, detail={"file": file})
