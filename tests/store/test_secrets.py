"""Variables and connections: encrypted, replaceable, readable only with the right key."""

import subprocess
import sys

import pytest
from sqlalchemy import Connection, text

from flowctl.authoring.ports import ConnectionRecord
from flowctl.store import connections, variables
from flowctl.store.connections import ConnectionRecordError
from flowctl.store.crypto import Cipher, CipherError, new_key
from flowctl.store.variables import Variable, VariableError

CIPHER = Cipher(new_key())


def test_without_a_key_the_error_tells_a_command_that_makes_one() -> None:
    with pytest.raises(CipherError, match="fernet_key is empty") as missing:
        Cipher(" , ")
    code = str(missing.value).split('python -c "')[1].rstrip('"')
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    Cipher(made.stdout.strip())


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(CipherError, match="32 bytes"):
        Cipher("secret")


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    old, new = new_key(), new_key()
    token = Cipher(old).encrypt("x")

    assert Cipher(f"{new}, {old}").decrypt(token, "it") == "x"
    assert Cipher(new).decrypt(Cipher(f"{new},{old}").encrypt("y"), "it") == "y"


def test_a_variable_comes_back_as_it_was_stored(conn: Connection) -> None:
    stored = Variable("k", "geheim \N{SNOWMAN}", "what it is")

    variables.put(conn, CIPHER, stored, Variable("empty", ""))

    assert variables.get(conn, CIPHER, "k") == stored
    assert variables.get(conn, CIPHER, "empty") == Variable("empty", "")
    assert variables.get(conn, CIPHER, "other") is None
    assert variables.keys(conn) == ["empty", "k"]
    assert variables.export(conn, CIPHER) == [Variable("empty", ""), stored]


def test_nothing_secret_lies_in_clear_in_the_database(conn: Connection) -> None:
    variables.put(conn, CIPHER, Variable("k", "geheim"))
    connections.put(conn, CIPHER, ConnectionRecord("c", password="geheim", extra='{"a": "geheim"}'))

    for table in ("variable", "connection"):
        rows = conn.execute(text(f"SELECT * FROM {table}")).all()
        assert len(rows) == 1
        assert "geheim" not in str(rows)


def test_another_key_is_named_in_the_error(conn: Connection) -> None:
    variables.put(conn, CIPHER, Variable("k", "v"))
    connections.put(conn, CIPHER, ConnectionRecord("c", password="p"))
    other = Cipher(new_key())

    with pytest.raises(CipherError, match="the variable 'k' was encrypted under a key"):
        variables.get(conn, other, "k")
    with pytest.raises(CipherError, match="the password of connection 'c'"):
        connections.get(conn, other, "c")


def test_a_variable_is_replaced_and_deleted(conn: Connection) -> None:
    variables.put(conn, CIPHER, Variable("k", "1", "old"))
    variables.put(conn, CIPHER, Variable("k", "2"))

    assert variables.get(conn, CIPHER, "k") == Variable("k", "2")
    assert variables.remove(conn, "k")
    assert not variables.remove(conn, "k")


@pytest.mark.parametrize(
    ("existing", "left", "value"), [("overwrite", [], "new"), ("skip", ["k"], "old")]
)
def test_an_import_treats_existing_variables_as_asked(
    conn: Connection, existing: variables.Existing, left: list[str], value: str
) -> None:
    variables.put(conn, CIPHER, Variable("k", "old"))
    wanted = [Variable("k", "new"), Variable("l", "new")]

    assert variables.load(conn, CIPHER, wanted, existing) == left
    assert variables.export(conn, CIPHER) == [Variable("k", value), Variable("l", "new")]


def test_an_import_that_must_not_meet_existing_variables_stores_nothing(conn: Connection) -> None:
    variables.put(conn, CIPHER, Variable("k", "old"))
    with pytest.raises(VariableError, match="exist already: k"):
        variables.load(conn, CIPHER, [Variable("a", "1"), Variable("k", "new")], "fail")
    assert variables.export(conn, CIPHER) == [Variable("k", "old")]


FULL = ConnectionRecord(
    "c", "postgres", "a base", "db", "ann", "p@ss", "sales", 5432, '{"sslmode": "require"}'
)


def test_a_connection_comes_back_as_it_was_stored(conn: Connection) -> None:
    bare = ConnectionRecord("bare", "http")

    connections.put(conn, CIPHER, FULL, bare)

    assert connections.get(conn, CIPHER, "c") == FULL
    assert connections.get(conn, CIPHER, "none") is None
    assert connections.export(conn, CIPHER) == [bare, FULL]
    assert connections.export(conn, CIPHER, "c") == [FULL]
    assert connections.ids(conn) == ["bare", "c"]


def test_a_replaced_connection_keeps_nothing_of_the_old_one(conn: Connection) -> None:
    connections.put(conn, CIPHER, FULL)
    connections.put(conn, CIPHER, ConnectionRecord("c", "http"))

    assert connections.get(conn, CIPHER, "c") == ConnectionRecord("c", "http")
    assert connections.remove(conn, "c")
    assert not connections.remove(conn, "c")


def test_an_import_overwrites_connections_only_when_asked(conn: Connection) -> None:
    connections.put(conn, CIPHER, FULL)
    wanted = [ConnectionRecord("c", "http"), ConnectionRecord("d", "ftp")]

    assert connections.load(conn, CIPHER, wanted) == ["c"]
    assert connections.get(conn, CIPHER, "c") == FULL
    assert connections.load(conn, CIPHER, wanted, overwrite=True) == []
    assert connections.export(conn, CIPHER) == wanted


def test_names_and_ports_that_cannot_be_are_refused(conn: Connection) -> None:
    with pytest.raises(VariableError, match="1 to 250 characters"):
        variables.put(conn, CIPHER, Variable("k" * 251, "v"))
    with pytest.raises(ConnectionRecordError, match="1 to 250 characters"):
        connections.put(conn, CIPHER, ConnectionRecord(""))
    with pytest.raises(ConnectionRecordError, match="port 70000"):
        connections.put(conn, CIPHER, ConnectionRecord("c", port=70000))
