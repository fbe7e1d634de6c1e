"""Papers

Revision: 0006
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
