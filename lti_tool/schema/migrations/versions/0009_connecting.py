"""Invitations, and what registrations say

Revision: 0009
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    # Added in place: other tables lead to this one, which SQLite must not make anew.
    op.add_column('registrations', sa.Column('scopes', sa.Text(), server_default='', nullable=False))

    op.create_table('invitations',
    sa.Column('id', _ID, nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('replaces_id', _ID, nullable=True),
    sa.Column('deployment_policy', sa.String(length=20), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('ends_at', _MOMENT, nullable=False),
    sa.Column('used_at', _MOMENT, nullable=True),
    sa.Column('revoked_at', _MOMENT, nullable=True),
    sa.Column('registration_id', _ID, nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_invitations_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['replaces_id'], ['registrations.id'], name=op.f('fk_invitations_replaces_id_registrations')),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_invitations_registration_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_invitations_token_digest'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitations_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invitations_ends_at'), ['ends_at'], unique=False)

    op.create_table('waiting_registrations',
    sa.Column('id', _ID, nullable=False),
    sa.Column('issuer', sa.String(length=500), nullable=False),
    sa.Column('client_id', sa.String(length=255), nullable=False),
    sa.Column('auth_login_url', sa.Text(), nullable=False),
    sa.Column('token_url', sa.Text(), nullable=False),
    sa.Column('jwks_url', sa.Text(), nullable=False),
    sa.Column('token_audience', sa.Text(), nullable=False),
    sa.Column('product', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('deployment', sa.String(length=255), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('ends_at', _MOMENT, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_registrations')),
    sa.UniqueConstraint('issuer', 'client_id', name=op.f('uq_waiting_registrations_issuer_client_id'))
    )
    with op.batch_alter_table('waiting_registrations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_registrations_ends_at'), ['ends_at'], unique=False)

    op.create_table('used_registration_forms',
    sa.Column('id', _ID, nullable=False),
    sa.Column('form', sa.String(length=64), nullable=False),
    sa.Column('is_stored', sa.Boolean(), nullable=False),
    sa.Column('ends_at', _MOMENT, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_used_registration_forms')),
    sa.UniqueConstraint('form', name=op.f('uq_used_registration_forms_form'))
    )
    with op.batch_alter_table('used_registration_forms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_used_registration_forms_ends_at'), ['ends_at'], unique=False)


def downgrade() -> None:
    for table in ('used_registration_forms', 'waiting_registrations', 'invitations'):
        op.drop_table(table)
    op.drop_column('registrations', 'scopes')
