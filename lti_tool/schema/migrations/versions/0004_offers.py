"""Training offers

Revision: 0004
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('training_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address', sa.String(length=500), nullable=False),
    sa.Column('answered', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('checked_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_links')),
    sa.UniqueConstraint('address', name=op.f('uq_training_links_address'))
    )
    op.create_table('training_decisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shipped_id', sa.String(length=60), nullable=False),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('essential', sa.Boolean(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('cost', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=500), nullable=False),
    sa.Column('changed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('changed_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_training_decisions_changed_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_training_decisions_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_decisions')),
    sa.UniqueConstraint('organisation_id', 'shipped_id', name=op.f('uq_training_decisions_organisation_id_shipped_id'))
    )
    op.create_table('training_offers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('course_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('provider', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('format', sa.String(length=20), nullable=False),
    sa.Column('length', sa.String(length=200), nullable=False),
    sa.Column('cost', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=500), nullable=False),
    sa.Column('placement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.Column('archived_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('changed_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_training_offers_changed_by_people')),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_training_offers_course_id_courses')),
    sa.ForeignKeyConstraint(['created_by'], ['people.id'], name=op.f('fk_training_offers_created_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_training_offers_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_training_offers_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_offers')),
    sa.UniqueConstraint('course_id', 'reference', name=op.f('uq_training_offers_course_id_reference')),
    sa.UniqueConstraint('public_id', name=op.f('uq_training_offers_public_id'))
    )
    with op.batch_alter_table('training_offers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_offers_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('uq_training_offers_organisation_reference', ['organisation_id', 'reference'], unique=True, sqlite_where=sa.text('course_id IS NULL'), postgresql_where=sa.text('course_id IS NULL'))

    op.create_table('training_rules',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('instruments', sa.JSON(), nullable=False),
    sa.Column('domains', sa.JSON(), nullable=False),
    sa.Column('codes', sa.JSON(), nullable=False),
    sa.Column('results', sa.JSON(), nullable=False),
    sa.Column('essential', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['offer_id'], ['training_offers.id'], name=op.f('fk_training_rules_offer_id_training_offers'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_rules')),
    sa.UniqueConstraint('offer_id', 'place', name=op.f('uq_training_rules_offer_id_place'))
    )


def downgrade() -> None:
    op.drop_table('training_rules')
    with op.batch_alter_table('training_offers', schema=None) as batch_op:
        batch_op.drop_index('uq_training_offers_organisation_reference', sqlite_where=sa.text('course_id IS NULL'), postgresql_where=sa.text('course_id IS NULL'))
        batch_op.drop_index(batch_op.f('ix_training_offers_organisation_id'))

    op.drop_table('training_offers')
    op.drop_table('training_decisions')
    op.drop_table('training_links')
