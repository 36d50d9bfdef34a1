"""The first tables: DAGs and their versions, runs, tries, and what the whole machine shares."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


FINISHED = "state IN ('failed', 'removed', 'skipped', 'success', 'upstream_failed')"

TABLES = (
    "xcom",
    "task_try",
    "callback",
    "task_instance",
    "dag_tag",
    "dag_run",
    "dag",
    "dag_version",
    "variable",
    "process",
    "pool",
    "lease",
    "instance",
    "event",
    "dag_source",
    "dag_file",
    "connection",
)  # those that point to others first


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("conn_id", sa.String(length=250), nullable=False),
        sa.Column("conn_type", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=500), nullable=True),
        sa.Column("schema", sa.String(length=500), nullable=True),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("conn_id", name="pk_connection"),
    )
    op.create_table(
        "dag_file",
        sa.Column("path", sa.String(length=2000), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=True),
        sa.Column("parsed_at", MOMENT, nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("dag_count", sa.Integer(), nullable=False),
        sa.Column("depends", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("path", name="pk_dag_file"),
    )
    op.create_table(
        "dag_source",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_dag_source"),
    )
    op.create_table(
        "event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=500), nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=True),
        sa.Column("run_id", sa.String(length=250), nullable=True),
        sa.Column("task_id", sa.String(length=250), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_dag_id_at", "event", ["dag_id", "at"], unique=False)
    op.create_table(
        "instance",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_instance"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("holder", sa.String(length=1000), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "pool",
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("include_deferred", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pool"),
    )
    op.create_table(
        "process",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("host", sa.String(length=1000), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("tick_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_process"),
    )
    op.create_table(
        "variable",
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_variable"),
    )
    op.create_table(
        "dag_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=2000), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_hash"], ["dag_source.hash"], name="fk_dag_version_source_hash"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dag_version"),
        sa.UniqueConstraint("dag_id", "digest", name="uq_dag_version_dag_id_digest"),
        sa.UniqueConstraint("dag_id", "number", name="uq_dag_version_dag_id_number"),
    )
    op.create_table(
        "dag",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("file", sa.String(length=2000), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("parsed_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("next_logical_date", MOMENT, nullable=True),
        sa.Column("next_interval_start", MOMENT, nullable=True),
        sa.Column("next_interval_end", MOMENT, nullable=True),
        sa.Column("next_run_after", MOMENT, nullable=True),
        sa.Column("owners", sa.String(length=2000), nullable=False),
        sa.Column("schedule", sa.String(length=2000), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("display_name", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["dag_version.id"], name="fk_dag_version_id"),
        sa.PrimaryKeyConstraint("dag_id", name="pk_dag"),
    )
    op.create_index("ix_dag_file", "dag", ["file"], unique=False)
    op.create_table(
        "dag_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("run_id", sa.String(length=250), nullable=False),
        sa.Column("run_type", sa.String(length=50), nullable=False),
        sa.Column("state", sa.String(length=50), nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("logical_date", MOMENT, nullable=False),
        sa.Column("data_interval_start", MOMENT, nullable=True),
        sa.Column("data_interval_end", MOMENT, nullable=True),
        sa.Column("external_trigger", sa.Boolean(), nullable=False),
        sa.Column("conf", sa.JSON(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("start_date", MOMENT, nullable=True),
        sa.Column("end_date", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("clear_number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(state IN ('success', 'failed')) = (end_date IS NOT NULL)", name=op.f("ck_dag_run_end")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["dag_version.id"], name="fk_dag_run_version_id"),
        sa.PrimaryKeyConstraint("id", name="pk_dag_run"),
        sa.UniqueConstraint("dag_id", "run_id", name="uq_dag_run_dag_id_run_id"),
    )
    op.create_index(
        "ix_dag_run_dag_id_logical_date", "dag_run", ["dag_id", "logical_date"], unique=False
    )
    op.create_index(
        "ix_dag_run_unfinished",
        "dag_run",
        ["state", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "uq_dag_run_scheduled",
        "dag_run",
        ["dag_id", "logical_date"],
        unique=True,
        sqlite_where=sa.text("run_type = 'scheduled'"),
        postgresql_where=sa.text("run_type = 'scheduled'"),
    )
    op.create_table(
        "dag_tag",
        sa.Column("dag_id", sa.String(length=250), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_id"], ["dag.dag_id"], name="fk_dag_tag_dag_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dag_id", "name", name="pk_dag_tag"),
    )
    op.create_table(
        "task_instance",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_run_id", KEY, nullable=False),
        sa.Column("task_id", sa.String(length=250), nullable=False),
        sa.Column("map_index", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=50), nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("max_tries", sa.Integer(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("start_date", MOMENT, nullable=True),
        sa.Column("end_date", MOMENT, nullable=True),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.Column("operator", sa.String(length=1000), nullable=False),
        sa.Column("pool", sa.String(length=250), nullable=False),
        sa.Column("pool_slots", sa.Integer(), nullable=False),
        sa.Column("priority_weight", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=250), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("host", sa.String(length=1000), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("rendered", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            f"end_date IS NOT NULL OR NOT ({FINISHED})",
            name=op.f("ck_task_instance_end"),
        ),
        sa.ForeignKeyConstraint(
            ["dag_run_id"], ["dag_run.id"], name="fk_task_instance_dag_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task_instance"),
        sa.UniqueConstraint(
            "dag_run_id",
            "task_id",
            "map_index",
            name="uq_task_instance_dag_run_id_task_id_map_index",
        ),
    )
    op.create_index(
        "ix_task_instance_unfinished",
        "task_instance",
        ["state", "id"],
        unique=False,
        sqlite_where=sa.text(f"NOT ({FINISHED})"),
        postgresql_where=sa.text(f"NOT ({FINISHED})"),
    )
    op.create_table(
        "callback",
        sa.Column("id", KEY, nullable=False),
        sa.Column("dag_run_id", KEY, nullable=False),
        sa.Column("ti_id", KEY, nullable=True),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=50), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dag_run_id"], ["dag_run.id"], name="fk_callback_dag_run_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ti_id"], ["task_instance.id"], name="fk_callback_ti_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_callback"),
    )
    op.create_table(
        "task_try",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ti_id", KEY, nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=50), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("start_date", MOMENT, nullable=True),
        sa.Column("end_date", MOMENT, nullable=True),
        sa.Column("host", sa.String(length=1000), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("peak_rss_bytes", sa.BigInteger(), nullable=True),
        sa.Column("cpu_s", sa.Float(), nullable=True),
        sa.Column("log_path", sa.String(length=4000), nullable=True),
        sa.ForeignKeyConstraint(
            ["ti_id"], ["task_instance.id"], name="fk_task_try_ti_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task_try"),
        sa.UniqueConstraint("ti_id", "try_number", name="uq_task_try_ti_id_try_number"),
    )
    op.create_table(
        "xcom",
        sa.Column("ti_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ti_id"], ["task_instance.id"], name="fk_xcom_ti_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ti_id", "key", name="pk_xcom"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
