"""What DAGs say of their history, and indexes to find versions that nobody uses."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("dag", sa.Column("retention", sa.JSON(none_as_null=True), nullable=True))
    op.create_index("ix_dag_run_version_id", "dag_run", ["version_id"])
    op.create_index("ix_dag_version_source_hash", "dag_version", ["source_hash"])


def downgrade() -> None:
    op.drop_index("ix_dag_version_source_hash", "dag_version")
    op.drop_index("ix_dag_run_version_id", "dag_run")
    op.drop_column("dag", "retention")
