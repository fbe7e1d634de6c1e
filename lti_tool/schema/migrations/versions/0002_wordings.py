"""Wordings and framework versions

Revision: 0002
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('framework_editions',
    sa.Column('id', ID, nullable=False),
    sa.Column('organisation_id', ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('how', sa.String(length=20), nullable=False),
    sa.Column('actor_id', ID, nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('files', sa.Text(), nullable=False),
    sa.Column('created_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['people.id'], name=op.f('fk_framework_editions_actor_id_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_framework_editions_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_framework_editions')),
    sa.UniqueConstraint('organisation_id', 'number', name=op.f('uq_framework_editions_organisation_id_number'))
    )
    op.create_table('framework_statements',
    sa.Column('id', ID, nullable=False),
    sa.Column('edition_id', ID, nullable=False),
    sa.Column('organisation_id', ID, nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('wording', sa.String(length=20), nullable=False),
    sa.Column('knowledge', sa.Text(), nullable=True),
    sa.Column('ability', sa.Text(), nullable=True),
    sa.Column('prompt', sa.Text(), nullable=True),
    sa.Column('points_of', sa.String(length=20), nullable=True),
    sa.Column('points', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['framework_editions.id'], name=op.f('fk_framework_statements_edition_id_framework_editions')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_framework_statements_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_framework_statements')),
    sa.UniqueConstraint('edition_id', 'instrument', 'code', name=op.f('uq_framework_statements_edition_id_instrument_code'))
    )
    with op.batch_alter_table('framework_statements', schema=None) as batch_op:
        batch_op.create_index('ix_framework_statements_one', ['organisation_id', 'instrument', 'code'], unique=False)

    op.create_table('framework_versions',
    sa.Column('id', ID, nullable=False),
    sa.Column('organisation_id', ID, nullable=True),
    sa.Column('edition_id', ID, nullable=True),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('how', sa.String(length=20), nullable=False),
    sa.Column('created_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['framework_editions.id'], name=op.f('fk_framework_versions_edition_id_framework_editions')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_framework_versions_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_framework_versions')),
    sa.UniqueConstraint('organisation_id', 'instrument', 'version', 'digest', name=op.f('uq_framework_versions_organisation_id_instrument_version_digest'))
    )
    # A unique constraint lets any number of nulls stand beside each other; the shipped texts,
    # which belong to no organisation, are kept apart by an index of their own.
    op.create_index('uq_framework_versions_shipped', 'framework_versions', ['instrument', 'version', 'digest'], unique=True,
        sqlite_where=sa.text('organisation_id IS NULL'), postgresql_where=sa.text('organisation_id IS NULL'))


def downgrade() -> None:
    op.drop_index('uq_framework_versions_shipped', table_name='framework_versions')
    op.drop_table('framework_versions')
    with op.batch_alter_table('framework_statements', schema=None) as batch_op:
        batch_op.drop_index('ix_framework_statements_one')

    op.drop_table('framework_statements')
    op.drop_table('framework_editions')
