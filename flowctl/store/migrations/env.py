"""Run by Alembic for each command: the bridge from `store.database` to the migrations."""

from alembic import context

from flowctl.store.engine import VERSION_TABLE
from flowctl.store.schema import METADATA

connection = context.config.attributes.get("connection")  # None: only show the SQL
context.configure(
    connection=connection,
    dialect_name=context.config.attributes["dialect"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    literal_binds=connection is None,
    transactional_ddl=True,  # SQLite can too, once the driver leaves transactions to us
)
with context.begin_transaction():
    context.run_migrations()
