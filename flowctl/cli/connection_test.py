"""`flowctl connections test`."""

import click

from flowctl.cli import connection_records
from flowctl.cli.lazy import Failure
from flowctl.cli.settings import settings
from flowctl.runner import trial


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
    is_fine, message = trial.tested(connection_records.found(conn_id))
    if not is_fine:
        raise Failure(f"connection {conn_id!r} does not work: {message}")
    click.echo(f"Connection {conn_id} works: {message}")
