"""DAGs: their files, versions and tags."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from flowctl.store.schema.columns import ID, METADATA, Key, Moment

dag_source = Table(
    "dag_source",
    METADATA,
    Column("hash", String(64), primary_key=True),  # sha256 of the content
    Column("content", LargeBinary, nullable=False),
)

dag_version = Table(
    "dag_version",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("dag_id", String(ID), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 ... within a DAG
    Column("digest", String(64), nullable=False),  # core.spec.digest
    Column("spec", Text, nullable=False),  # JSON of core.spec.DagSpec
    Column("file", String(2000), nullable=False),  # relative to the DAG folder
    Column("source_hash", ForeignKey("dag_source.hash"), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("dag_id", "digest"),
    UniqueConstraint("dag_id", "number"),
    Index("ix_dag_version_source_hash", "source_hash"),
)

dag = Table(
    "dag",
    METADATA,
    Column("dag_id", String(ID), primary_key=True),
    Column("version_id", ForeignKey("dag_version.id"), nullable=False),
    Column("file", String(2000), nullable=False),
    Column("is_paused", Boolean, nullable=False, default=False),
    Column("drains", Boolean, nullable=False, default=False, server_default=false()),
    Column("is_active", Boolean, nullable=False, default=True),  # its file still defines it
    Column("parsed_at", Moment, nullable=False),  # where it is not active: when it vanished
    Column("revision", Integer, nullable=False, default=1),  # raised by pause, new version ...
    # The next scheduled run, decided by the scheduler; all NULL when there is none.
    Column("next_logical_date", Moment),
    Column("next_interval_start", Moment),
    Column("next_interval_end", Moment),
    Column("next_run_after", Moment),
    # The data interval of the latest scheduled run that is never made; see `core.passing`.
    Column("passed_start", Moment),
    Column("passed_end", Moment),
    # For lists and filters, so that no spec is decoded for them.
    Column("owners", String(2000), nullable=False, default=""),
    Column("schedule", String(2000), nullable=False, default=""),
    Column("description", Text),
    Column("display_name", String(2000), nullable=False, default=""),
    Column("retention", JSON(none_as_null=True)),  # core.retention.Retention, NULL: as the site
    Index("ix_dag_file", "file"),
)

dag_tag = Table(
    "dag_tag",
    METADATA,
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True),
)

dag_file = Table(
    "dag_file",
    METADATA,
    Column("path", String(2000), primary_key=True),  # relative to the DAG folder
    Column("fingerprint", String(200), nullable=False),  # mtime_ns:size:inode
    Column("source_hash", String(64)),
    Column("parsed_at", Moment, nullable=False),
    Column("duration_s", Float, nullable=False, default=0.0),
    Column("dag_count", Integer, nullable=False, default=0),
    Column("depends", JSON(none_as_null=True)),  # other files it read: path -> fingerprint
    Column("error", Text),  # the import error, NULL when the file is fine
    Column("error_at", Moment),
)
