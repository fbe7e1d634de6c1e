"""Picks, planned placements, dates of placements

Revision: 0010
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


_DATES = ('available_from', 'available_until', 'submission_from', 'due_at')


def upgrade() -> None:
    op.create_table('planned_placements',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('registration_id', _ID, nullable=False),
    sa.Column('course_id', _ID, nullable=False),
    sa.Column('made_by', _ID, nullable=True),
    sa.Column('made_at', _MOMENT, nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('domains', sa.JSON(), nullable=False),
    sa.Column('grade_rule', sa.String(length=20), nullable=False),
    sa.Column('points', sa.Integer(), nullable=True),
    *(sa.Column(name, _MOMENT, nullable=True) for name in _DATES),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_planned_placements_course_id_courses')),
    sa.ForeignKeyConstraint(['made_by'], ['people.id'], name=op.f('fk_planned_placements_made_by_people'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_planned_placements_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_planned_placements_registration_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_placements')),
    sa.UniqueConstraint('public_id', name=op.f('uq_planned_placements_public_id'))
    )
    with op.batch_alter_table('planned_placements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_planned_placements_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('picks',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('membership_id', _ID, nullable=False),
    sa.Column('registration_id', _ID, nullable=False),
    sa.Column('deployment', sa.String(length=255), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('drafts', sa.JSON(), nullable=False),
    sa.Column('made_at', _MOMENT, nullable=False),
    sa.Column('ends_at', _MOMENT, nullable=False),
    sa.Column('used_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['membership_id'], ['memberships.id'], name=op.f('fk_picks_membership_id_memberships'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_picks_registration_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picks')),
    sa.UniqueConstraint('public_id', name=op.f('uq_picks_public_id'))
    )
    with op.batch_alter_table('picks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_picks_ends_at'), ['ends_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_picks_membership_id'), ['membership_id'], unique=False)

    with op.batch_alter_table('placements', schema=None) as batch_op:
        batch_op.add_column(sa.Column('planned', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('points', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('set_up_at', _MOMENT, nullable=True))
        for name in _DATES:
            batch_op.add_column(sa.Column(name, _MOMENT, nullable=True))
        batch_op.create_index(batch_op.f('ix_placements_planned'), ['planned'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('placements', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_placements_planned'))
        for name in (*reversed(_DATES), 'set_up_at', 'points', 'planned'):
            batch_op.drop_column(name)
    op.drop_table('picks')
    op.drop_table('planned_placements')
