"""Rows are copied by the hooks of two connections; a mail goes out by the configured backend."""

from typing import Any

import pytest

from flowctl.authoring import mail
from flowctl.authoring.connection import Connection
from flowctl.authoring.exceptions import AirflowException
from flowctl.operators.email import EmailOperator
from flowctl.operators.generic_transfer import GenericTransfer


class Database:
    """A hook as those of `common.sql`."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def get_records(self, sql: str) -> list[tuple[int]]:
        self.calls.append(sql)
        return [(1,), (2,)]

    def run(self, sql: Any) -> None:
        self.calls.append(sql)

    def insert_rows(self, **given: Any) -> None:
        self.calls.append(given)


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give the hooks of connections "one" and "other"."""
    found: dict[str, Any] = {"one": Database(), "other": Database()}
    for name in found:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", f"sqlite:///{name}")
    monkeypatch.setattr(Connection, "get_hook", lambda conn, **_: found[conn.conn_id])
    return found


def transfer(**options: Any) -> None:
    call = GenericTransfer(
        task_id="t",
        sql="SELECT",
        destination_table="sales",
        source_conn_id="one",
        destination_conn_id="other",
        **options,
    )
    call.execute({})


def test_rows_are_copied(hooks: dict[str, Any]) -> None:
    transfer(preoperator=["DELETE"], insert_args={"commit_every": 5})

    assert hooks["one"].calls == ["SELECT"]
    insert = {"table": "sales", "rows": [(1,), (2,)], "commit_every": 5}
    assert hooks["other"].calls == [["DELETE"], insert]


@pytest.mark.parametrize(("conn_id", "lacks"), [("one", "get_records"), ("other", "insert_rows")])
def test_a_hook_of_no_database_is_named(hooks: dict[str, Any], conn_id: str, lacks: str) -> None:
    hooks[conn_id] = object()
    with pytest.raises(AirflowException, match=f"'{conn_id}' \\(object\\) has no {lacks}"):
        transfer()


def test_a_mail_goes_out_as_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(mail, "send_email_smtp", lambda *args, **named: sent.append((args, named)))

    EmailOperator(
        task_id="t", to=["a@x", "b@x"], subject="s", html_content="h", cc="c@x", conn_id="mine"
    ).execute({})

    args, named = sent[0]
    assert args == ("a@x, b@x", "s", "h")
    assert (named["cc"], named["conn_id"], named["files"]) == ("c@x", "mine", [])
