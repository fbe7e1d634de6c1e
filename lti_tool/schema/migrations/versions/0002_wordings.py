"""Wordings and framework versions

Revision: 0002
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
