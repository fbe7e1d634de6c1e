"""Submissions, and cases of identifiable data

Revision: 0022
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)

# What the log says may never be changed. Who said it may: a person who was known as two can
# become one, and the line then belongs to the one that stays.
_FIXED = ('case_id', 'number', 'at', 'act', 'by', 'words', 'digest')
_REFUSAL = 'the history of a case is only added to'


def upgrade() -> None:
    op.create_table('submission_terms',
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('fee_required', sa.Boolean(), nullable=False),
    sa.Column('fee_text', sa.Text(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('changed_by', _ID, nullable=True),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_submission_terms_changed_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_submission_terms_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('organisation_id', name=op.f('pk_submission_terms'))
    )
    op.create_table('submissions',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('portfolio_id', _ID, nullable=False),
    sa.Column('placement_id', _ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('submitted_at', _MOMENT, nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('fee_reference', sa.String(length=80), nullable=False),
    sa.Column('receipt_code', sa.String(length=12), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('words', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.Integer(), nullable=False),
    sa.Column('reopened', sa.JSON(), nullable=False),
    sa.Column('pdf_state', sa.String(length=20), nullable=False),
    sa.Column('pdf_reason', sa.String(length=60), nullable=False),
    sa.Column('pdf_digest', sa.String(length=64), nullable=False),
    sa.Column('pdf_size', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_submissions_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_submissions_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_submissions_placement_id_placements')),
    sa.ForeignKeyConstraint(['portfolio_id'], ['portfolios.id'], name=op.f('fk_submissions_portfolio_id_portfolios')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submissions')),
    sa.UniqueConstraint('portfolio_id', 'number', name=op.f('uq_submissions_portfolio_id_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_submissions_public_id')),
    sa.UniqueConstraint('receipt_code', name=op.f('uq_submissions_receipt_code'))
    )
    with op.batch_alter_table('submissions', schema=None) as batch_op:
        batch_op.create_index('ix_submissions_organisation_id_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_submissions_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_submissions_placement_id'), ['placement_id'], unique=False)
        batch_op.create_index('uq_submissions_live', ['portfolio_id'], unique=True, sqlite_where=sa.text("state IN ('submitted', 'in-review')"), postgresql_where=sa.text("state IN ('submitted', 'in-review')"))

    op.create_table('submission_tasks',
    sa.Column('id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('wording', sa.JSON(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('words', sa.Integer(), nullable=False),
    sa.Column('declaration', sa.String(length=20), nullable=False),
    sa.Column('account_version', sa.Integer(), nullable=False),
    sa.Column('accepted_in', sa.Integer(), nullable=True),
    sa.Column('statements', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('hidden_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_submission_tasks_submission_id_submissions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission_tasks')),
    sa.UniqueConstraint('submission_id', 'code', name=op.f('uq_submission_tasks_submission_id_code'))
    )
    op.create_table('submission_evidence',
    sa.Column('id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('evidence_id', _ID, nullable=False),
    sa.Column('file_id', _ID, nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('alt', sa.Text(), nullable=False),
    sa.Column('declaration', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('preview_digest', sa.String(length=64), nullable=True),
    sa.Column('hidden_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_submission_evidence_evidence_id_evidence')),
    sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_submission_evidence_file_id_files')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_submission_evidence_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_submission_evidence_submission_id_submissions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission_evidence')),
    sa.UniqueConstraint('submission_id', 'code', 'evidence_id', name=op.f('uq_submission_evidence_submission_id_code_evidence_id'))
    )
    with op.batch_alter_table('submission_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_submission_evidence_evidence_id'), ['evidence_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_submission_evidence_file_id'), ['file_id'], unique=False)
        batch_op.create_index('ix_submission_evidence_organisation_id_digest', ['organisation_id', 'digest'], unique=False)

    op.create_table('confidentiality_cases',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('portfolio_id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('evidence_id', _ID, nullable=True),
    sa.Column('statement_id', _ID, nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reported_by', _ID, nullable=False),
    sa.Column('opened_at', _MOMENT, nullable=False),
    sa.Column('settled_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_confidentiality_cases_evidence_id_evidence')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_confidentiality_cases_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_confidentiality_cases_person_id_people')),
    sa.ForeignKeyConstraint(['portfolio_id'], ['portfolios.id'], name=op.f('fk_confidentiality_cases_portfolio_id_portfolios')),
    sa.ForeignKeyConstraint(['reported_by'], ['people.id'], name=op.f('fk_confidentiality_cases_reported_by_people')),
    sa.ForeignKeyConstraint(['statement_id'], ['witness_statements.id'], name=op.f('fk_confidentiality_cases_statement_id_witness_statements')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_confidentiality_cases_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confidentiality_cases')),
    sa.UniqueConstraint('public_id', name=op.f('uq_confidentiality_cases_public_id'))
    )
    with op.batch_alter_table('confidentiality_cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_confidentiality_cases_evidence_id'), ['evidence_id'], unique=False)
        batch_op.create_index('ix_confidentiality_cases_org_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_confidentiality_cases_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_confidentiality_cases_portfolio_id'), ['portfolio_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_confidentiality_cases_statement_id'), ['statement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_confidentiality_cases_submission_id'), ['submission_id'], unique=False)

    op.create_table('confidentiality_events',
    sa.Column('id', _ID, nullable=False),
    sa.Column('case_id', _ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', _MOMENT, nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('by', sa.String(length=20), nullable=False),
    sa.Column('by_person_id', _ID, nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_person_id'], ['people.id'], name=op.f('fk_confidentiality_events_by_person_id_people')),
    sa.ForeignKeyConstraint(['case_id'], ['confidentiality_cases.id'], name=op.f('fk_confidentiality_events_case_id_confidentiality_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confidentiality_events')),
    sa.UniqueConstraint('case_id', 'number', name=op.f('uq_confidentiality_events_case_id_number'))
    )
    _fix_the_log()


def _fix_the_log() -> None:
    columns = ', '.join(f'"{name}"' for name in _FIXED)
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(
            f'CREATE TRIGGER confidentiality_events_fixed BEFORE UPDATE OF {columns} ON confidentiality_events'
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        op.execute(
            'CREATE TRIGGER confidentiality_events_stay BEFORE DELETE ON confidentiality_events'
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        return
    op.execute(
        'CREATE FUNCTION confidentiality_events_fixed() RETURNS trigger LANGUAGE plpgsql AS'
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER confidentiality_events_fixed BEFORE UPDATE OF {columns} ON confidentiality_events'
        ' FOR EACH ROW EXECUTE FUNCTION confidentiality_events_fixed()'
    )
    op.execute(
        'CREATE TRIGGER confidentiality_events_stay BEFORE DELETE ON confidentiality_events'
        ' FOR EACH ROW EXECUTE FUNCTION confidentiality_events_fixed()'
    )


def downgrade() -> None:
    for table in ('confidentiality_events', 'confidentiality_cases', 'submission_evidence', 'submission_tasks', 'submissions', 'submission_terms'):
        op.drop_table(table)
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION confidentiality_events_fixed()')
