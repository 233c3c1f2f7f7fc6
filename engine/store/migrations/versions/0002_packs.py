"""A tenant's own packs, and the packs that a published rule set carries along.

Versions that were published before carry none (missing): they use what comes with the product, as they did.
"""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pack_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("version", types.Words(), nullable=False),
        sa.Column("hash", types.Words(), nullable=False),
        sa.Column("text", types.Words(), nullable=False),
        sa.Column("tables", types.Json(), nullable=False),
        sa.Column("author", types.Words(), nullable=False),
        sa.Column("note", types.Words(), server_default="", nullable=False),
        sa.Column("published_at", types.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_pack_version_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_version")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_pack_version_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "name", "version", name=op.f("uq_pack_version_tenant_id_name_version")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("uq_pack_version_tenant_id_uid")),
        sqlite_autoincrement=True,
    )
    op.add_column("ruleset_version", sa.Column("packs", types.Json(), nullable=True))
