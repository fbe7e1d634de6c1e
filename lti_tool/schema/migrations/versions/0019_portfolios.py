"""Portfolios, accounts and their versions

Revision: 0019
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('portfolios',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_portfolios_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_portfolios_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_portfolios')),
    sa.UniqueConstraint('person_id', 'instrument', 'round', name=op.f('uq_portfolios_person_id_instrument_round')),
    sa.UniqueConstraint('public_id', name=op.f('uq_portfolios_public_id'))
    )
    with op.batch_alter_table('portfolios', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_portfolios_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('portfolio_choices',
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('placement_id', _ID, nullable=False),
    sa.Column('portfolio_id', _ID, nullable=False),
    sa.Column('chosen_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_portfolio_choices_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_portfolio_choices_placement_id_placements')),
    sa.ForeignKeyConstraint(['portfolio_id'], ['portfolios.id'], name=op.f('fk_portfolio_choices_portfolio_id_portfolios')),
    sa.PrimaryKeyConstraint('person_id', 'placement_id', name=op.f('pk_portfolio_choices'))
    )
    with op.batch_alter_table('portfolio_choices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_portfolio_choices_placement_id'), ['placement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_portfolio_choices_portfolio_id'), ['portfolio_id'], unique=False)

    op.create_table('accounts',
    sa.Column('id', _ID, nullable=False),
    sa.Column('portfolio_id', _ID, nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('words', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=True),
    sa.Column('ticks', sa.JSON(), nullable=False),
    sa.Column('declaration', sa.String(length=20), nullable=False),
    sa.Column('declared_at', _MOMENT, nullable=True),
    sa.Column('left_alone', sa.JSON(), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['portfolio_id'], ['portfolios.id'], name=op.f('fk_accounts_portfolio_id_portfolios')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('portfolio_id', 'code', name=op.f('uq_accounts_portfolio_id_code'))
    )
    op.create_table('account_versions',
    sa.Column('id', _ID, nullable=False),
    sa.Column('account_id', _ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('words', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('sitting', sa.String(length=40), nullable=False),
    sa.Column('taken_away', sa.Integer(), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('begun_at', _MOMENT, nullable=False),
    sa.Column('saved_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_account_versions_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_versions')),
    sa.UniqueConstraint('account_id', 'number', name=op.f('uq_account_versions_account_id_number'))
    )


def downgrade() -> None:
    op.drop_table('account_versions')
    op.drop_table('accounts')
    with op.batch_alter_table('portfolio_choices', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_portfolio_choices_portfolio_id'))
        batch_op.drop_index(batch_op.f('ix_portfolio_choices_placement_id'))

    op.drop_table('portfolio_choices')
    with op.batch_alter_table('portfolios', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_portfolios_organisation_id'))

    op.drop_table('portfolios')
