"""Watchers of assets: triggers that belong to no task."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "asset_watcher",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=1500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("classpath", sa.String(length=1000), nullable=False),
        sa.Column("kwargs", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("holder", KEY),
        sa.Column("trouble", sa.Text()),
        sa.Column("fired_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="fk_asset_watcher_dag_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name="fk_asset_watcher_asset_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["holder"], ["process.id"], name="fk_asset_watcher_holder", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_asset_watcher"),
        sa.UniqueConstraint(
            "dag_id",
            "asset_id",
            "name",
            "digest",
            name="uq_asset_watcher_dag_id_asset_id_name_digest",
        ),
    )
    op.create_index("ix_asset_watcher_asset_id", "asset_watcher", ["asset_id"])


def downgrade() -> None:
    op.drop_table("asset_watcher")
