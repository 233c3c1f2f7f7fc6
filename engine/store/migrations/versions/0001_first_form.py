"""The first form: tenants, connections, records, decisions, ledger and outbox.

Expand first, contract in a later release: the program of the release before must still run on this form.
"""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("uid", name=op.f("uq_tenant_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("identity", types.Words(), server_default="", nullable=False),
        sa.Column("zone", types.Words(), server_default="UTC", nullable=False),
        sa.Column("currency", types.Words(), nullable=True),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("profile", types.Json(), nullable=False),
        sa.Column("state", types.Words(), server_default="active", nullable=False),
        sa.Column("state_reason", types.Words(), nullable=True),
        sa.Column("not_before", types.Moment(timezone=True), nullable=True),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'reconnect_needed', 'gone')", name=op.f("ck_connection_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_connection_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_connection_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_connection_tenant_id_name")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_connection_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ruleset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ruleset_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruleset")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ruleset_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_ruleset_tenant_id_name")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_ruleset_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "company",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("identity", types.Words(), nullable=False),
        sa.Column("title", types.Words(), nullable=False),
        sa.Column("country", types.Words(), server_default="US", nullable=False),
        sa.Column("currency", types.Words(), nullable=False),
        sa.Column("zone", types.Words(), server_default="UTC", nullable=False),
        sa.Column("profile", types.Json(), nullable=False),
        sa.Column("profile_read_at", types.Moment(timezone=True), nullable=True),
        sa.Column("live", sa.Boolean(name="live"), server_default=sa.true(), nullable=False),
        sa.Column("state", types.Words(), server_default="active", nullable=False),
        sa.Column("state_reason", types.Words(), nullable=True),
        sa.Column("not_before", types.Moment(timezone=True), nullable=True),
        sa.Column("not_before_reason", types.Words(), nullable=True),
        sa.Column("post_not_before", types.Moment(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_owner", types.Words(), nullable=True),
        sa.Column("lease_until", types.Moment(timezone=True), nullable=True),
        sa.Column("lists_loaded_at", types.Moment(timezone=True), nullable=True),
        sa.Column("lists_since", types.Moment(timezone=True), nullable=True),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'reconnect_needed', 'gone')", name=op.f("ck_company_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_company_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_company_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_company_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "kind", "identity", name=op.f("uq_company_tenant_id_kind_identity")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_company_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.create_index(
            "uq_company_live",
            ["kind", "identity"],
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        )

    op.create_table(
        "credential",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", types.Words(), nullable=False),
        sa.Column("key_id", types.Words(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_credential_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_credential_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint(
            "tenant_id", "connection_id", "field", name=op.f("uq_credential_tenant_id_connection_id_field")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_credential_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cursor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stream", types.Words(), nullable=False),
        sa.Column("value", types.Words(), nullable=False),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_cursor_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cursor_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cursor")),
        sa.UniqueConstraint(
            "tenant_id", "connection_id", "stream", name=op.f("uq_cursor_tenant_id_connection_id_stream")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_cursor_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ruleset_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("ruleset_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", types.Words(), nullable=False),
        sa.Column("text", types.Words(), nullable=False),
        sa.Column("tables", types.Json(), nullable=False),
        sa.Column("author", types.Words(), nullable=False),
        sa.Column("note", types.Words(), server_default="", nullable=False),
        sa.Column("published_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ruleset_id"],
            ["ruleset.tenant_id", "ruleset.id"],
            name=op.f("fk_ruleset_version_tenant_id_ruleset_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_ruleset_version_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruleset_version")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ruleset_version_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "ruleset_id", "number", name=op.f("uq_ruleset_version_tenant_id_ruleset_id_number")
        ),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_ruleset_version_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "source_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("store", types.Words(), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("source_id", types.Words(), nullable=False),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", types.Words(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", types.Words(), nullable=False),
        sa.Column("modified_at", types.Moment(timezone=True), nullable=True),
        sa.Column("first_seen_at", types.Moment(timezone=True), nullable=False),
        sa.Column("last_seen_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_source_record_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_source_record_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_source_record_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "store", "kind", "source_id", name=op.f("uq_source_record_tenant_id_store_kind_source_id")
        ),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_source_record_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", types.Words(), nullable=False),
        sa.Column("access_token", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", types.Moment(timezone=True), nullable=False),
        sa.Column("refresh_expires_at", types.Moment(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("lock_owner", types.Words(), nullable=True),
        sa.Column("lock_until", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_token_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_token_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("tenant_id", "connection_id", name=op.f("uq_token_tenant_id_connection_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_token_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "flow",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("ruleset_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ruleset_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_published_at", types.Moment(timezone=True), nullable=False),
        sa.Column("active", sa.Boolean(name="active"), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_flow_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_flow_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ruleset_id"],
            ["ruleset.tenant_id", "ruleset.id"],
            name=op.f("fk_flow_tenant_id_ruleset_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ruleset_version_id"],
            ["ruleset_version.tenant_id", "ruleset_version.id"],
            name=op.f("fk_flow_tenant_id_ruleset_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_flow_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_flow_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_flow_tenant_id_name")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_flow_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "agenda",
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flow_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decide_at", types.Moment(timezone=True), nullable=True),
        sa.Column("read_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "flow_id"],
            ["flow.tenant_id", "flow.id"],
            name=op.f("fk_agenda_tenant_id_flow_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_record_id"],
            ["source_record.tenant_id", "source_record.id"],
            name=op.f("fk_agenda_tenant_id_source_record_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "flow_id", "source_record_id", name=op.f("pk_agenda")),
    )
    with op.batch_alter_table("agenda", schema=None) as batch_op:
        batch_op.create_index("ix_agenda_decide", ["tenant_id", "flow_id", "decide_at"], unique=False)
        batch_op.create_index("ix_agenda_read", ["tenant_id", "flow_id", "read_at"], unique=False)
        batch_op.create_index("ix_agenda_source_record", ["tenant_id", "source_record_id"], unique=False)

    op.create_table(
        "list_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("remote_id", types.Words(), nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("leaf", types.Words(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(name="active"), server_default=sa.true(), nullable=False),
        sa.Column("deleted", sa.Boolean(name="deleted"), server_default=sa.false(), nullable=False),
        sa.Column("sync_token", types.Words(), nullable=True),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_list_entry_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_list_entry_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entry")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "kind",
            "remote_id",
            name=op.f("uq_list_entry_tenant_id_company_id_kind_remote_id"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_list_entry_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("list_entry", schema=None) as batch_op:
        batch_op.create_index("ix_list_entry_version", ["tenant_id", "company_id", "version"], unique=False)

    op.create_table(
        "rate_budget",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("taken", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_rate_budget_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_rate_budget_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_budget")),
        sa.UniqueConstraint("tenant_id", "company_id", "kind", name=op.f("uq_rate_budget_tenant_id_company_id_kind")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_rate_budget_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store", types.Words(), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("source_id", types.Words(), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", types.Words(), nullable=False),
        sa.Column("content_hash", types.Words(), nullable=False),
        sa.Column("by", types.Words(), nullable=False),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_release_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_release_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "store",
            "kind",
            "source_id",
            "title",
            name=op.f("uq_release_tenant_id_company_id_store_kind_source_id_title"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_release_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "send",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("frozen", sa.LargeBinary(), nullable=True),
        sa.Column("body_hash", types.Words(), nullable=False),
        sa.Column("state", types.Words(), nullable=False),
        sa.Column("owner", types.Words(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", types.Moment(timezone=True), nullable=True),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("sent_at", types.Moment(timezone=True), nullable=False),
        sa.Column("answered_at", types.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'unknown', 'repeat', 'answered', 'closed')", name=op.f("ck_send_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_send_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_send_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send")),
        sa.UniqueConstraint(
            "tenant_id", "company_id", "request_id", name=op.f("uq_send_tenant_id_company_id_request_id")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_send_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_send_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("send", schema=None) as batch_op:
        batch_op.create_index("ix_send_state", ["tenant_id", "company_id", "state"], unique=False)

    op.create_table(
        "sighting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("marker", types.Words(), nullable=False),
        sa.Column("entity", types.Words(), nullable=False),
        sa.Column("remote_id", types.Words(), nullable=False),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_sighting_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sighting_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "entity",
            "remote_id",
            name=op.f("uq_sighting_tenant_id_company_id_entity_remote_id"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_sighting_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sighting", schema=None) as batch_op:
        batch_op.create_index("ix_sighting_marker", ["tenant_id", "company_id", "marker"], unique=False)

    op.create_table(
        "source_record_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", types.Words(), nullable=False),
        sa.Column("raw", types.Words(), nullable=True),
        sa.Column("mapped", types.Words(), nullable=True),
        sa.Column("findings", types.Json(), nullable=False),
        sa.Column("seen_at", types.Moment(timezone=True), nullable=False),
        sa.Column("purged_at", types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_record_id"],
            ["source_record.tenant_id", "source_record.id"],
            name=op.f("fk_source_record_version_tenant_id_source_record_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_source_record_version_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record_version")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_source_record_version_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id",
            "source_record_id",
            "version",
            name=op.f("uq_source_record_version_tenant_id_source_record_id_version"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("source_record_version", schema=None) as batch_op:
        batch_op.create_index("ix_source_record_version_seen_at", ["seen_at"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("store", types.Words(), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("source_id", types.Words(), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flow_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_version", sa.Integer(), nullable=False),
        sa.Column("ruleset_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", types.Words(), nullable=False),
        sa.Column("reason", types.Words(), nullable=True),
        sa.Column("hash", types.Words(), nullable=False),
        sa.Column("trace", types.Json(), nullable=True),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('sync', 'skip', 'hold', 'fail')", name=op.f("ck_decision_outcome")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_decision_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "flow_id"],
            ["flow.tenant_id", "flow.id"],
            name=op.f("fk_decision_tenant_id_flow_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ruleset_version_id"],
            ["ruleset_version.tenant_id", "ruleset_version.id"],
            name=op.f("fk_decision_tenant_id_ruleset_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_decision_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "store",
            "kind",
            "source_id",
            "number",
            name=op.f("uq_decision_tenant_id_company_id_store_kind_source_id_number"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_decision_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_decision_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flow_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("daily_at", types.Words(), nullable=True),
        sa.Column("zone", types.Words(), server_default="UTC", nullable=False),
        sa.Column("next_at", types.Moment(timezone=True), nullable=False),
        sa.Column("active", sa.Boolean(name="active"), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("(every_minutes IS NULL) <> (daily_at IS NULL)", name=op.f("ck_schedule_one_rhythm")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "flow_id"],
            ["flow.tenant_id", "flow.id"],
            name=op.f("fk_schedule_tenant_id_flow_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_schedule_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("tenant_id", "flow_id", name=op.f("uq_schedule_tenant_id_flow_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_schedule_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_next_at", ["next_at"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flow_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot_key", types.Words(), nullable=False),
        sa.Column("due_at", types.Moment(timezone=True), nullable=False),
        sa.Column("state", types.Words(), server_default="due", nullable=False),
        sa.Column("owner", types.Words(), nullable=True),
        sa.Column("lease_until", types.Moment(timezone=True), nullable=True),
        sa.Column("started_at", types.Moment(timezone=True), nullable=True),
        sa.Column("finished_at", types.Moment(timezone=True), nullable=True),
        sa.Column("outcome", types.Json(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'running', 'done')", name=op.f("ck_slot_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "flow_id"],
            ["flow.tenant_id", "flow.id"],
            name=op.f("fk_slot_tenant_id_flow_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_slot_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("tenant_id", "flow_id", "slot_key", name=op.f("uq_slot_tenant_id_flow_id_slot_key")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_slot_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(
            "uq_slot_due",
            ["tenant_id", "flow_id", "state"],
            unique=True,
            sqlite_where=sa.text("state <> 'done'"),
            postgresql_where=sa.text("state <> 'done'"),
        )

    op.create_table(
        "operation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store", types.Words(), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("source_id", types.Words(), nullable=False),
        sa.Column("slot", types.Words(), nullable=False),
        sa.Column("action", types.Words(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="1", nullable=False),
        sa.Column("document", types.Json(), nullable=True),
        sa.Column("document_hash", types.Words(), nullable=False),
        sa.Column("adopt", sa.Boolean(name="adopt"), server_default=sa.false(), nullable=False),
        sa.Column("alone", sa.Boolean(name="alone"), server_default=sa.false(), nullable=False),
        sa.Column("state", types.Words(), nullable=False),
        sa.Column("reason", types.Json(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", types.Moment(timezone=True), nullable=True),
        sa.Column("send_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", types.Moment(timezone=True), nullable=True),
        sa.Column("look_at", types.Moment(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ruleset_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("remarks", types.Json(), nullable=False),
        sa.Column("created_at", types.Moment(timezone=True), nullable=False),
        sa.Column("settled_at", types.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("action IN ('create', 'update', 'void', 'delete')", name=op.f("ck_operation_action")),
        sa.CheckConstraint("state <> 'sending' OR send_id IS NOT NULL", name=op.f("ck_operation_sending_has_send")),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'unknown', 'done', 'rejected', 'held', 'superseded', 'dead')",
            name=op.f("ck_operation_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_operation_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["decision.tenant_id", "decision.id"],
            name=op.f("fk_operation_tenant_id_decision_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaces_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_operation_tenant_id_replaces_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ruleset_version_id"],
            ["ruleset_version.tenant_id", "ruleset_version.id"],
            name=op.f("fk_operation_tenant_id_ruleset_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "send_id"],
            ["send.tenant_id", "send.id"],
            name=op.f("fk_operation_tenant_id_send_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_operation_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_operation_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_operation_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operation_due",
            ["tenant_id", "company_id", "state", "priority", "wave", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('planned', 'sending', 'unknown')"),
            postgresql_where=sa.text("state IN ('planned', 'sending', 'unknown')"),
        )
        batch_op.create_index(
            "ix_operation_key", ["tenant_id", "company_id", "store", "kind", "source_id"], unique=False
        )
        batch_op.create_index("ix_operation_send", ["tenant_id", "send_id"], unique=False)
        batch_op.create_index(
            "uq_operation_create",
            ["tenant_id", "company_id", "store", "kind", "source_id", "slot"],
            unique=True,
            sqlite_where=sa.text(
                "action = 'create' AND state IN ('planned', 'sending', 'unknown', 'rejected', 'held')"
            ),
            postgresql_where=sa.text(
                "action = 'create' AND state IN ('planned', 'sending', 'unknown', 'rejected', 'held')"
            ),
        )
        batch_op.create_index(
            "uq_operation_waiting",
            ["tenant_id", "company_id", "store", "kind", "source_id", "slot", "action"],
            unique=True,
            sqlite_where=sa.text("state IN ('planned', 'held', 'rejected')"),
            postgresql_where=sa.text("state IN ('planned', 'held', 'rejected')"),
        )

    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("send_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.Column("outcome", types.Words(), nullable=False),
        sa.Column("code", types.Words(), nullable=True),
        sa.Column("message", types.Words(), nullable=True),
        sa.Column("next_step", types.Words(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("remote_code", types.Words(), nullable=True),
        sa.Column("trace_id", types.Words(), nullable=True),
        sa.Column("excerpt", types.Words(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_attempt_tenant_id_operation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "send_id"],
            ["send.tenant_id", "send.id"],
            name=op.f("fk_attempt_tenant_id_send_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_attempt_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_attempt_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_operation", ["tenant_id", "operation_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("store", types.Words(), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("source_id", types.Words(), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", types.Words(), server_default="", nullable=False),
        sa.Column("code", types.Words(), nullable=False),
        sa.Column("title", types.Words(), nullable=False),
        sa.Column("reason", types.Words(), nullable=False),
        sa.Column("next_step", types.Words(), server_default="", nullable=False),
        sa.Column("values", types.Json(), nullable=False),
        sa.Column("operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("content_hash", types.Words(), nullable=True),
        sa.Column("state", types.Words(), server_default="held", nullable=False),
        sa.Column("held_since", types.Moment(timezone=True), nullable=False),
        sa.Column("ended_at", types.Moment(timezone=True), nullable=True),
        sa.Column("ended_by", types.Words(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'released', 'settled')", name=op.f("ck_hold_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_hold_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_hold_tenant_id_operation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_hold_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_hold_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_hold_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(
            "uq_hold_open",
            ["tenant_id", "company_id", "store", "kind", "source_id", "slot", "title"],
            unique=True,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )

    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("store", types.Words(), nullable=False),
        sa.Column("kind", types.Words(), nullable=False),
        sa.Column("source_id", types.Words(), nullable=False),
        sa.Column("slot", types.Words(), nullable=False),
        sa.Column("entity", types.Words(), nullable=False),
        sa.Column("remote_id", types.Words(), nullable=False),
        sa.Column("number", types.Words(), nullable=True),
        sa.Column("sync_token", types.Words(), nullable=False),
        sa.Column("marker", types.Words(), nullable=False),
        sa.Column("document_hash", types.Words(), nullable=False),
        sa.Column("document", types.Json(), nullable=False),
        sa.Column("sent_body", types.Json(), nullable=False),
        sa.Column("total", types.Money(), nullable=True),
        sa.Column("currency", types.Words(), nullable=True),
        sa.Column("state", types.Words(), nullable=False),
        sa.Column("adopted", sa.Boolean(name="adopted"), server_default=sa.false(), nullable=False),
        sa.Column("ruleset_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_put_at", types.Moment(timezone=True), nullable=False),
        sa.Column("put_at", types.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('live', 'voided', 'deleted')", name=op.f("ck_ledger_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_ledger_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_ledger_tenant_id_operation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ruleset_version_id"],
            ["ruleset_version.tenant_id", "ruleset_version.id"],
            name=op.f("fk_ledger_tenant_id_ruleset_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ledger_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "store",
            "kind",
            "source_id",
            "slot",
            name=op.f("uq_ledger_tenant_id_company_id_store_kind_source_id_slot"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ledger_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_remote", ["tenant_id", "company_id", "entity", "remote_id"], unique=False)

    op.create_table(
        "log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", types.Moment(timezone=True), nullable=False),
        sa.Column("level", types.Words(), nullable=False),
        sa.Column("code", types.Words(), nullable=False),
        sa.Column("values", types.Json(), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("store", types.Words(), nullable=True),
        sa.Column("kind", types.Words(), nullable=True),
        sa.Column("source_id", types.Words(), nullable=True),
        sa.Column("order_number", types.Words(), nullable=True),
        sa.Column("operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("level IN ('info', 'warning', 'error')", name=op.f("ck_log_level")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "company_id"],
            ["company.tenant_id", "company.id"],
            name=op.f("fk_log_tenant_id_company_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connection.tenant_id", "connection.id"],
            name=op.f("fk_log_tenant_id_connection_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["decision.tenant_id", "decision.id"],
            name=op.f("fk_log_tenant_id_decision_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_log_tenant_id_operation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_log_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_log_tenant_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("log", schema=None) as batch_op:
        batch_op.create_index("ix_log_at", ["tenant_id", "at"], unique=False)
        batch_op.create_index("ix_log_order", ["tenant_id", "order_number", "id"], unique=False)
        batch_op.create_index("ix_log_source", ["tenant_id", "source_id", "id"], unique=False)

    op.create_table(
        "operation_need",
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("needs_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "needs_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_operation_need_tenant_id_needs_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_operation_need_tenant_id_operation_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "operation_id", "needs_id", name=op.f("pk_operation_need")),
    )
    with op.batch_alter_table("operation_need", schema=None) as batch_op:
        batch_op.create_index("ix_operation_need_needs", ["tenant_id", "needs_id"], unique=False)

    op.create_table(
        "send_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("send_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_key", sa.String(length=10), nullable=False),
        sa.Column("operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", types.Words(), nullable=False),
        sa.Column("entity", types.Words(), nullable=False),
        sa.Column("body", types.Json(), nullable=True),
        sa.Column("sync_token", types.Words(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "operation_id"],
            ["operation.tenant_id", "operation.id"],
            name=op.f("fk_send_member_tenant_id_operation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "send_id"],
            ["send.tenant_id", "send.id"],
            name=op.f("fk_send_member_tenant_id_send_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_send_member_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send_member")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_send_member_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "send_id", "member_key", name=op.f("uq_send_member_tenant_id_send_id_member_key")
        ),
        sa.UniqueConstraint(
            "tenant_id", "send_id", "operation_id", name=op.f("uq_send_member_tenant_id_send_id_operation_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("send_member", schema=None) as batch_op:
        batch_op.create_index("ix_send_member_operation", ["tenant_id", "operation_id"], unique=False)
