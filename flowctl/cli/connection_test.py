"""`flowctl connections test`."""

import traceback

import click

from flowctl.authoring import ports
from flowctl.cli import connection_records
from flowctl.cli.lazy import Failure
from flowctl.cli.settings import settings
from flowctl.compat import install
from flowctl.hooks import providers


@click.command
@click.argument("conn_id")
def test(conn_id: str) -> None:
    """Test a connection with the hook of its type; the exit code is 0 only if it works.

    Hooks come from provider packages. [core] test_connection must be Enabled, because a test
    reaches out to whatever the connection says.
    """
    if settings().text("core", "test_connection") != "Enabled":
        raise Failure(
            "tests of connections are switched off; set [core] test_connection = Enabled"
            " (AIRFLOW__CORE__TEST_CONNECTION=Enabled)"
        )
    install()
    record = connection_records.found(conn_id)
    seen = ports.InMemoryPorts()  # the hook sees this connection, and no other
    seen.connections[conn_id] = record
    ports.use(seen)
    is_fine, message = _tested(conn_id, record.conn_type)
    if not is_fine:
        raise Failure(f"connection {conn_id!r} does not work: {message}")
    click.echo(f"Connection {conn_id} works: {message}")


def _tested(conn_id: str, conn_type: str) -> tuple[bool, str]:
    """Ask the hook. Raises HookError when there is none."""
    hook = providers.hook(conn_type, conn_id)
    if not hasattr(hook, "test_connection"):
        raise Failure(f"{type(hook).__name__}, the hook of type {conn_type!r}, has no test")
    try:
        is_fine, message = hook.test_connection()
    except Exception as error:  # the code of a package
        return False, "".join(traceback.format_exception_only(error)).strip()
    return bool(is_fine), str(message)
