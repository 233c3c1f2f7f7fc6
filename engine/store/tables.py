"""The tables: changes when what is remembered changes. It runs no statement and knows no rule of the business.

The tenant stands in every table, unique key and foreign key (a child cannot point at another tenant's parent). Ids are
integers inside; `uid` is what leaves the database. Money is canonical decimal text, moments are UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from engine.store.types import Id, Json, Moment, Money, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CONNECTION_STATES = ("active", "paused", "reconnect_needed", "gone")
OPERATION_STATES = ("planned", "sending", "unknown", "done", "rejected", "held", "superseded", "dead")
#: States in which an operation may still put something into the books.
OPEN_STATES = ("planned", "sending", "unknown", "rejected", "held")
ACTIONS = ("create", "update", "void", "delete")
SEND_STATES = ("open", "unknown", "repeat", "answered", "closed")
LEDGER_STATES = ("live", "voided", "deleted")
SLOT_STATES = ("due", "running", "done")
OUTCOMES = ("sync", "skip", "hold", "fail")


def _names(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({_names(values)})", name=column)


def _to(parent: str, column: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that carries the tenant."""
    return ForeignKeyConstraint(
        ["tenant_id", column or f"{parent}_id"], [f"{parent}.tenant_id", f"{parent}.id"], ondelete="RESTRICT"
    )


def _table(name: str, *parts: Any) -> Table:
    """A table with id, tenant, the key that composite foreign keys point at, and the tenant's foreign key."""
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True, autoincrement=True),
        Column("tenant_id", Id, nullable=False),
        *parts,
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"], ondelete="RESTRICT"),
        sqlite_autoincrement=True,
    )


def _uid() -> Column[str]:
    return Column("uid", String(36), nullable=False)


def _key() -> tuple[Column[str], ...]:
    """Which record: the store's identity (not the connection's row), the kind, the id there."""
    return (
        Column("store", Words, nullable=False),
        Column("kind", Words, nullable=False),
        Column("source_id", Words, nullable=False),
    )


