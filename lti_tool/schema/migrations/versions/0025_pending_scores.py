"""Scores of what was handed in and is not graded yet

Revision: 0025
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.alter_column('value', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('submitted_at', _MOMENT, nullable=True))
        batch_op.add_column(sa.Column('announced_at', _MOMENT, nullable=True))


def downgrade() -> None:
    # What is not graded yet has no place in the older table; it is recorded again by a regrade.
    op.execute('DELETE FROM scores WHERE value IS NULL')
    _forget_what_was_announced()
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.alter_column('value', existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column('announced_at')
        batch_op.drop_column('submitted_at')


def _forget_what_was_announced() -> None:
    """Takes None out of what was sent: the older tool knows numbers alone there."""
    scores = sa.table('scores', sa.column('id', sa.BigInteger), sa.column('sent_values', sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(scores)).all():
        if None in row.sent_values:
            values = [value for value in row.sent_values if value is not None]
            connection.execute(
                scores.update().where(scores.c.id == row.id).values(sent_values=values)
            )
