"""Tickets lead to any page

Revision: 0008
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    # Tickets live for minutes: those under way are dropped, and their launches opened again.
    op.execute("DELETE FROM tickets")
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_column('placement_public_id')
        batch_op.add_column(sa.Column('landing', sa.String(length=200), nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM tickets")
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_column('landing')
        batch_op.add_column(sa.Column('placement_public_id', sa.String(length=32), nullable=False))
