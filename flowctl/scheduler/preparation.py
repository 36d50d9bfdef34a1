"""`python -m flowctl.scheduler.preparation`: see that the metastore is there and current.

A process of its own for `standalone`, which supervises for months and would otherwise keep the
30 MB that speaking to a database takes.
"""

import sys

from flowctl import config
from flowctl.errors import FlowctlError
from flowctl.store import database, metastore


def prepare(conf: config.Config) -> None:
    """Make the metastore where there is none.

    Raises:
        MetastoreError: it cannot be used as it is.
    """
    engine = metastore.open_engine(conf, name="flowctl standalone", pool_size=1)
    if database.revision(engine) is None:
        slots = conf.whole("core", "default_pool_task_slot_count")
        database.migrate(engine, default_pool_slots=slots)
    database.require_current(engine)
    engine.dispose()


if __name__ == "__main__":
    try:
        prepare(config.load())
    except FlowctlError as error:
        sys.exit(str(error))
