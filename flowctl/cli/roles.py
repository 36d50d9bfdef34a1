"""`flowctl roles`."""

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from flowctl.cli import output as outputs
from flowctl.cli.files import read_list, write_object
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import changing, reading, writing
from flowctl.store import roles as store
from flowctl.store import trail


@click.group(context_settings=SETTINGS)
def roles() -> None:
    """Roles say what users may do; a user may have several."""


@roles.command("list")
@click.option("-p", "--permission", is_flag=True, help="Show what each role allows.")
@outputs.option
def list_(permission: bool, output: str) -> None:
    """List the roles."""
    with reading() as conn:
        found = store.listed(conn)
    if not permission:
        outputs.show([{"name": name} for name in found], output)
        return
    outputs.show([row for name, may in found.items() for row in _rows(name, may)], output)


def _rows(name: str, may: Sequence[store.Permission]) -> Iterator[dict[str, str]]:
    """Yield a row for each resource, with its actions, in Airflow's form."""
    for resource, pairs in itertools.groupby(may, key=lambda pair: pair[1]):
        yield {"name": name, "resource": resource, "action": ",".join(does for does, _ in pairs)}


@roles.command
@click.argument("role", nargs=-1, required=True)
def create(role: Sequence[str]) -> None:
    """Make roles, which allow nothing yet; those that are there already stay as they are."""
    with writing() as conn:
        new = [name for name in dict.fromkeys(role) if name not in store.listed(conn)]
        for name in new:
            with changing(conn, "role.create", trail.ROLE, name):
                store.put(conn, name, ())
    click.echo(f"Added {len(new)} role(s)")


@roles.command
@click.argument("role", nargs=-1, required=True)
def delete(role: Sequence[str]) -> None:
    """Delete roles that nobody has."""
    with writing() as conn:
        for name in role:
            with changing(conn, "role.delete", trail.ROLE, name):
                if not store.remove(conn, name):
                    raise Failure(f"there is no role {name!r}; see: flowctl roles list")
    click.echo(f"Deleted {len(role)} role(s)")


class Greedy(click.Command):
    """A command whose options take all words up to the next option, as Airflow's do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each word after an option that takes several that option of its own."""
        several = {
            name for one in self.params if isinstance(one, click.Option) and one.multiple
            for name in one.opts
        }  # fmt: skip
        words: list[str] = []
        option, is_first = None, False
        for word in args:
            if word.startswith("-"):
                option, is_first = (word, True) if word in several else (None, False)
            elif option is not None:
                words += [] if is_first else [option]
                is_first = False
            words.append(word)
        return super().parse_args(ctx, words)


def _options(command: Any) -> Any:
    for option in (
        click.option("-a", "--action", multiple=True, help="can_read, can_edit ..."),
        click.option("-r", "--resource", multiple=True, required=True, help="DAGs, DAG:my_dag ..."),
        click.argument("role", nargs=-1, required=True),
    ):
        command = option(command)
    return command


@roles.command("add-perms", cls=Greedy)
@_options
def add_perms(role: Sequence[str], resource: Sequence[str], action: Sequence[str]) -> None:
    """Have roles allow actions on resources."""
    if not action:
        raise click.UsageError("Say what they allow: --action can_read ...")
    _change(role, lambda may: may | {(does, where) for does in action for where in resource})
    click.echo(f"Changed {', '.join(role)}.")


@roles.command("del-perms", cls=Greedy)
@_options
def del_perms(role: Sequence[str], resource: Sequence[str], action: Sequence[str]) -> None:
    """Have roles not allow actions on resources any more; without --action, none."""
    _change(
        role,
        lambda may: {
            (does, where)
            for does, where in may
            if where not in resource or (action and does not in action)
        },
    )
    click.echo(f"Changed {', '.join(role)}.")


def _change(names: Sequence[str], work: Any) -> None:
    with writing() as conn:
        there = store.listed(conn)
        for name in names:
            if name not in there:
                raise Failure(f"there is no role {name!r}; see: flowctl roles list")
            with changing(conn, "role.edit", trail.ROLE, name):
                store.put(conn, name, work(set(there[name])))


@roles.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("-p", "--pretty", is_flag=True, help="Indent the file.")
def export(file: Path, pretty: bool) -> None:
    """Write the roles that are not built in to a JSON file, or to the terminal (`-`)."""
    with reading() as conn:
        found = {n: may for n, may in store.listed(conn).items() if n not in store.BUILT_IN}
    rows = [
        row
        for name, may in found.items()
        for row in list(_rows(name, may)) or [{"name": name, "resource": "", "action": ""}]
    ]
    write_object(file, json.dumps(rows, indent=4 if pretty else None))
    click.echo(f"Exported {len(found)} roles to {file}.", err=True)


@roles.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Make or extend the roles that a JSON file lists."""
    wanted: dict[str, set[store.Permission]] = {}
    for fields in read_list(file):
        try:
            may = wanted.setdefault(str(fields.get("name") or fields["role"]), set())
            if fields.get("action"):
                may |= {(does, str(fields["resource"])) for does in fields["action"].split(",")}
        except (TypeError, KeyError, AttributeError) as error:
            raise Failure(f"{file}: each entry needs name, resource and action") from error
    with writing() as conn:
        there = store.listed(conn)
        for name, may in wanted.items():
            with changing(conn, "role.import", trail.ROLE, name):
                store.put(conn, name, may | set(there.get(name, ())))
    click.echo(f"Imported {len(wanted)} roles.")
