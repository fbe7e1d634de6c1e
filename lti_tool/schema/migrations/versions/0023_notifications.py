"""Notifications, and how an organisation sends e-mail

Revision: 0023
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('notifications',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('placement_id', _ID, nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('params', sa.JSON(), nullable=False),
    sa.Column('endpoint', sa.String(length=80), nullable=False),
    sa.Column('link', sa.JSON(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('read_at', _MOMENT, nullable=True),
    sa.Column('mailed_at', _MOMENT, nullable=True),
    sa.Column('mail_failure', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_notifications_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_notifications_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_notifications_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('person_id', 'reference', name=op.f('uq_notifications_person_id_reference')),
    sa.UniqueConstraint('public_id', name=op.f('uq_notifications_public_id'))
    )
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notifications_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('ix_notifications_person_id_read_at', ['person_id', 'read_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notifications_placement_id'), ['placement_id'], unique=False)

    op.create_table('mail_settings',
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('security', sa.String(length=20), nullable=False),
    sa.Column('username', sa.String(length=255), nullable=False),
    sa.Column('sealed_password', sa.Text(), nullable=False),
    sa.Column('sender_name', sa.String(length=200), nullable=False),
    sa.Column('sender_address', sa.String(length=320), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('changed_by', _ID, nullable=True),
    sa.Column('last_sent_at', _MOMENT, nullable=True),
    sa.Column('last_failure', sa.String(length=200), nullable=False),
    sa.Column('last_failure_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_mail_settings_changed_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_mail_settings_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('organisation_id', name=op.f('pk_mail_settings'))
    )
    op.create_table('mail_wishes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_mail_wishes_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_wishes')),
    sa.UniqueConstraint('person_id', name=op.f('uq_mail_wishes_person_id'))
    )


def downgrade() -> None:
    for table in ('mail_wishes', 'mail_settings', 'notifications'):
        op.drop_table(table)
