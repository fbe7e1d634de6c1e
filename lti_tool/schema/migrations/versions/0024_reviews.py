"""Assessors, reviews, outcomes, appeals and their log

Revision: 0024
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)

# What the log says may never be changed. Who said it may: a person who was known as two can
# become one, and the line then belongs to the one that stays.
_FIXED = ('submission_id', 'number', 'at', 'act', 'by', 'details', 'digest')
_REFUSAL = 'the log of a review is only added to'


def upgrade() -> None:
    op.create_table('review_terms',
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('readers', sa.JSON(), nullable=False),
    sa.Column('blind', sa.Boolean(), nullable=False),
    sa.Column('target_days', sa.Integer(), nullable=False),
    sa.Column('appeal_days', sa.Integer(), nullable=False),
    sa.Column('comment_in_grade', sa.Boolean(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('changed_by', _ID, nullable=True),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_review_terms_changed_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_review_terms_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('organisation_id', name=op.f('pk_review_terms'))
    )
    op.create_table('assessors',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('levels', sa.JSON(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('moderates', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('away_until', sa.Date(), nullable=True),
    sa.Column('appointed_at', _MOMENT, nullable=False),
    sa.Column('appointed_by', _ID, nullable=True),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('changed_by', _ID, nullable=True),
    sa.ForeignKeyConstraint(['appointed_by'], ['people.id'], name=op.f('fk_assessors_appointed_by_people')),
    sa.ForeignKeyConstraint(['changed_by'], ['people.id'], name=op.f('fk_assessors_changed_by_people')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_assessors_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_assessors_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessors')),
    sa.UniqueConstraint('organisation_id', 'person_id', name=op.f('uq_assessors_organisation_id_person_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_assessors_public_id'))
    )
    with op.batch_alter_table('assessors', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assessors_person_id'), ['person_id'], unique=False)

    op.create_table('assessor_conflicts',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('assessor_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('declared_at', _MOMENT, nullable=False),
    sa.Column('declared_by', _ID, nullable=True),
    sa.ForeignKeyConstraint(['assessor_id'], ['assessors.id'], name=op.f('fk_assessor_conflicts_assessor_id_assessors')),
    sa.ForeignKeyConstraint(['declared_by'], ['people.id'], name=op.f('fk_assessor_conflicts_declared_by_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_assessor_conflicts_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessor_conflicts')),
    sa.UniqueConstraint('assessor_id', 'person_id', name=op.f('uq_assessor_conflicts_assessor_id_person_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_assessor_conflicts_public_id'))
    )
    with op.batch_alter_table('assessor_conflicts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assessor_conflicts_person_id'), ['person_id'], unique=False)

    op.create_table('reviews',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('assessor_id', _ID, nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('allocated_at', _MOMENT, nullable=False),
    sa.Column('allocated_by', _ID, nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('begun_at', _MOMENT, nullable=True),
    sa.Column('done_at', _MOMENT, nullable=True),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('summary_version', sa.Integer(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('notes_version', sa.Integer(), nullable=False),
    sa.Column('first_verdict', sa.String(length=20), nullable=False),
    sa.Column('first_findings', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['allocated_by'], ['people.id'], name=op.f('fk_reviews_allocated_by_people')),
    sa.ForeignKeyConstraint(['assessor_id'], ['assessors.id'], name=op.f('fk_reviews_assessor_id_assessors')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_reviews_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_reviews_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('public_id', name=op.f('uq_reviews_public_id'))
    )
    with op.batch_alter_table('reviews', schema=None) as batch_op:
        batch_op.create_index('ix_reviews_assessor_id_state', ['assessor_id', 'state'], unique=False)
        batch_op.create_index('ix_reviews_organisation_id_state', ['organisation_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_reviews_submission_id'), ['submission_id'], unique=False)
        batch_op.create_index('uq_reviews_one_each', ['submission_id', 'assessor_id', 'part'], unique=True, sqlite_where=sa.text("state NOT IN ('handed-back', 'ended')"), postgresql_where=sa.text("state NOT IN ('handed-back', 'ended')"))

    op.create_table('findings',
    sa.Column('id', _ID, nullable=False),
    sa.Column('review_id', _ID, nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['reviews.id'], name=op.f('fk_findings_review_id_reviews'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_findings')),
    sa.UniqueConstraint('review_id', 'code', name=op.f('uq_findings_review_id_code'))
    )
    op.create_table('phrases',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('assessor_id', _ID, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['assessor_id'], ['assessors.id'], name=op.f('fk_phrases_assessor_id_assessors')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phrases')),
    sa.UniqueConstraint('public_id', name=op.f('uq_phrases_public_id'))
    )
    with op.batch_alter_table('phrases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_phrases_assessor_id'), ['assessor_id'], unique=False)

    op.create_table('outcomes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('met', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('released_by', _ID, nullable=True),
    sa.Column('released_at', _MOMENT, nullable=False),
    sa.Column('seen_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_outcomes_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['released_by'], ['people.id'], name=op.f('fk_outcomes_released_by_people')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_outcomes_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcomes')),
    sa.UniqueConstraint('public_id', name=op.f('uq_outcomes_public_id')),
    sa.UniqueConstraint('submission_id', 'number', name=op.f('uq_outcomes_submission_id_number'))
    )
    with op.batch_alter_table('outcomes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outcomes_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('outcome_answers',
    sa.Column('id', _ID, nullable=False),
    sa.Column('outcome_id', _ID, nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['outcome_id'], ['outcomes.id'], name=op.f('fk_outcome_answers_outcome_id_outcomes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome_answers')),
    sa.UniqueConstraint('outcome_id', 'code', name=op.f('uq_outcome_answers_outcome_id_code'))
    )
    op.create_table('appeals',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('outcome_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('made_at', _MOMENT, nullable=False),
    sa.Column('decided_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_appeals_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['outcome_id'], ['outcomes.id'], name=op.f('fk_appeals_outcome_id_outcomes')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_appeals_person_id_people')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_appeals_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeals')),
    sa.UniqueConstraint('public_id', name=op.f('uq_appeals_public_id')),
    sa.UniqueConstraint('submission_id', name=op.f('uq_appeals_submission_id'))
    )
    with op.batch_alter_table('appeals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_appeals_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appeals_outcome_id'), ['outcome_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appeals_person_id'), ['person_id'], unique=False)

    op.create_table('review_events',
    sa.Column('id', _ID, nullable=False),
    sa.Column('submission_id', _ID, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', _MOMENT, nullable=False),
    sa.Column('act', sa.String(length=40), nullable=False),
    sa.Column('by', sa.String(length=20), nullable=False),
    sa.Column('by_person_id', _ID, nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_person_id'], ['people.id'], name=op.f('fk_review_events_by_person_id_people')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_review_events_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_events')),
    sa.UniqueConstraint('submission_id', 'number', name=op.f('uq_review_events_submission_id_number'))
    )
    _fix_the_log()


def _fix_the_log() -> None:
    columns = ', '.join(f'"{name}"' for name in _FIXED)
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(
            f'CREATE TRIGGER review_events_fixed BEFORE UPDATE OF {columns} ON review_events'
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        op.execute(
            'CREATE TRIGGER review_events_stay BEFORE DELETE ON review_events'
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        return
    op.execute(
        'CREATE FUNCTION review_events_fixed() RETURNS trigger LANGUAGE plpgsql AS'
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER review_events_fixed BEFORE UPDATE OF {columns} ON review_events'
        ' FOR EACH ROW EXECUTE FUNCTION review_events_fixed()'
    )
    op.execute(
        'CREATE TRIGGER review_events_stay BEFORE DELETE ON review_events'
        ' FOR EACH ROW EXECUTE FUNCTION review_events_fixed()'
    )


def downgrade() -> None:
    for table in ('review_events', 'appeals', 'outcome_answers', 'outcomes', 'phrases', 'findings', 'reviews', 'assessor_conflicts', 'assessors', 'review_terms'):
        op.drop_table(table)
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION review_events_fixed()')
