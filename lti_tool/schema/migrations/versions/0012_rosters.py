"""Rosters, groups, notices

Revision: 0012
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('courses') as table:
        table.add_column(sa.Column('memberships_url', sa.Text(), server_default='', nullable=False))
        table.add_column(sa.Column('groups_url', sa.Text(), server_default='', nullable=False))
        table.add_column(sa.Column('group_sets_url', sa.Text(), server_default='', nullable=False))
    with op.batch_alter_table('memberships') as table:
        table.alter_column('last_seen_at', existing_type=_MOMENT, nullable=True)
        table.add_column(sa.Column('listed_at', _MOMENT, nullable=True))
        table.add_column(
            sa.Column('listed_roles', sa.String(length=100), server_default='', nullable=False)
        )
        table.add_column(sa.Column('groups', sa.JSON(), server_default='[]', nullable=False))
    op.create_table(
        'course_rosters',
        sa.Column('course_id', _ID, autoincrement=False, nullable=False),
        sa.Column('asked_at', _MOMENT, nullable=True),
        sa.Column('fetched_at', _MOMENT, nullable=True),
        sa.Column('failed_at', _MOMENT, nullable=True),
        sa.Column('reason', sa.String(length=60), nullable=False),
        sa.Column('groups', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ['course_id'],
            ['courses.id'],
            name=op.f('fk_course_rosters_course_id_courses'),
            ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('course_id', name=op.f('pk_course_rosters')),
    )
    op.create_table(
        'notice_handlers',
        sa.Column('id', _ID, nullable=False),
        sa.Column('registration_id', _ID, nullable=False),
        sa.Column('deployment', sa.String(length=255), nullable=False),
        sa.Column('service_url', sa.Text(), nullable=False),
        sa.Column('notice_types', sa.Text(), nullable=False),
        sa.Column('asked_at', _MOMENT, nullable=False),
        sa.Column('registered_at', _MOMENT, nullable=True),
        sa.Column('reason', sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ['registration_id'],
            ['registrations.id'],
            name=op.f('fk_notice_handlers_registration_id_registrations'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_handlers')),
        sa.UniqueConstraint(
            'registration_id', 'deployment', name=op.f('uq_notice_handlers_registration_id_deployment')
        ),
    )
    op.create_table(
        'received_notices',
        sa.Column('id', _ID, nullable=False),
        sa.Column('registration_id', _ID, nullable=False),
        sa.Column('token_digest', sa.String(length=64), nullable=False),
        sa.Column('ends_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ['registration_id'],
            ['registrations.id'],
            name=op.f('fk_received_notices_registration_id_registrations'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_received_notices')),
        sa.UniqueConstraint(
            'registration_id', 'token_digest', name=op.f('uq_received_notices_registration_id_token_digest')
        ),
    )
    op.create_index(
        op.f('ix_received_notices_ends_at'), 'received_notices', ['ends_at'], unique=False
    )
    op.create_table(
        'course_copies',
        sa.Column('id', _ID, nullable=False),
        sa.Column('registration_id', _ID, nullable=False),
        sa.Column('deployment', sa.String(length=255), nullable=False),
        sa.Column('context', sa.String(length=300), nullable=False),
        sa.Column('origin', sa.String(length=300), nullable=False),
        sa.Column('noticed_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ['registration_id'],
            ['registrations.id'],
            name=op.f('fk_course_copies_registration_id_registrations'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_course_copies')),
        sa.UniqueConstraint(
            'registration_id',
            'deployment',
            'context',
            'origin',
            name=op.f('uq_course_copies_registration_id_deployment_context_origin'),
        ),
    )


def downgrade() -> None:
    op.drop_table('course_copies')
    op.drop_index(op.f('ix_received_notices_ends_at'), table_name='received_notices')
    op.drop_table('received_notices')
    op.drop_table('notice_handlers')
    op.drop_table('course_rosters')
    # Who never came was on no page before, and has no visit to tell of.
    op.execute(sa.text('DELETE FROM memberships WHERE last_seen_at IS NULL'))
    with op.batch_alter_table('memberships') as table:
        table.drop_column('groups')
        table.drop_column('listed_roles')
        table.drop_column('listed_at')
        table.alter_column('last_seen_at', existing_type=_MOMENT, nullable=False)
    with op.batch_alter_table('courses') as table:
        table.drop_column('group_sets_url')
        table.drop_column('groups_url')
        table.drop_column('memberships_url')
