"""Every command that changes something leaves a row: who, on which machine, how it was and is."""

import getpass
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from sqlalchemy import Engine, select

from flowctl.cli.main import main
from flowctl.store.engine import reading
from flowctl.store.schema import event
from tests.cli.conftest import Call

SECRET = "canary-of-the-trail"
ANN = ("users", "create", "-u", "ann", "-f", "A", "-l", "L", "-e", "ann@x.org", "-r", "Op",
       "-p", SECRET)  # fmt: skip
TEAM = ("roles", "create", "team")
V = ("variables", "set", "v", SECRET)
C = ("connections", "add", "c", "--conn-uri", f"http://user:{SECRET}@host")
P = ("pools", "set", "p", "1", "why")
RUN = ("dags", "trigger", "etl", "-r", "r1")
BOTH = ("before", "after")


class Case(NamedTuple):
    """A command, and what it leaves; `{file}` is a file that has the content."""

    words: Sequence[str]
    event: str
    sides: Sequence[str] = ()
    before: Sequence[Sequence[str]] = ()
    content: Any = None


CASES = [
    Case(ANN, "user.create", ("after",)),
    Case(("users", "delete", "-u", "ann"), "user.delete", ("before",), [ANN]),
    Case(("users", "add-role", "-u", "ann", "-r", "User"), "user.edit", BOTH, [ANN]),
    Case(("users", "remove-role", "-u", "ann", "-r", "Op"), "user.edit", BOTH, [ANN]),
    Case(("users", "reset-password", "-u", "ann", "-p", "x"), "user.edit", BOTH, [ANN]),
    Case(("users", "log-out", "-u", "ann"), "user.logout", (), [ANN]),
    Case(("users", "create-token", "-u", "ann", "--name", "t"), "token.create", (), [ANN]),
    Case(("users", "import", "{file}"), "user.import", ("after",), (),
         [{"username": "bob", "email": "b@x.org", "firstname": "B", "lastname": "B",
           "roles": ["Op"]}]),
    Case(TEAM, "role.create", ("after",)),
    Case(("roles", "delete", "team"), "role.delete", ("before",), [TEAM]),
    Case(("roles", "add-perms", "team", "-r", "DAGs", "-a", "can_read"), "role.edit", BOTH,
         [TEAM]),
    Case(("roles", "del-perms", "Viewer", "-r", "DAGs", "-a", "can_read"), "role.edit", BOTH),
    Case(("roles", "import", "{file}"), "role.import", ("after",), (),
         [{"role": "crew", "resource": "DAGs", "action": "can_read"}]),
    Case(V, "variable.set", ("after",)),
    Case(("variables", "delete", "v"), "variable.delete", ("before",), [V]),
    Case(("variables", "import", "{file}"), "variable.import", BOTH, [V], {"v": SECRET}),
    Case(C, "connection.create", ("after",)),
    Case(("connections", "delete", "c"), "connection.delete", ("before",), [C]),
    Case(("connections", "import", "{file}"), "connection.import", ("after",), (),
         {"c": {"conn_type": "http", "password": SECRET}}),
    Case(P, "pool.set", ("after",)),
    Case(("pools", "delete", "p"), "pool.delete", ("before",), [P]),
    Case(("pools", "import", "{file}"), "pool.import", BOTH, [P], {"p": {"slots": 3}}),
    Case(("dags", "pause", "etl"), "dag.pause", BOTH),
    Case(("dags", "pause", "etl", "--drain"), "dag.pause", BOTH),
    Case(("dags", "unpause", "manual"), "dag.unpause", BOTH),
    Case(("dags", "delete", "manual", "-y"), "dag.delete"),
    Case(RUN, "trigger"),
    Case(("tasks", "clear", "etl", "-y"), "clear", (), [RUN]),
    Case(("drain",), "drain.begin", BOTH),
    Case(("drain", "--off"), "drain.end", BOTH, [("drain",)]),
    Case(("runs", "hold", "etl", "r1"), "run.hold", BOTH, [RUN]),
    Case(("runs", "release", "etl", "r1"), "run.release", BOTH,
         [RUN, ("runs", "hold", "etl", "r1")]),
    Case(("tasks", "hold", "etl", "extract", "r1"), "task.hold", BOTH, [RUN]),
    Case(("tasks", "release", "etl", "extract", "r1"), "task.release", BOTH,
         [RUN, ("tasks", "hold", "etl", "extract", "r1")]),
    Case(("backfill", "create", "--dag-id", "etl", "--from-date", "2024-01-01", "--to-date",
          "2024-01-02"), "backfill.create"),
    Case(("backfill", "pause", "1"), "backfill.pause", BOTH, ["backfill"]),
    Case(("backfill", "unpause", "1"), "backfill.unpause", BOTH,
         ["backfill", ("backfill", "pause", "1")]),
    Case(("backfill", "cancel", "1"), "backfill.cancel", BOTH, ["backfill"]),
    Case(("db", "clean", "--clean-before-timestamp", "2024-01-01", "--skip-archive", "-y"),
         "db.clean", ("before",)),
    Case(("rotate-fernet-key",), "fernet.rotate"),
]  # fmt: skip
BACKFILL = next(case.words for case in CASES if case.event == "backfill.create")

OTHERS = """
standalone, scheduler, triggerer, webserver, stop, why, simulate, plugins, info, version, dags list,
dags show, dags details, dags state, dags list-runs, dags list-import-errors, dags next-execution,
dags test, dags report, tasks list, tasks show, tasks state, tasks states-for-dag-run, tasks test,
tasks render, tasks failed-deps, assets details, assets list, datasets list, backfill list,
backfill show, runs watch, pools export, pools get, pools list, variables export, variables get,
variables list, connections export, connections get, connections list, connections test,
users export, users list, roles export, roles list, jobs check, config get-value, config list,
db check, db check-migrations, db shell, initdb, upgradedb, resetdb, db init, db migrate,
db upgrade, db downgrade, db reset, dags backfill, tasks run, assets event, assets materialize
"""
"""Commands that only look, that work on the metastore itself, or that a scheduler answers."""


def commands(group: click.Group, path: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def test_every_command_that_changes_something_is_tried_here() -> None:
    known = {name.strip() for name in OTHERS.split(",")}
    tried = {" ".join(word for word in case.words[:2] if word[0] != "-") for case in CASES}
    there = {name for name in commands(main) if not name.startswith("providers ")}

    assert there - known == tried


def rows(engine: Engine) -> list[Any]:
    with reading(engine) as conn:
        return list(conn.execute(select(event).order_by(event.c.id)).all())


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.words[:2]))
def test_a_command_has_its_row(call: Call, home: Engine, tmp_path: Path, case: Case) -> None:
    for words in case.before:
        done = call(*(BACKFILL if words == "backfill" else words))
        assert done.exit_code == 0, done.output
    file = tmp_path / "given.json"
    file.write_text(json.dumps(case.content))
    there = len(rows(home))

    done = call(*(word.format(file=file) for word in case.words))

    new = rows(home)[there:]
    assert case.event in [row.name for row in new], done.output
    for row in new:
        assert row.actor == f"cli:{getpass.getuser()}"
        assert row.detail["address"] == socket.gethostname()
        assert SECRET not in json.dumps(row.detail)
    last = next(row for row in new if row.name == case.event)
    assert {"before", "after"} & last.detail.keys() == set(case.sides)
