"""Snapshots and what placements ask of them

Revision: 0003
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
