"""Scores of what was handed in and is not graded yet

Revision: 0025
"""

from alembic import op
import sqlalchemy as sa

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.alter_column('value', existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    # What is not graded yet has no place in the older table; it is recorded again by a regrade.
    op.execute('DELETE FROM scores WHERE value IS NULL')
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.alter_column('value', existing_type=sa.Integer(), nullable=False)
