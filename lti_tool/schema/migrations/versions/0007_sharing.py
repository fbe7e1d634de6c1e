"""Shared links, and records brought from another installation

Revision: 0007
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('shared_links',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('token_sealed', sa.Text(), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('course_id', _ID, nullable=False),
    sa.Column('placement_id', _ID, nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_at', _MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_shared_links_course_id_courses')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_shared_links_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_shared_links_person_id_people')),
    sa.ForeignKeyConstraint(['placement_id'], ['placements.id'], name=op.f('fk_shared_links_placement_id_placements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shared_links')),
    sa.UniqueConstraint('public_id', name=op.f('uq_shared_links_public_id')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_shared_links_token_digest'))
    )
    with op.batch_alter_table('shared_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shared_links_person_id'), ['person_id'], unique=False)

    op.create_table('link_openings',
    sa.Column('id', _ID, nullable=False),
    sa.Column('link_id', _ID, nullable=False),
    sa.Column('opened_at', _MOMENT, nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['shared_links.id'], name=op.f('fk_link_openings_link_id_shared_links'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_openings')),
    sa.UniqueConstraint('link_id', 'opened_at', name=op.f('uq_link_openings_link_id_opened_at'))
    )

    op.create_table('record_imports',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('origin', sa.String(length=300), nullable=False),
    sa.Column('origin_person', sa.String(length=64), nullable=False),
    sa.Column('written_at', _MOMENT, nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('taken_at', _MOMENT, nullable=True),
    sa.Column('taken', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_record_imports_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_record_imports_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_imports')),
    sa.UniqueConstraint('public_id', name=op.f('uq_record_imports_public_id'))
    )
    with op.batch_alter_table('record_imports', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_record_imports_digest'), ['digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_record_imports_person_id'), ['person_id'], unique=False)

    op.create_table('imported_items',
    sa.Column('id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('import_id', _ID, nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('origin_key', sa.String(length=200), nullable=False),
    sa.Column('local_name', sa.String(length=32), nullable=True),
    sa.Column('original', sa.JSON(), nullable=False),
    sa.Column('imported_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['record_imports.id'], name=op.f('fk_imported_items_import_id_record_imports'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_imported_items_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_items')),
    sa.UniqueConstraint('person_id', 'kind', 'origin_key', name=op.f('uq_imported_items_person_id_kind_origin_key'))
    )
    with op.batch_alter_table('imported_items', schema=None) as batch_op:
        batch_op.create_index('ix_imported_items_import_id', ['import_id'], unique=False)

    op.create_table('imported_changes',
    sa.Column('id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('origin', sa.String(length=300), nullable=False),
    sa.Column('origin_person', sa.String(length=64), nullable=False),
    sa.Column('imported_at', _MOMENT, nullable=False),
    sa.Column('instrument', sa.String(length=60), nullable=False),
    sa.Column('instrument_version', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', _MOMENT, nullable=False),
    sa.Column('by_oneself', sa.Boolean(), nullable=False),
    sa.Column('from_state', sa.String(length=20), nullable=False),
    sa.Column('to_state', sa.String(length=20), nullable=False),
    sa.Column('from_note', sa.Text(), nullable=False),
    sa.Column('to_note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_imported_changes_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_changes')),
    sa.UniqueConstraint('person_id', 'origin_person', 'instrument', 'code', 'version', name=op.f('uq_imported_changes_person_id_origin_person_instrument_code_version'))
    )
    with op.batch_alter_table('imported_changes', schema=None) as batch_op:
        batch_op.create_index('ix_imported_changes_person_at', ['person_id', 'instrument', 'changed_at'], unique=False)

    # Where an answer was brought in and not typed here: the installation that it came from.
    with op.batch_alter_table('rating_changes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('origin', sa.String(length=300), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('rating_changes', schema=None) as batch_op:
        batch_op.drop_column('origin')
    for table in ('imported_changes', 'imported_items', 'record_imports', 'link_openings', 'shared_links'):
        op.drop_table(table)
