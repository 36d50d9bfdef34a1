"""Who may what: roles, people, their sessions and tokens."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from flowctl.store.schema.columns import METADATA, Key, Moment

role = Table(
    "role",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
)

role_permission = Table(
    "role_permission",
    METADATA,
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
    Column("action", String(50), primary_key=True),  # can_read, can_edit ...
    Column("resource", String(300), primary_key=True),  # "DAG Runs", "DAG:some_dag" ...
)

dag_access = Table(
    "dag_access",
    METADATA,
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(64), primary_key=True),  # by name: it may be made later
    Column("action", String(50), primary_key=True),
    Column("resource", String(300), primary_key=True),  # DAGs, DAG Runs
)

account = Table(
    "account",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("username", String(256), nullable=False, unique=True),
    Column("first_name", String(256), nullable=False, default=""),
    Column("last_name", String(256), nullable=False, default=""),
    Column("email", String(512), nullable=False, unique=True),
    Column("password", String(300)),  # a salted hash; NULL: none fits
    Column("is_active", Boolean, nullable=False, default=True),
    Column("epoch", Integer, nullable=False, default=1),  # raised: all its sessions are over
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("last_login_at", Moment),
    Column("login_count", Integer, nullable=False, default=0),
    Column("failed_login_count", Integer, nullable=False, default=0),
    Column("subject", String(1000)),  # whom a provider of identities means; it never changes
    Index("ix_account_subject", "subject", unique=True),
)

account_role = Table(
    "account_role",
    METADATA,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)

session = Table(
    "session",
    METADATA,
    Column("digest", String(64), primary_key=True),  # sha256 of what the cookie holds
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("epoch", Integer, nullable=False),  # the account's, when it was opened
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

token = Table(
    "token",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(250), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # sha256 of the token
    Column("is_read_only", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("seen_at", Moment),
)

favourite = Table(
    "favourite",
    METADATA,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("dag_id", ForeignKey("dag.dag_id", ondelete="CASCADE"), primary_key=True),
)
