"""${message}

Expand first, contract in a later release: the program of the release before must still run on this form.
"""

import sqlalchemy as sa
from alembic import op

from engine.store import types

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
