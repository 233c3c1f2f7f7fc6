"""Whose data a store call touches: changes when tenants are told apart in another way. It runs no statement."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table


@dataclass(frozen=True, slots=True)
class TenantScope:
    """One tenant. Every store call takes one, and every statement carries its `of(table)`."""

    tenant_id: int

    def of(self, table: Table) -> ColumnElement[bool]:
        """The condition that a row of `table` is this tenant's."""
        return table.c.tenant_id == self.tenant_id
