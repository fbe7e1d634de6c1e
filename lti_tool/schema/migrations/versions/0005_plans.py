"""Goals, training records and files

Revision: 0005
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('files',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('removed_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_files_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_files_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_files')),
    sa.UniqueConstraint('public_id', name=op.f('uq_files_public_id'))
    )
    with op.batch_alter_table('files', schema=None) as batch_op:
        batch_op.create_index('ix_files_organisation_id_digest', ['organisation_id', 'digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_files_removed_at', ['removed_at'], unique=False)

    op.create_table('goals',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('course_id', _ID, nullable=True),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('by_when', sa.Date(), nullable=False),
    sa.Column('offer', sa.String(length=100), nullable=False),
    sa.Column('training', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('done_at', _MOMENT, nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_goals_course_id_courses')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_goals_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_goals_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goals')),
    sa.UniqueConstraint('public_id', name=op.f('uq_goals_public_id'))
    )
    with op.batch_alter_table('goals', schema=None) as batch_op:
        batch_op.create_index('ix_goals_person_id_state', ['person_id', 'state', 'by_when'], unique=False)

    op.create_table('goal_changes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('goal_id', _ID, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('actor_id', _ID, nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['people.id'], name=op.f('fk_goal_changes_actor_id_people')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_goal_changes_goal_id_goals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goal_changes')),
    sa.UniqueConstraint('goal_id', 'version', name=op.f('uq_goal_changes_goal_id_version'))
    )

    op.create_table('training_records',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('goal_id', _ID, nullable=True),
    sa.Column('file_id', _ID, nullable=True),
    sa.Column('offer', sa.String(length=100), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('provider', sa.String(length=300), nullable=False),
    sa.Column('begun_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('quarter_hours', sa.Integer(), nullable=False),
    sa.Column('reflection', sa.Text(), nullable=False),
    sa.Column('ties', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('removed_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_training_records_file_id_files')),
    sa.ForeignKeyConstraint(['goal_id'], ['goals.id'], name=op.f('fk_training_records_goal_id_goals')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_training_records_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_training_records_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training_records')),
    sa.UniqueConstraint('public_id', name=op.f('uq_training_records_public_id'))
    )
    with op.batch_alter_table('training_records', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_records_file_id'), ['file_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_training_records_goal_id'), ['goal_id'], unique=False)
        batch_op.create_index('ix_training_records_person_id', ['person_id', 'ended_on'], unique=False)
        batch_op.create_index('ix_training_records_removed_at', ['removed_at'], unique=False)


def downgrade() -> None:
    for table in ('training_records', 'goal_changes', 'goals', 'files'):
        op.drop_table(table)
