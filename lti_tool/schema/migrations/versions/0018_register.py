"""The Recognition Register: rules, entries, log, credentials, keys

Revision: 0018
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)

# What the log says may never be changed. Who said it may: a person who was known as two can
# become one, and the line then belongs to the one that stays.
_FIXED = ('entry_id', 'number', 'at', 'act', 'by', 'reason', 'reference', 'details', 'digest')
_REFUSAL = 'the log of the register is only added to'


def upgrade() -> None:
    op.create_table('register_terms',
    sa.Column('id', _ID, nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('years', sa.Integer(), nullable=False),
    sa.Column('shown', sa.Boolean(), nullable=False),
    sa.Column('remind_months', sa.Integer(), nullable=False),
    sa.Column('renewal_hours', sa.Integer(), nullable=False),
    sa.Column('lists_all', sa.Boolean(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('changed_by', _ID, nullable=True),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_register_terms_changed_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_register_terms_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_terms')),
    sa.UniqueConstraint('organisation_id', name=op.f('uq_register_terms_organisation_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_register_terms_public_id'))
    )

    op.create_table('register_entries',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('recognised_on', sa.Date(), nullable=False),
    sa.Column('renewed_on', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_words', sa.Text(), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('place_words', sa.Text(), nullable=False),
    sa.Column('shown', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('renewal_asked_at', _MOMENT, nullable=True),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_register_entries_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_register_entries_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_entries')),
    sa.UniqueConstraint('code', name=op.f('uq_register_entries_code')),
    sa.UniqueConstraint('person_id', 'level', name=op.f('uq_register_entries_person_id_level')),
    sa.UniqueConstraint('public_id', name=op.f('uq_register_entries_public_id'))
    )
    with op.batch_alter_table('register_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_register_entries_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('ix_register_entries_public', ['shown', 'state', 'valid_until'], unique=False)

    op.create_table('register_events',
    sa.Column('id', _ID, nullable=False),
    sa.Column('entry_id', _ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', _MOMENT, nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('by', sa.String(length=20), nullable=False),
    sa.Column('by_person_id', _ID, nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_person_id'], ['people.id'], name=op.f('fk_register_events_by_person_id_people')),
    sa.ForeignKeyConstraint(['entry_id'], ['register_entries.id'], name=op.f('fk_register_events_entry_id_register_entries')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_events')),
    sa.UniqueConstraint('entry_id', 'number', name=op.f('uq_register_events_entry_id_number'))
    )

    op.create_table('credential_keys',
    sa.Column('id', _ID, nullable=False),
    sa.Column('kid', sa.String(length=64), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('public', sa.JSON(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('retired_at', _MOMENT, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential_keys')),
    sa.UniqueConstraint('kid', name=op.f('uq_credential_keys_kid'))
    )

    op.create_table('credential_status_lists',
    sa.Column('id', _ID, nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_credential_status_lists_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential_status_lists'))
    )
    with op.batch_alter_table('credential_status_lists', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credential_status_lists_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('register_credentials',
    sa.Column('id', _ID, nullable=False),
    sa.Column('uri', sa.String(length=60), nullable=False),
    sa.Column('entry_id', _ID, nullable=False),
    sa.Column('key_id', _ID, nullable=False),
    sa.Column('status_list_id', _ID, nullable=False),
    sa.Column('status_index', sa.Integer(), nullable=False),
    sa.Column('suspended', sa.Boolean(), nullable=False),
    sa.Column('issued_at', _MOMENT, nullable=False),
    sa.Column('ends_at', _MOMENT, nullable=False),
    sa.Column('signed', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['register_entries.id'], name=op.f('fk_register_credentials_entry_id_register_entries')),
    sa.ForeignKeyConstraint(['key_id'], ['credential_keys.id'], name=op.f('fk_register_credentials_key_id_credential_keys')),
    sa.ForeignKeyConstraint(['status_list_id'], ['credential_status_lists.id'], name=op.f('fk_register_credentials_status_list_id_credential_status_lists')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_credentials')),
    sa.UniqueConstraint('status_list_id', 'status_index', name=op.f('uq_register_credentials_status_list_id_status_index')),
    sa.UniqueConstraint('uri', name=op.f('uq_register_credentials_uri'))
    )
    with op.batch_alter_table('register_credentials', schema=None) as batch_op:
        batch_op.create_index('ix_register_credentials_entry_id', ['entry_id'], unique=False)
    _fix_the_log()


def _fix_the_log() -> None:
    columns = ', '.join(f'"{name}"' for name in _FIXED)
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(
            f'CREATE TRIGGER register_events_fixed BEFORE UPDATE OF {columns} ON register_events'
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        return
    op.execute(
        'CREATE FUNCTION register_events_fixed() RETURNS trigger LANGUAGE plpgsql AS'
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER register_events_fixed BEFORE UPDATE OF {columns} ON register_events'
        ' FOR EACH ROW EXECUTE FUNCTION register_events_fixed()'
    )


def downgrade() -> None:
    tables = ('register_credentials', 'credential_status_lists', 'credential_keys', 'register_events', 'register_entries', 'register_terms')
    for table in tables:
        op.drop_table(table)
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION register_events_fixed()')
