"""Whom of a provider of identities an account belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("account", sa.Column("subject", sa.String(length=1000), nullable=True))
    op.create_index("ix_account_subject", "account", ["subject"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_account_subject", "account")
    op.drop_column("account", "subject")
