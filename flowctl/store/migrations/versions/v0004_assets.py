"""Assets: what they are, who names them, their updates, and which run took which."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = "dag_run_id IS NULL"


def _to(target: str, table: str, column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{name}", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "asset",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uri", sa.String(length=1500), nullable=False),
        sa.Column("name", sa.String(length=1500), nullable=False),
        sa.Column("group", sa.String(length=1500), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asset"),
        sa.UniqueConstraint("uri", name="uq_asset_uri"),
    )
    op.create_index("ix_asset_name", "asset", ["name"])
    op.create_table(
        "asset_reference",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=1500), nullable=False),
        _to("dag.dag_id", "asset_reference", "dag_id", "dag_id"),
        sa.PrimaryKeyConstraint("id", name="pk_asset_reference"),
    )
    op.create_index("ix_asset_reference_dag_id", "asset_reference", ["dag_id"])
    op.create_index("ix_asset_reference_key", "asset_reference", ["key", "kind", "role"])
    op.create_table(
        "asset_alias_asset",
        sa.Column("alias", sa.String(length=1500), nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        _to("asset.id", "asset_alias_asset", "asset_id", "asset_id"),
        sa.PrimaryKeyConstraint("alias", "asset_id", name="pk_asset_alias_asset"),
    )
    op.create_table(
        "asset_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("source_dag_id", sa.String(length=250), nullable=True),
        sa.Column("source_run_id", sa.String(length=250), nullable=True),
        sa.Column("source_task_id", sa.String(length=250), nullable=True),
        sa.Column("source_map_index", sa.Integer(), nullable=False),
        _to("asset.id", "asset_event", "asset_id", "asset_id"),
        sa.PrimaryKeyConstraint("id", name="pk_asset_event"),
    )
    op.create_index("ix_asset_event_asset_id_at", "asset_event", ["asset_id", "at"])
    op.create_table(
        "asset_queue",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("asset_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _to("dag.dag_id", "asset_queue", "dag_id", "dag_id"),
        _to("asset.id", "asset_queue", "asset_id", "asset_id"),
        sa.PrimaryKeyConstraint("dag_id", "asset_id", name="pk_asset_queue"),
    )
    op.create_table(
        "asset_run_event",
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("dag_run_id", KEY, nullable=True),
        _to("asset_event.id", "asset_run_event", "event_id", "event_id"),
        _to("dag.dag_id", "asset_run_event", "dag_id", "dag_id"),
        _to("dag_run.id", "asset_run_event", "dag_run_id", "dag_run_id"),
        sa.PrimaryKeyConstraint("event_id", "dag_id", name="pk_asset_run_event"),
    )
    op.create_index(
        "ix_asset_run_event_waiting",
        "asset_run_event",
        ["dag_id"],
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
    op.create_index("ix_asset_run_event_dag_run_id", "asset_run_event", ["dag_run_id"])


def downgrade() -> None:
    for table in (
        "asset_run_event",
        "asset_queue",
        "asset_event",
        "asset_alias_asset",
        "asset_reference",
        "asset",
    ):
        op.drop_table(table)
