"""`flowctl users`."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from flowctl import clock
from flowctl.cli import output as outputs
from flowctl.cli.files import read_list, write_object
from flowctl.cli.lazy import SETTINGS, Failure
from flowctl.cli.metastore import actor, changing, reading, writing
from flowctl.store import accounts, events, passes, passwords, trail
from flowctl.store.accounts import Account
from flowctl.web.auth.login import digest_of, new_token

RANDOM_BYTES = 12


@click.group(context_settings=SETTINGS)
def users() -> None:
    """Users may log in to the web server and use its API, as far as their roles allow."""


def _row(one: Account) -> dict[str, Any]:
    return {
        "id": one.id,
        "username": one.username,
        "email": one.email,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "roles": list(one.roles),
    }


@users.command("list")
@outputs.option
def list_(output: str) -> None:
    """List the users."""
    with reading() as conn:
        outputs.show([_row(one) for one in accounts.found(conn)], output)


@users.command
@click.option("-u", "--username", required=True, help="The name to log in with.")
@click.option("-f", "--firstname", required=True)
@click.option("-l", "--lastname", required=True)
@click.option("-e", "--email", required=True)
@click.option("-r", "--role", required=True, help="Admin, Op, User, Viewer, or a role you made.")
@click.option("-p", "--password", help="Asked for if not given: others may see your commands.")
@click.option("--use-random-password", is_flag=True, help="Make a password, and show it once.")
def create(
    username: str,
    firstname: str,
    lastname: str,
    email: str,
    role: str,
    password: str | None,
    use_random_password: bool,
) -> None:
    """Make a user; when there is one of that name, he is left as he is."""
    shown = secrets.token_urlsafe(RANDOM_BYTES) if use_random_password else None
    chosen = shown or password or _asked()
    made = Account(username, firstname, lastname, email, (role,), password=passwords.hashed(chosen))
    with writing() as conn:
        if accounts.one(conn, username) is not None:
            click.echo(f"{username} is there already; nothing is changed.")
            return  # with success, as under Airflow: scripts make users at every start
        with changing(conn, "user.create", trail.USER, username):
            accounts.create(conn, made, clock.utcnow())
    click.echo(f'User "{username}" created with role "{role}"')
    if shown:
        click.echo(f"Its password, shown only now: {shown}")


def _asked() -> str:
    chosen: str = click.prompt("Password", hide_input=True, confirmation_prompt="Again")
    return chosen


def _which(command: Any) -> Any:
    """Let a user be named by name or by mail address."""
    command = click.option("-e", "--email", help="The mail address of the user.")(command)
    return click.option("-u", "--username", help="The name of the user.")(command)


def _found(conn: Connection, username: str | None, email: str | None) -> Account:
    if (username is None) == (email is None):
        raise click.UsageError("Name the user by --username or by --email, by one of them.")
    for one in accounts.found(conn):
        if one.username == username or (email and one.email.lower() == email.lower()):
            return one
    raise Failure(f"there is no user {username or email!r}; see: flowctl users list")


@users.command
@_which
def delete(username: str | None, email: str | None) -> None:
    """Delete a user."""
    with writing() as conn:
        found = _found(conn, username, email)
        with changing(conn, "user.delete", trail.USER, found.username):
            accounts.remove(conn, found.username)
    click.echo(f"User {found.username} is deleted.")


@users.command("add-role")
@_which
@click.option("-r", "--role", required=True)
def add_role(username: str | None, email: str | None, role: str) -> None:
    """Give a user one more role."""
    with writing() as conn:
        found = _found(conn, username, email)
        if role in found.roles:
            raise Failure(f"user {found.username} has the role {role} already")
        _change(conn, found, replace(found, roles=(*found.roles, role)))
    click.echo(f'User "{found.username}" added to role "{role}"')


@users.command("remove-role")
@_which
@click.option("-r", "--role", required=True)
def remove_role(username: str | None, email: str | None, role: str) -> None:
    """Take a role from a user, who is logged out everywhere."""
    with writing() as conn:
        found = _found(conn, username, email)
        if role not in found.roles:
            raise Failure(f"user {found.username} does not have the role {role}")
        left = tuple(name for name in found.roles if name != role)
        _change(conn, found, replace(found, roles=left))
    click.echo(f'User "{found.username}" removed from role "{role}"')


@users.command("reset-password")
@_which
@click.option("-p", "--password", help="Asked for if not given.")
@click.option("--use-random-password", is_flag=True, help="Make a password, and show it once.")
def reset_password(
    username: str | None, email: str | None, password: str | None, use_random_password: bool
) -> None:
    """Give a user another password; he is logged out everywhere, and his tokens end."""
    shown = secrets.token_urlsafe(RANDOM_BYTES) if use_random_password else None
    with reading() as conn:
        _found(conn, username, email)
    kept = passwords.hashed(shown or password or _asked())  # nobody waits for who types
    with writing() as conn:
        found = _found(conn, username, email)
        _change(conn, found, replace(found, password=kept))
    click.echo(f'User "{found.username}" password reset successfully')
    if shown:
        click.echo(f"It is shown only now: {shown}")


@users.command("log-out")
@_which
def log_out(username: str | None, email: str | None) -> None:
    """Log a user out everywhere: all sessions and tokens end."""
    with writing() as conn:
        found = _found(conn, username, email)
        accounts.log_out(conn, found.id)
        _record(conn, "user.logout", found.username)
    click.echo(f"User {found.username} is logged out; all tokens have ended.")


@users.command("create-token")
@_which
@click.option("--name", required=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True)
@click.option("--read-only", is_flag=True, help="It may not change anything.")
def create_token(
    username: str | None, email: str | None, name: str, days: int, read_only: bool
) -> None:
    """Make a token that lets a program use the API as a user, and show it once."""
    now, secret = clock.utcnow(), new_token()
    with writing() as conn:
        found = _found(conn, username, email)
        passes.issue_token(
            conn,
            found.id,
            digest_of(secret),
            name,
            now + timedelta(days=days),
            now,
            is_read_only=read_only,
        )
        _record(conn, "token.create", found.username, token=name)
    click.echo(secret)


def _change(conn: Connection, before: Account, after: Account) -> None:
    with changing(conn, "user.edit", trail.USER, before.username):
        accounts.change(conn, before, after, clock.utcnow())


def _record(conn: Connection, name: str, username: str, **more: Any) -> None:
    detail = {"username": username, **more}
    events.record(conn, name, actor(), at=clock.utcnow(), detail=detail)


@users.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def export(file: Path) -> None:
    """Write all users to a JSON file, without their passwords."""
    with reading() as conn:
        found = [_row(one) for one in accounts.found(conn)]
    names = {"first_name": "firstname", "last_name": "lastname"}
    rows = [{names.get(key, key): value for key, value in row.items()} for row in found]
    write_object(file, json.dumps(rows, indent=4))
    click.echo(f"{len(rows)} users successfully exported to {file}.", err=True)


@users.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Make or change the users that a JSON file lists; new ones need their password reset."""
    wanted = [_account(file, fields) for fields in read_list(file)]
    made = 0
    with writing() as conn:
        for one in wanted:
            with changing(conn, "user.import", trail.USER, one.username):
                made += _import(conn, one)
    click.echo(f"Made {made} users, changed {len(wanted) - made}.")
    if made:
        click.echo("The new ones have no password: flowctl users reset-password -u NAME")


def _import(conn: Connection, one: Account) -> bool:
    """Make or change a user; say whether he was made."""
    before = accounts.one(conn, one.username)
    if before is None:
        accounts.create(conn, one, clock.utcnow())
        return True
    after = replace(
        before, first_name=one.first_name, last_name=one.last_name, email=one.email,
        roles=one.roles,
    )  # fmt: skip
    accounts.change(conn, before, after, clock.utcnow())
    return False


def _account(file: Path, fields: Any) -> Account:
    try:
        return Account(
            str(fields["username"]),
            str(fields.get("firstname") or fields.get("first_name") or ""),
            str(fields.get("lastname") or fields.get("last_name") or ""),
            str(fields["email"]),
            tuple(sorted(set(fields.get("roles", ())))),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise Failure(f"{file}: each user needs username, email and roles") from error
