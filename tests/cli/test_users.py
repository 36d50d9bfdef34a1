"""`flowctl users` and `flowctl roles`, as a person gives them."""

import json
from pathlib import Path

from sqlalchemy import Engine

from flowctl.store import accounts, passes, passwords, roles
from flowctl.store.engine import reading
from tests.cli.conftest import Call

ANN = ("-u", "ann", "-f", "Ann", "-l", "Lee", "-e", "ann@x.org", "-r", "Viewer")


def test_a_user_is_made_as_under_airflow(call: Call, engine: Engine) -> None:
    assert call("users", "create", *ANN, "-p", "secret").exit_code == 0

    with reading(engine) as conn:
        found = accounts.one(conn, "ann")
    assert found is not None
    assert (found.first_name, found.email, found.roles) == ("Ann", "ann@x.org", ("Viewer",))
    assert passwords.fits("secret", found.password)
    again = call("users", "create", *ANN, "-p", "secret")
    assert (again.exit_code, "already" in again.output) == (0, True)  # as under Airflow 2.10.5


def test_a_password_is_asked_for(call: Call, engine: Engine) -> None:
    assert call("users", "create", *ANN, stdin="typed\ntyped\n").exit_code == 0

    with reading(engine) as conn:
        found = accounts.one(conn, "ann")
    assert found is not None
    assert passwords.fits("typed", found.password)


def test_roles_come_and_go(call: Call, engine: Engine) -> None:
    assert engine is not None
    call("users", "create", *ANN, "-p", "x")

    assert call("users", "add-role", "-e", "ANN@x.org", "-r", "Op").exit_code == 0
    assert "Op" in call("users", "list", "-o", "json").output
    assert call("users", "remove-role", "-u", "ann", "-r", "Op").exit_code == 0
    assert "Op" not in call("users", "list", "-o", "json").output
    assert "there are: Admin" in call("users", "add-role", "-u", "ann", "-r", "No").output


def test_users_are_exported_without_passwords_and_imported(
    call: Call, engine: Engine, tmp_path: Path
) -> None:
    assert engine is not None
    call("users", "create", *ANN, "-p", "x")
    file = tmp_path / "users.json"

    assert call("users", "export", str(file)).exit_code == 0
    (row,) = json.loads(file.read_text())
    assert "password" not in row
    row["roles"], row["username"], row["email"] = ["Op"], "bob", "bob@x.org"
    file.write_text(json.dumps([row]))

    assert "Made 1 users" in call("users", "import", str(file)).output
    with reading(engine) as conn:
        bob = accounts.one(conn, "bob")
    assert bob is not None
    assert (bob.roles, bob.password) == (("Op",), None)


def test_a_token_is_shown_once(call: Call, engine: Engine) -> None:
    call("users", "create", *ANN, "-p", "x")

    token = call("users", "create-token", "-u", "ann", "--name", "ci").output.strip()

    assert token.startswith("flowctl_")
    with reading(engine) as conn:
        ann = accounts.one(conn, "ann")
        assert ann is not None
        assert [one.name for one in passes.tokens(conn, ann.id)] == ["ci"]


def test_a_role_says_what_it_allows(call: Call, engine: Engine, tmp_path: Path) -> None:
    assert call("roles", "create", "team").exit_code == 0
    call("roles", "add-perms", "team", "-r", "DAG:etl", "DAGs", "-a", "can_read", "can_edit")
    call("roles", "del-perms", "team", "-r", "DAG:etl", "-a", "can_edit")
    rows = json.loads(call("roles", "list", "-p", "-o", "json").output)
    assert {"name": "team", "resource": "DAGs", "action": "can_edit,can_read"} in rows
    call("roles", "del-perms", "team", "-r", "DAGs")

    with reading(engine) as conn:
        assert roles.listed(conn)["team"] == [("can_read", "DAG:etl")]
    file = tmp_path / "roles.json"
    assert call("roles", "create", "team").exit_code == 0  # as under Airflow 2.10.5
    call("roles", "export", str(file))
    assert json.loads(file.read_text()) == [
        {"name": "team", "resource": "DAG:etl", "action": "can_read"}
    ]
    call("roles", "delete", "team")
    assert call("roles", "import", str(file)).exit_code == 0
    with reading(engine) as conn:
        assert roles.listed(conn)["team"] == [("can_read", "DAG:etl")]
    assert "built in" in call("roles", "delete", "Admin").output
