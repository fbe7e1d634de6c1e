"""Goals, training records and files

Revision: 0005
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
