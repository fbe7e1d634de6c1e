"""Dates of one person's own, grades for each domain in plans, changes of connections by operators

Revision: 0016
"""

from alembic import op
import sqlalchemy as sa

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('memberships', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own_dates', sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table('planned_placements', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('grade_parts', sa.String(length=20), server_default='whole', nullable=False)
        )
    with op.batch_alter_table('connection_changes', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('by_operator', sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table('connection_changes', schema=None) as batch_op:
        batch_op.drop_column('by_operator')
    with op.batch_alter_table('planned_placements', schema=None) as batch_op:
        batch_op.drop_column('grade_parts')
    with op.batch_alter_table('memberships', schema=None) as batch_op:
        batch_op.drop_column('own_dates')
