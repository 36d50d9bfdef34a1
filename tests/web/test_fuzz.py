"""Some hundreds of requests made of the OpenAPI document; `make fuzz` sends many more.

They ask for each operation on PostgreSQL; the other tests of the server have a metastore in a file.
"""

from pathlib import Path

import pytest

from tests.fuzz import engine
from tests.support.processes import free_port

SEED = 7


@pytest.mark.timeout(600)
def test_the_server_does_what_its_document_says(flowctl_home: Path, postgres_url: str) -> None:
    port = free_port()
    with engine.served(flowctl_home, port, postgres_url):
        ended = engine.run(flowctl_home, port, 1, "fuzzing,stateful", seed=SEED)

    assert ended.is_fine, ended.text[-20_000:]
    assert ended.requests > 200


@pytest.mark.timeout(600)
def test_nobody_gets_further_than_the_document_says(flowctl_home: Path) -> None:
    port = free_port()
    with engine.served(flowctl_home, port):
        ended = engine.run(flowctl_home, port, 1, "fuzzing", seed=SEED, logged_in=False)

    assert ended.is_fine, ended.text[-20_000:]
    assert ended.requests > 100
