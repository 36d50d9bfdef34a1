"""How the tables came to be: one numbered file per change in `versions/`, run by Alembic.

A migration is written with explicit operations and never imports `store.schema`: it must make the
same tables when the schema has long moved on. All pending migrations and the row that names the
reached version are one transaction, on both databases: killed anywhere, it is as if it had not
begun. Constants here spare the daemons the import of Alembic.
"""

HEAD = "0019"
"""The revision this flowctl works with; the file of that number is the last one."""

REVISION_OF_VERSION = {"0.1.0": "0019"}
"""The revision each released flowctl works with, for `flowctl db downgrade --to-version`."""
