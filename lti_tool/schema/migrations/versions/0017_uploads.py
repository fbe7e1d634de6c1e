"""Uploads in pieces; what a scanner found, and previews of pictures

Revision: 0017
"""

from alembic import op
import sqlalchemy as sa

import lti_tool.kernel.models

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = lti_tool.kernel.models.UtcDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('files', schema=None) as batch_op:
        batch_op.add_column(sa.Column('scan', sa.String(length=20), server_default='not-asked', nullable=False))
        batch_op.add_column(sa.Column('scan_note', sa.String(length=120), server_default='', nullable=False))
        batch_op.add_column(sa.Column('scanned_at', _MOMENT, nullable=True))
        batch_op.add_column(sa.Column('width', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('height', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('preview_digest', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('preview_size', sa.Integer(), nullable=True))
        batch_op.create_index('ix_files_organisation_id_preview_digest', ['organisation_id', 'preview_digest'], unique=False)

    op.create_table('uploads',
    sa.Column('id', _ID, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', _ID, nullable=False),
    sa.Column('person_id', _ID, nullable=False),
    sa.Column('file_id', _ID, nullable=True),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('declared_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('created_at', _MOMENT, nullable=False),
    sa.Column('touched_at', _MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_uploads_file_id_files'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_uploads_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_uploads_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads')),
    sa.UniqueConstraint('public_id', name=op.f('uq_uploads_public_id'))
    )
    with op.batch_alter_table('uploads', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_uploads_file_id'), ['file_id'], unique=False)
        batch_op.create_index('ix_uploads_organisation_id', ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_uploads_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_uploads_touched_at', ['touched_at'], unique=False)

    op.create_table('upload_pieces',
    sa.Column('id', _ID, nullable=False),
    sa.Column('upload_id', _ID, nullable=False),
    sa.Column('begins_at', sa.BigInteger(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('object_name', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['upload_id'], ['uploads.id'], name=op.f('fk_upload_pieces_upload_id_uploads'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload_pieces'))
    )
    with op.batch_alter_table('upload_pieces', schema=None) as batch_op:
        batch_op.create_index('uq_upload_pieces_upload_id_begins_at', ['upload_id', 'begins_at'], unique=True)


def downgrade() -> None:
    for table in ('upload_pieces', 'uploads'):
        op.drop_table(table)
    with op.batch_alter_table('files', schema=None) as batch_op:
        batch_op.drop_index('ix_files_organisation_id_preview_digest')
        for column in ('preview_size', 'preview_digest', 'height', 'width', 'scanned_at', 'scan_note', 'scan'):
            batch_op.drop_column(column)
