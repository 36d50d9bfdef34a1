"""`flowctl rotate-fernet-key`."""

import click

from flowctl import clock
from flowctl.cli.metastore import actor, current_engine, here
from flowctl.cli.settings import settings
from flowctl.store import events, metastore, rotation
from flowctl.store.engine import writing


@click.command("rotate-fernet-key")
def rotate_fernet_key() -> None:
    """Encrypt every stored secret anew, under the first key.

    Put a new key in front of the old one in [core] fernet_key, separated by a comma; restart the
    daemons; run this; take the old key away. If it is interrupted, run it again. Confs of runs
    that were stored before they were encrypted are encrypted, too.
    """
    engine = current_engine()
    counts = dict(rotation.rotate(engine, metastore.cipher(settings())))
    with here(), writing(engine) as conn:
        events.record(conn, "fernet.rotate", actor(), at=clock.utcnow(), detail=counts)
    for table, count in counts.items():
        click.echo(f"{table}: {count} secrets")