tenant = Table(
    "tenant",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("uid", String(36), nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

# ------------------------------------------------------------------------------------------ connections and companies

connection = _table(
    "connection",
    _uid(),
    Column("kind", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("identity", Words, nullable=False, server_default=""),  # the shop's or company's own, part of ledger keys
    Column("zone", Words, nullable=False, server_default="UTC"),
    Column("currency", Words),
    Column("settings", Json, nullable=False),  # nothing secret
    Column("profile", Json, nullable=False),
    Column("state", Words, nullable=False, server_default="active"),
    Column("state_reason", Words),
    Column("not_before", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "name"),
    _one_of("state", CONNECTION_STATES),
)

credential = _table(
    "credential",
    Column("connection_id", Id, nullable=False),
    Column("field", Words, nullable=False),
    Column("key_id", Words, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("tenant_id", "connection_id", "field"),
    _to("connection"),
)

token = _table(
    "token",
    Column("connection_id", Id, nullable=False),
    Column("key_id", Words, nullable=False),
    Column("access_token", LargeBinary, nullable=False),
    Column("refresh_token", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("refresh_expires_at", Moment),
    Column("generation", Integer, nullable=False, server_default="1"),
    Column("lock_owner", Words),
    Column("lock_until", Moment),
    UniqueConstraint("tenant_id", "connection_id"),
    _to("connection"),
)

company = _table(
    "company",
    _uid(),
    Column("connection_id", Id, nullable=False),
    Column("kind", Words, nullable=False),
    Column("identity", Words, nullable=False),  # the realm
    Column("title", Words, nullable=False),
    Column("country", Words, nullable=False, server_default="US"),
    Column("currency", Words, nullable=False),
    Column("zone", Words, nullable=False, server_default="UTC"),
    Column("profile", Json, nullable=False),
    Column("profile_read_at", Moment),
    Column("live", Boolean(name="live"), nullable=False, server_default=true()),
    Column("state", Words, nullable=False, server_default="active"),
    Column("state_reason", Words),
    Column("not_before", Moment),
    Column("not_before_reason", Words),
    Column("post_not_before", Moment),  # for sends only: the books' limit of batches is used up
    Column("failures", Integer, nullable=False, server_default="0"),  # of the whole connection, in a row
    Column("lease_owner", Words),
    Column("lease_until", Moment),
    Column("lists_loaded_at", Moment),
    Column("lists_since", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "kind", "identity"),
    # The one key without the tenant: a company may be posted to by one tenant only.
    Index("uq_company_live", "kind", "identity", unique=True, sqlite_where=text("live"), postgresql_where=text("live")),
    _one_of("state", CONNECTION_STATES),
    _to("connection"),
)

rate_budget = _table(
    "rate_budget",
    Column("company_id", Id, nullable=False),
    Column("kind", Words, nullable=False),
    Column("taken", Json, nullable=False),  # second -> calls, of the last minute
    UniqueConstraint("tenant_id", "company_id", "kind"),
    _to("company"),
)

list_entry = _table(
    "list_entry",
    Column("company_id", Id, nullable=False),
    Column("kind", Words, nullable=False),
    Column("remote_id", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("leaf", Words, nullable=False, server_default=""),
    Column("active", Boolean(name="active"), nullable=False, server_default=true()),
    Column("deleted", Boolean(name="deleted"), nullable=False, server_default=false()),
    Column("sync_token", Words),
    Column("data", Json, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("tenant_id", "company_id", "kind", "remote_id"),
    Index("ix_list_entry_version", "tenant_id", "company_id", "version"),
    _to("company"),
)

# ------------------------------------------------------------------------------------------------- rule sets and flows

ruleset = _table(
    "ruleset",
    _uid(),
    Column("name", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "name"),
)

ruleset_version = _table(
    "ruleset_version",
    _uid(),
    Column("ruleset_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("tables", Json, nullable=False),
    Column("author", Words, nullable=False),
    Column("note", Words, nullable=False, server_default=""),
    Column("published_at", Moment, nullable=False),
    Column("packs", Json),  # name@version -> text, tables, hash; missing: published before versions carried them along
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "ruleset_id", "number"),
    _to("ruleset"),
)

#: A tenant's own packs. A version never changes.
pack_version = _table(
    "pack_version",
    _uid(),
    Column("name", Words, nullable=False),
    Column("version", Words, nullable=False),
    Column("hash", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("tables", Json, nullable=False),
    Column("author", Words, nullable=False),
    Column("note", Words, nullable=False, server_default=""),
    Column("published_at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "name", "version"),
)

flow = _table(
    "flow",
    _uid(),
    Column("name", Words, nullable=False),
    Column("ruleset_id", Id, nullable=False),
    Column("ruleset_version_id", Id, nullable=False),
    Column("connection_id", Id, nullable=False),
    Column("company_id", Id, nullable=False),
    Column("first_published_at", Moment, nullable=False),
    Column("active", Boolean(name="active"), nullable=False, server_default=true()),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "name"),
    _to("ruleset"),
    _to("ruleset_version"),
    _to("connection"),
    _to("company"),
)

schedule = _table(
    "schedule",
    Column("flow_id", Id, nullable=False),
    Column("every_minutes", Integer),
    Column("daily_at", Words),  # HH:MM in `zone`
    Column("zone", Words, nullable=False, server_default="UTC"),
    Column("next_at", Moment, nullable=False),
    Column("active", Boolean(name="active"), nullable=False, server_default=true()),
    UniqueConstraint("tenant_id", "flow_id"),
    CheckConstraint("(every_minutes IS NULL) <> (daily_at IS NULL)", name="one_rhythm"),
    Index("ix_schedule_next_at", "next_at"),
    _to("flow"),
)

#: One run of a flow. Its key is what makes two tickers start one run, and twenty presses of a button one run.
slot = _table(
    "slot",
    Column("flow_id", Id, nullable=False),
    Column("slot_key", Words, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Words, nullable=False, server_default="due"),
    Column("owner", Words),
    Column("lease_until", Moment),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("outcome", Json),
    UniqueConstraint("tenant_id", "flow_id", "slot_key"),
    # At most one run of a flow that has not begun yet, and one that runs.
    Index(
        "uq_slot_due",
        "tenant_id",
        "flow_id",
        "state",
        unique=True,
        sqlite_where=text("state <> 'done'"),
        postgresql_where=text("state <> 'done'"),
    ),
    _one_of("state", SLOT_STATES),
    _to("flow"),
)

cursor = _table(
    "cursor",
    Column("connection_id", Id, nullable=False),
    Column("stream", Words, nullable=False),
    Column("value", Words, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "connection_id", "stream"),
    _to("connection"),
)

# ---------------------------------------------------------------------------------------------- records and decisions

source_record = _table(
    "source_record",
    _uid(),
    *_key(),
    Column("connection_id", Id, nullable=False),  # the one that last brought it; the key is the store's
    Column("number", Words),
    Column("version", Integer, nullable=False),
    Column("content_hash", Words, nullable=False),
    Column("modified_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "store", "kind", "source_id"),
    _to("connection"),
)

#: When a flow comes back to a record: to run its rules over it, or to read it from the shop whatever that says of changes.
agenda = Table(
    "agenda",
    metadata,
    Column("tenant_id", Id, primary_key=True),
    Column("flow_id", Id, primary_key=True),
    Column("source_record_id", Id, primary_key=True),
    Column("decide_at", Moment),
    Column("read_at", Moment),
    Index("ix_agenda_decide", "tenant_id", "flow_id", "decide_at"),
    Index("ix_agenda_read", "tenant_id", "flow_id", "read_at"),
    Index("ix_agenda_source_record", "tenant_id", "source_record_id"),
    _to("flow"),
    _to("source_record"),
)

source_record_version = _table(
    "source_record_version",
    Column("source_record_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", Words, nullable=False),
    Column("raw", Words),  # purged after a while: personal data
    Column("mapped", Words),  # canonical form, purged with it
    Column("findings", Json, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("purged_at", Moment),
    UniqueConstraint("tenant_id", "source_record_id", "version"),
    Index("ix_source_record_version_seen_at", "seen_at"),
    _to("source_record"),
)

decision = _table(
    "decision",
    _uid(),
    *_key(),
    Column("company_id", Id, nullable=False),
    Column("flow_id", Id),
    Column("number", Integer, nullable=False),
    Column("record_version", Integer, nullable=False),
    Column("ruleset_version_id", Id),
    Column("outcome", Words, nullable=False),
    Column("reason", Words),
    Column("hash", Words, nullable=False),
    Column("trace", Json),  # purged with the raw payload
    Column("at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "company_id", "store", "kind", "source_id", "number"),
    _one_of("outcome", OUTCOMES),
    _to("company"),
    _to("flow"),
    _to("ruleset_version"),
)

hold = _table(
    "hold",
    _uid(),
    *_key(),
    Column("company_id", Id, nullable=False),
    Column("slot", Words, nullable=False, server_default=""),
    Column("code", Words, nullable=False),
    Column("title", Words, nullable=False),  # the rule's title, or the code again
    Column("reason", Words, nullable=False),
    Column("next_step", Words, nullable=False, server_default=""),
    Column("values", Json, nullable=False),
    Column("operation_id", Id),
    Column("content_hash", Words),
    Column("state", Words, nullable=False, server_default="held"),
    Column("held_since", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Words),
    UniqueConstraint("tenant_id", "uid"),
    _one_of("state", ("held", "released", "settled")),
    Index(
        "uq_hold_open",
        "tenant_id",
        "company_id",
        "store",
        "kind",
        "source_id",
        "slot",
        "title",
        unique=True,
        sqlite_where=text("state = 'held'"),
        postgresql_where=text("state = 'held'"),
    ),
    _to("company"),
    _to("operation"),
)

#: A person let a record pass a rule: it waives that rule for that record until the record's content changes.
release = _table(
    "release",
    *_key(),
    Column("company_id", Id, nullable=False),
    Column("title", Words, nullable=False),
    Column("content_hash", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "company_id", "store", "kind", "source_id", "title"),
    _to("company"),
)

# --------------------------------------------------------------------------------------------- what goes to the books

ledger = _table(
    "ledger",
    Column("company_id", Id, nullable=False),
    *_key(),
    Column("slot", Words, nullable=False),
    Column("entity", Words, nullable=False),
    Column("remote_id", Words, nullable=False),
    Column("number", Words),
    Column("sync_token", Words, nullable=False),
    Column("marker", Words, nullable=False),
    Column("document_hash", Words, nullable=False),
    Column("document", Json, nullable=False),  # canonical form
    Column("sent_body", Json, nullable=False),
    Column("total", Money),
    Column("currency", Words),
    Column("state", Words, nullable=False),
    Column("adopted", Boolean(name="adopted"), nullable=False, server_default=false()),
    Column("ruleset_version_id", Id),
    Column("operation_id", Id),
    Column("first_put_at", Moment, nullable=False),
    Column("put_at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "company_id", "store", "kind", "source_id", "slot"),
    Index("ix_ledger_remote", "tenant_id", "company_id", "entity", "remote_id"),
    _one_of("state", LEDGER_STATES),
    _to("company"),
    _to("ruleset_version"),
    _to("operation"),
)

#: A document with our marker that the books told of and the ledger does not know: it was put there by us after the
#: backup that this database was restored from, or by an answer that was lost. It is looked at before its slot is filled.
sighting = _table(
    "sighting",
    Column("company_id", Id, nullable=False),
    Column("marker", Words, nullable=False),
    Column("entity", Words, nullable=False),
    Column("remote_id", Words, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("tenant_id", "company_id", "entity", "remote_id"),
    Index("ix_sighting_marker", "tenant_id", "company_id", "marker"),
    _to("company"),
)

send = _table(
    "send",
    _uid(),
    Column("company_id", Id, nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("frozen", LargeBinary),  # purged after settling: personal data
    Column("body_hash", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("answered_at", Moment),
    UniqueConstraint("tenant_id", "uid"),
    UniqueConstraint("tenant_id", "company_id", "request_id"),
    Index("ix_send_state", "tenant_id", "company_id", "state"),
    _one_of("state", SEND_STATES),
    _to("company"),
)

operation = _table(
    "operation",
    _uid(),
    Column("company_id", Id, nullable=False),
    *_key(),
    Column("slot", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("priority", Integer, nullable=False, server_default="1"),
    Column("document", Json),  # canonical form, references symbolic
    Column("document_hash", Words, nullable=False),
    Column("adopt", Boolean(name="adopt"), nullable=False, server_default=false()),
    Column("alone", Boolean(name="alone"), nullable=False, server_default=false()),  # not in a batch any more
    Column("state", Words, nullable=False),
    Column("reason", Json),  # code, message, next_step, values
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment),
    Column("send_id", Id),
    Column("sent_at", Moment),
    Column("look_at", Moment),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("replaces_id", Id),
    Column("ruleset_version_id", Id),
    Column("decision_id", Id),
    Column("remarks", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    UniqueConstraint("tenant_id", "uid"),
    # The heart: in a slot at most one create may still reach the books, and one of each action may wait.
    Index(
        "uq_operation_create",
        "tenant_id",
        "company_id",
        "store",
        "kind",
        "source_id",
        "slot",
        unique=True,
        sqlite_where=text(f"action = 'create' AND state IN ({_names(OPEN_STATES)})"),
        postgresql_where=text(f"action = 'create' AND state IN ({_names(OPEN_STATES)})"),
    ),
    Index(
        "uq_operation_waiting",
        "tenant_id",
        "company_id",
        "store",
        "kind",
        "source_id",
        "slot",
        "action",
        unique=True,
        sqlite_where=text("state IN ('planned', 'held', 'rejected')"),
        postgresql_where=text("state IN ('planned', 'held', 'rejected')"),
    ),
    Index(
        "ix_operation_due",
        "tenant_id",
        "company_id",
        "state",
        "priority",
        "wave",
        "id",
        sqlite_where=text("state IN ('planned', 'sending', 'unknown')"),
        postgresql_where=text("state IN ('planned', 'sending', 'unknown')"),
    ),
    Index("ix_operation_key", "tenant_id", "company_id", "store", "kind", "source_id"),
    Index("ix_operation_send", "tenant_id", "send_id"),
    _one_of("state", OPERATION_STATES),
    _one_of("action", ACTIONS),
    CheckConstraint("state <> 'sending' OR send_id IS NOT NULL", name="sending_has_send"),
    _to("company"),
    _to("send"),
    _to("operation", "replaces_id"),
    _to("ruleset_version"),
    _to("decision"),
)

#: What must be done before an operation may be sent (the payment needs the invoice, the invoice a new customer).
operation_need = Table(
    "operation_need",
    metadata,
    Column("tenant_id", Id, primary_key=True),
    Column("operation_id", Id, primary_key=True),
    Column("needs_id", Id, primary_key=True),
    Index("ix_operation_need_needs", "tenant_id", "needs_id"),
    _to("operation"),
    _to("operation", "needs_id"),
)

send_member = _table(
    "send_member",
    Column("send_id", Id, nullable=False),
    Column("member_key", String(10), nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("action", Words, nullable=False),
    Column("entity", Words, nullable=False),
    Column("body", Json),  # purged after settling
    Column("sync_token", Words),  # the one an update or void was based on
    UniqueConstraint("tenant_id", "send_id", "member_key"),
    UniqueConstraint("tenant_id", "send_id", "operation_id"),
    Index("ix_send_member_operation", "tenant_id", "operation_id"),
    _to("send"),
    _to("operation"),
)

attempt = _table(
    "attempt",
    Column("operation_id", Id, nullable=False),
    Column("send_id", Id),
    Column("at", Moment, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("code", Words),
    Column("message", Words),
    Column("next_step", Words),
    Column("status", Integer),
    Column("remote_code", Words),
    Column("trace_id", Words),
    Column("excerpt", Words),
    Index("ix_attempt_operation", "tenant_id", "operation_id"),
    _to("operation"),
    _to("send"),
)

log = _table(
    "log",
    Column("at", Moment, nullable=False),
    Column("level", Words, nullable=False),
    Column("code", Words, nullable=False),
    Column("values", Json, nullable=False),  # worded when read
    Column("company_id", Id),
    Column("connection_id", Id),
    Column("store", Words),
    Column("kind", Words),
    Column("source_id", Words),
    Column("order_number", Words),  # as people ask for it: without "#", its first 100 characters
    Column("operation_id", Id),
    Column("decision_id", Id),
    Index("ix_log_at", "tenant_id", "at"),
    # An id in the shop is as good as the whole key here, and is asked for without it, too.
    Index("ix_log_source", "tenant_id", "source_id", "id"),
    Index("ix_log_order", "tenant_id", "order_number", "id"),
    _one_of("level", ("info", "warning", "error")),
    _to("company"),
    _to("connection"),
    _to("operation"),
    _to("decision"),
)
