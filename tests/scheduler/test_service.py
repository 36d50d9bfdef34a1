"""The scheduler as a process: one bad DAG file is that file's problem."""

from flowctl import config
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.scheduler.service import recorder
from flowctl.store.crypto import Cipher, new_key
from flowctl.store.engine import create, reading, writing
from flowctl.store.queries import files


def test_a_file_that_the_metastore_refuses_has_an_import_error(postgres_url: str) -> None:
    """PostgreSQL takes no NUL, and no tag that is longer than its column."""
    engine = create(postgres_url)
    specs = {
        "nul.py": DagSpec("nul", "nul.py", (TaskSpec("a"),), description="a\0b"),
        "tag.py": DagSpec("tag", "tag.py", (TaskSpec("a"),), tags=("x" * 200,)),
        "good.py": DagSpec("good", "good.py", (TaskSpec("a"),)),
    }
    record = recorder(config.load(environ={}), Cipher(new_key()))

    with writing(engine) as conn:
        found = {
            path: record(conn, ParsedFile(path, "1", (spec,), source=b"1"))
            for path, spec in specs.items()
        }

    assert found["good.py"].changed == {"good"}
    with reading(engine) as conn:
        errors = {row.path: row.error for row in files.import_errors(conn)}
    assert errors.keys() == {"nul.py", "tag.py"}
    assert "the metastore refuses what this file defines" in errors["nul.py"]
    engine.dispose()
