"""Secrets under a new key: all of them, whenever the rotation is interrupted."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from flowctl.authoring.ports import ConnectionRecord
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec
from flowctl.store import confs, connections, crypto, dags, rotation, triggers, variables
from flowctl.store.crypto import Cipher, CipherError
from flowctl.store.engine import reading, writing
from flowctl.store.schema import dag_run, variable

OLD, NEW = crypto.new_key(), crypto.new_key()
COUNT = 3
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give a metastore with secrets under the old key."""
    old = Cipher(OLD)
    with writing(engine) as conn:
        wanted = [variables.Variable(f"k{number}", f"secret {number}") for number in range(COUNT)]
        variables.put(conn, old, *wanted)
        connections.put(conn, old, ConnectionRecord("c", "http", password="p", extra='{"x": 1}'))
    return engine


def test_all_secrets_are_readable_under_the_new_key_alone(filled: Engine) -> None:
    done = dict(rotation.rotate(filled, Cipher(f"{NEW},{OLD}")))

    assert done == {"variable": COUNT, "connection": 2, "deferral": 0, "asset_watcher": 0,
                    "dag_run": 0, "backfill": 0}  # fmt: skip
    new = Cipher(NEW)
    with reading(filled) as conn:
        assert [one.value for one in variables.export(conn, new)] == [
            f"secret {number}" for number in range(COUNT)
        ]
        found = connections.get(conn, new, "c")
    assert found is not None
    assert (found.password, found.extra) == ("p", '{"x": 1}')


def test_an_interrupted_rotation_is_begun_again(filled: Engine) -> None:
    both = Cipher(f"{NEW},{OLD}")
    next(iter(rotation.rotate(filled, both)))  # the variables only
    with reading(filled) as conn:
        tokens = dict(conn.execute(select(variable.c.key, variable.c.value)).all())
    assert Cipher(NEW).decrypt(tokens["k0"], "x") == "secret 0"

    dict(rotation.rotate(filled, both))

    with reading(filled) as conn:
        assert connections.get(conn, Cipher(NEW), "c") is not None


def test_confs_that_lay_open_are_encrypted(filled: Engine) -> None:
    """They were stored before confs were; the others keep what they have."""
    given: dict[int, Any] = {1: {"password": "open", "p": 1}, 2: {"p": "q"}, 3: {}}
    with writing(filled) as conn:
        dags.record(conn, ParsedFile("d.py", "1:1:1", (DagSpec("d", "d.py", ()),)), NOW)
        for pk, conf in given.items():
            triggers.trigger(conn, triggers.Trigger("d", f"r{pk}", NOW.replace(day=pk)), "me", NOW)
            conn.execute(update(dag_run).where(dag_run.c.run_id == f"r{pk}").values(conf=conf))

    assert dict(rotation.rotate(filled, Cipher(OLD)))["dag_run"] == 1

    with reading(filled) as conn:
        kept = dict(conn.execute(select(dag_run.c.id, dag_run.c.conf)).all())
    assert "open" not in str(kept)
    assert {pk: confs.opened(conf, Cipher(OLD)) for pk, conf in kept.items()} == given
    assert kept[2] == {"p": "q"}


def test_without_the_old_key_it_is_said_which_secret_is_lost(filled: Engine) -> None:
    with pytest.raises(CipherError, match="value of variable 'k0'"):
        dict(rotation.rotate(filled, Cipher(NEW)))
