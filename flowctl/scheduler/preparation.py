"""`python -m flowctl.scheduler.preparation`: see that the metastore is there and current.

A process of its own for `standalone`, which supervises for months and would otherwise keep the
30 MB that speaking to a database takes.
"""

import secrets
import sys

from sqlalchemy import Engine

from flowctl import clock, config
from flowctl.errors import FlowctlError
from flowctl.store import accounts, database, events, metastore, passwords, roles
from flowctl.store.accounts import Account
from flowctl.store.engine import writing

PASSWORD_BYTES = 12


ADMIN = "admin"


def prepare(conf: config.Config) -> str | None:
    """Make the metastore where there is none, and an administrator where there is no user.

    Returns:
        The password of that administrator, which is kept nowhere; None when there are users.

    Raises:
        MetastoreError: it cannot be used as it is.
    """
    engine = metastore.open_engine(conf, name="flowctl standalone", pool_size=1)
    if database.revision(engine) is None:
        slots = conf.whole("core", "default_pool_task_slot_count")
        database.migrate(engine, default_pool_slots=slots)
    database.require_current(engine)
    password = _make_admin(engine)
    engine.dispose()
    return password


def _make_admin(engine: Engine) -> str | None:
    with writing(engine) as conn:
        if accounts.found(conn):
            return None
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        kept = passwords.hashed(password)
        wanted = Account(ADMIN, "", "", f"{ADMIN}@example.com", (roles.ADMIN,), password=kept)
        accounts.create(conn, wanted, clock.utcnow())
        detail = {"username": ADMIN, "roles": [roles.ADMIN]}
        events.record(conn, "user.create", "standalone", at=clock.utcnow(), detail=detail)
    return password


if __name__ == "__main__":
    try:
        sys.stdout.write(prepare(config.load()) or "")
    except FlowctlError as error:
        sys.exit(str(error))
