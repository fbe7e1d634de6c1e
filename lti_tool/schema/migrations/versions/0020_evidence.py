"""Evidence and the tasks that it serves

Revision: 0020
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('evidence',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('file_id', _ID, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('alt', sa.Text(), nullable=False),
    sa.Column('declaration', sa.String(length=20), nullable=False),
    sa.Column('declared_at', _MOMENT, nullable=True),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('removed_at', _MOMENT, nullable=True),
    sa.Column('hidden_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_evidence_file_id_files')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_evidence_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_evidence_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('public_id', name=op.f('uq_evidence_public_id'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_file_id'), ['file_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_evidence_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('ix_evidence_person_id_removed_at', ['person_id', 'removed_at'], unique=False)

    op.create_table('evidence_links',
    sa.Column('id', _ID, nullable=False),
    sa.Column('evidence_id', _ID, nullable=False),
    sa.Column('portfolio_id', _ID, nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('added_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_links_evidence_id_evidence'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['portfolio_id'], ['portfolios.id'], name=op.f('fk_evidence_links_portfolio_id_portfolios')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_links')),
    sa.UniqueConstraint('evidence_id', 'portfolio_id', 'code', name=op.f('uq_evidence_links_evidence_id_portfolio_id_code'))
    )
    with op.batch_alter_table('evidence_links', schema=None) as batch_op:
        batch_op.create_index('ix_evidence_links_portfolio_id_code', ['portfolio_id', 'code'], unique=False)


def downgrade() -> None:
    for table in ('evidence_links', 'evidence'):
        op.drop_table(table)
