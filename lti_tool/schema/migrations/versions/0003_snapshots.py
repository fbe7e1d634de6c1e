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
    # Columns are added without making the tables anew: others refer to their rows.
    op.add_column('ratings', sa.Column('instrument_version', sa.String(length=40), server_default='', nullable=False))
    # A rating answers the edition that its newest change names.
    op.execute(
        "UPDATE ratings SET instrument_version = coalesce((SELECT rating_changes.instrument_version"
        " FROM rating_changes WHERE rating_changes.rating_id = ratings.id"
        " AND rating_changes.version = ratings.version), '')"
    )
    op.add_column('placements', sa.Column('snapshot_on', sa.Date(), nullable=True))
    op.add_column('placements', sa.Column('asks_looking_back', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f('ix_placements_snapshot_on'), 'placements', ['snapshot_on'], unique=False)

    op.create_table('snapshots',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('course_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('placement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('occasion', sa.String(length=60), nullable=False),
    sa.Column('label', sa.String(length=100), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('taken_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_snapshots_course_id_courses')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_snapshots_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_snapshots_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshots')),
    sa.UniqueConstraint('person_id', 'instrument', 'occasion', name=op.f('uq_snapshots_person_id_instrument_occasion')),
    sa.UniqueConstraint('public_id', name=op.f('uq_snapshots_public_id'))
    )
    with op.batch_alter_table('snapshots', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_snapshots_course_id'), ['course_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_snapshots_placement_id'), ['placement_id'], unique=False)

    op.create_table('snapshot_answers',
    sa.Column('snapshot_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('changed_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['snapshot_id'], ['snapshots.id'], name=op.f('fk_snapshot_answers_snapshot_id_snapshots'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('snapshot_id', 'code', name=op.f('pk_snapshot_answers'))
    )
    op.create_table('looking_back',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('baseline_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('placement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('answered_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['baseline_id'], ['snapshots.id'], name=op.f('fk_looking_back_baseline_id_snapshots')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_looking_back_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_looking_back_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_looking_back')),
    sa.UniqueConstraint('person_id', 'instrument', 'code', 'version', name=op.f('uq_looking_back_person_id_instrument_code_version'))
    )
    with op.batch_alter_table('looking_back', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_looking_back_baseline_id'), ['baseline_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_looking_back_placement_id'), ['placement_id'], unique=False)


def downgrade() -> None:
    op.drop_table('looking_back')
    op.drop_table('snapshot_answers')
    op.drop_table('snapshots')
    op.drop_index(op.f('ix_placements_snapshot_on'), table_name='placements')
    op.drop_column('placements', 'asks_looking_back')
    op.drop_column('placements', 'snapshot_on')
    op.drop_column('ratings', 'instrument_version')
