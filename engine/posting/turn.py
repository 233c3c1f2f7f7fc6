"""One poster's turn at one company: what it works with, and what it did. It decides nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.ports import Books, BooksProfile, Clock
from engine.lists import Lists
from engine.matching import TargetRules
from engine.posting.leases import CompanyLease
from engine.posting.timing import Timing
from engine.store.engine import Store
from engine.store.scope import TenantScope


@dataclass(slots=True)
class Report:
    """What a turn did. `busy`: another poster owns the company. `paused`: why everything waits. `next_at`: when there
    is something to do again, if that is known."""

    busy: bool = False
    sends: int = 0
    posted: int = 0
    updated: int = 0
    removed: int = 0
    named: int = 0
    found: int = 0
    unchanged: int = 0
    rejected: int = 0
    held: int = 0
    dead: int = 0
    unknown: int = 0
    retried: int = 0
    paused: str | None = None
    next_at: datetime | None = None
    stopped: bool = False

    @property
    def done(self) -> int:
        """Operations that came to their end."""
        return self.posted + self.updated + self.removed + self.named + self.found + self.unchanged


@dataclass(slots=True)
class Turn:
    """One poster's turn at one company: everything it works with. `profile` is read anew where an answer says that it
    is no longer true; `rules` are what the target says of documents beforehand (missing: nothing is said).
    """

    store: Store
    scope: TenantScope
    company_id: int
    books: Books
    clock: Clock
    timing: Timing
    profile: BooksProfile
    lists: Lists
    lease: CompanyLease
    report: Report
    rules: TargetRules | None = None
    dice: random.Random = field(default_factory=random.Random)

    def first_look(self, sent_at: datetime) -> datetime:
        """When what was sent then is first looked for, if its answer is lost."""
        return sent_at + timedelta(seconds=self.timing.looks[0])
