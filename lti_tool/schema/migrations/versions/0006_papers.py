"""Papers

Revision: 0006
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('papers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('placement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('blob', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('asked_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ready_at', lti_tool.kernel.models.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_papers_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_papers_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_papers_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_papers')),
    sa.UniqueConstraint('public_id', name=op.f('uq_papers_public_id'))
    )
    with op.batch_alter_table('papers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_papers_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_papers_placement_id'), ['placement_id'], unique=False)
        batch_op.create_index('ix_papers_person_id_content', ['person_id', 'content'], unique=False)
        batch_op.create_index('ix_papers_asked_at', ['asked_at'], unique=False)


def downgrade() -> None:
    op.drop_table('papers')
