"""Keys that retire, names of registrations, tests and changes of connections

Revision: 0015
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('tool_keys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('activates_at', _MOMENT, nullable=True))
        batch_op.add_column(sa.Column('retires_at', _MOMENT, nullable=True))
        batch_op.add_column(sa.Column('retired_at', _MOMENT, nullable=True))
    op.execute("UPDATE tool_keys SET activates_at = created_at")
    with op.batch_alter_table('tool_keys', schema=None) as batch_op:
        batch_op.alter_column('activates_at', existing_type=_MOMENT, nullable=False)
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('name', sa.String(length=120), server_default='', nullable=False)
        )
    op.create_table('connection_tests',
    sa.Column('registration_id', _ID, nullable=False),
    sa.Column('asked_at', _MOMENT, nullable=False),
    sa.Column('ended_at', _MOMENT, nullable=True),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_connection_tests_registration_id_registrations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('registration_id', name=op.f('pk_connection_tests'))
    )
    op.create_table('connection_changes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('registration_id', _ID, nullable=False),
    sa.Column('actor_id', _ID, nullable=True),
    sa.Column('what', sa.String(length=30), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('before', sa.String(length=120), nullable=False),
    sa.Column('after', sa.String(length=120), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['people.id'], name=op.f('fk_connection_changes_actor_id_people'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_connection_changes_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_connection_changes_registration_id_registrations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connection_changes'))
    )
    with op.batch_alter_table('connection_changes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_connection_changes_registration_id'), ['registration_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('connection_changes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_connection_changes_registration_id'))
    op.drop_table('connection_changes')
    op.drop_table('connection_tests')
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.drop_column('name')
    with op.batch_alter_table('tool_keys', schema=None) as batch_op:
        batch_op.drop_column('retired_at')
        batch_op.drop_column('retires_at')
        batch_op.drop_column('activates_at')
