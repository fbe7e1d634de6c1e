"""Shared links

Revision: 0007
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
