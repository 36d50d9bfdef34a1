"""`flowctl roles`."""

import json
from collections.abc import Sequence
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
    rows = [
        {"name": name, "resource": resource, "action": action}
        for name, may in found.items()
        for action, resource in may
    ]
    outputs.show(rows, output)


@roles.command
@click.argument("role", nargs=-1, required=True)
def create(role: Sequence[str]) -> None:
    """Make roles, which allow nothing yet."""
    with writing() as conn:
        there = store.listed(conn)
        for name in role:
            if name in there:
                raise Failure(f"there is a role {name!r} already")
            with changing(conn, "role.create", trail.ROLE, name):
                store.put(conn, name, ())
    click.echo(f"Made {', '.join(role)}.")


@roles.command
@click.argument("role", nargs=-1, required=True)
def delete(role: Sequence[str]) -> None:
    """Delete roles that nobody has."""
    with writing() as conn:
        for name in role:
            with changing(conn, "role.delete", trail.ROLE, name):
                if not store.remove(conn, name):
                    raise Failure(f"there is no role {name!r}; see: flowctl roles list")
    click.echo(f"Deleted {', '.join(role)}.")


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
    """Write all roles to a JSON file, or to the terminal when FILE is `-`."""
    with reading() as conn:
        found = store.listed(conn)
    rows = [
        {"role": name, "resource": resource, "action": action}
        for name, may in found.items()
        for action, resource in may or [("", "")]
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
            may = wanted.setdefault(str(fields["role"]), set())
            if fields.get("action"):
                may |= {(does, str(fields["resource"])) for does in fields["action"].split(",")}
        except (TypeError, KeyError, AttributeError) as error:
            raise Failure(f"{file}: each entry needs role, resource and action") from error
    with writing() as conn:
        there = store.listed(conn)
        for name, may in wanted.items():
            with changing(conn, "role.import", trail.ROLE, name):
                store.put(conn, name, may | set(there.get(name, ())))
    click.echo(f"Imported {len(wanted)} roles.")
