"""Statements of witnesses

Revision: 0021
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('witness_statements',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('portfolio_id', _ID, nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('invited_name', sa.String(length=200), nullable=False),
    sa.Column('ask', sa.Text(), nullable=False),
    sa.Column('shows_account', sa.Boolean(), nullable=False),
    sa.Column('invited_at', _MOMENT, nullable=False),
    sa.Column('ends_at', _MOMENT, nullable=False),
    sa.Column('withdrawn_at', _MOMENT, nullable=True),
    sa.Column('opened_at', _MOMENT, nullable=True),
    sa.Column('confirmed_at', _MOMENT, nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('words', sa.Integer(), nullable=False),
    sa.Column('account_version', sa.Integer(), nullable=False),
    sa.Column('removed_at', _MOMENT, nullable=True),
    sa.Column('hidden_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_witness_statements_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_witness_statements_person_id_people')),
    sa.ForeignKeyConstraint(['portfolio_id'], ['portfolios.id'], name=op.f('fk_witness_statements_portfolio_id_portfolios')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_witness_statements')),
    sa.UniqueConstraint('public_id', name=op.f('uq_witness_statements_public_id')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_witness_statements_token_digest'))
    )
    with op.batch_alter_table('witness_statements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_witness_statements_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_witness_statements_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_witness_statements_portfolio_id_code', ['portfolio_id', 'code'], unique=False)


def downgrade() -> None:
    for table in ('witness_statements',):
        op.drop_table(table)
