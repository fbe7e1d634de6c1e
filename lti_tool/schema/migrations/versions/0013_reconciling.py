"""Scores read back, and columns for parts of a placement

Revision: 0013
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.add_column(sa.Column('part', sa.String(length=20), server_default='', nullable=False))
        batch_op.add_column(sa.Column('sent_values', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('delivered_value', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('delivered_comment', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('overridden_value', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('overridden_maximum', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('overridden_at', _MOMENT, nullable=True))
        batch_op.add_column(sa.Column('mended_at', _MOMENT, nullable=True))
        batch_op.add_column(sa.Column('insists', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint(batch_op.f('uq_scores_placement_id_person_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_scores_placement_id_person_id_part'), ['placement_id', 'person_id', 'part'])
    # What the LMSs have already is what was last recorded, where that arrived.
    op.execute("""
        UPDATE scores SET delivered_value = value, delivered_comment = comment
        WHERE delivered_version = version AND delivered_version > 0
    """)
    with op.batch_alter_table('placements', schema=None) as batch_op:
        batch_op.add_column(sa.Column('grade_parts', sa.String(length=20), server_default='whole', nullable=False))
    op.create_table('placement_line_items',
    sa.Column('id', _ID, nullable=False),
    sa.Column('placement_id', _ID, nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('made', sa.Boolean(), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('score_maximum', sa.Float(), nullable=True),
    sa.Column('wanted_label', sa.String(length=300), nullable=False),
    sa.Column('wanted_maximum', sa.Float(), nullable=True),
    sa.Column('checked_at', _MOMENT, nullable=True),
    sa.Column('check_at', _MOMENT, nullable=True),
    sa.Column('check_reason', sa.String(length=60), nullable=False),
    sa.Column('differing', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_placement_line_items_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placement_line_items')),
    sa.UniqueConstraint('placement_id', 'part', name=op.f('uq_placement_line_items_placement_id_part'))
    )
    with op.batch_alter_table('placement_line_items', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_placement_line_items_check_at'), ['check_at'], unique=False)


def downgrade() -> None:
    op.drop_table('placement_line_items')
    with op.batch_alter_table('placements', schema=None) as batch_op:
        batch_op.drop_column('grade_parts')
    # There was one grade for each person and placement: those of domains have no place there.
    op.execute("DELETE FROM scores WHERE part <> ''")
    op.execute("UPDATE scores SET state = 'delivered' WHERE state = 'overridden'")
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_scores_placement_id_person_id_part'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_scores_placement_id_person_id'), ['placement_id', 'person_id'])
        for name in ('insists', 'mended_at', 'overridden_at', 'overridden_maximum', 'overridden_value', 'delivered_comment', 'delivered_value', 'sent_values', 'part'):
            batch_op.drop_column(name)
