"""Merged people, older links

Revision: 0014
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    # Whom an observer may see, as the LMS said in their newest launch.
    with op.batch_alter_table('memberships', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sees', sa.JSON(none_as_null=True), nullable=True))

    op.create_table('merges',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('remaining_id', _ID, nullable=False),
    sa.Column('absorbed_id', _ID, nullable=False),
    sa.Column('merged_by', _ID, nullable=False),
    sa.Column('merged_at', _MOMENT, nullable=False),
    sa.Column('undone_by', _ID, nullable=True),
    sa.Column('undone_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['absorbed_id'], ['people.id'], name=op.f('fk_merges_absorbed_id_people')),
    sa.ForeignKeyConstraint(['merged_by'], ['people.id'], name=op.f('fk_merges_merged_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_merges_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['remaining_id'], ['people.id'], name=op.f('fk_merges_remaining_id_people')),
    sa.ForeignKeyConstraint(['undone_by'], ['people.id'], name=op.f('fk_merges_undone_by_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges')),
    sa.UniqueConstraint('public_id', name=op.f('uq_merges_public_id'))
    )
    with op.batch_alter_table('merges', schema=None) as batch_op:
        for column in ('absorbed_id', 'organisation_id', 'remaining_id'):
            batch_op.create_index(batch_op.f(f'ix_merges_{column}'), [column], unique=False)

    op.create_table('merged_rows',
    sa.Column('id', _ID, nullable=False),
    sa.Column('merge_id', _ID, nullable=False),
    sa.Column('table_name', sa.String(length=60), nullable=False),
    sa.Column('row_id', _ID, nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['merge_id'], ['merges.id'], name=op.f('fk_merged_rows_merge_id_merges')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merged_rows'))
    )
    with op.batch_alter_table('merged_rows', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merged_rows_merge_id'), ['merge_id'], unique=False)

    op.create_table('legacy_keys',
    sa.Column('id', _ID, nullable=False),
    sa.Column('registration_id', _ID, nullable=False),
    sa.Column('consumer_key', sa.String(length=255), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_legacy_keys_registration_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legacy_keys')),
    sa.UniqueConstraint('registration_id', 'consumer_key', name=op.f('uq_legacy_keys_registration_id_consumer_key'))
    )

    op.create_table('legacy_identities',
    sa.Column('id', _ID, nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('consumer_key', sa.String(length=255), nullable=False),
    sa.Column('user_id', sa.String(length=255), nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_legacy_identities_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_legacy_identities_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legacy_identities')),
    sa.UniqueConstraint('organisation_id', 'consumer_key', 'user_id', name=op.f('uq_legacy_identities_organisation_id_consumer_key_user_id'))
    )
    with op.batch_alter_table('legacy_identities', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legacy_identities_person_id'), ['person_id'], unique=False)


def downgrade() -> None:
    for table in ('legacy_identities', 'legacy_keys', 'merged_rows', 'merges'):
        op.drop_table(table)
    with op.batch_alter_table('memberships', schema=None) as batch_op:
        batch_op.drop_column('sees')
