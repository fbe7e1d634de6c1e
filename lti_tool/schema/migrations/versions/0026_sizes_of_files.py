"""Sizes beside digests in the indexes of files, so that what an organisation keeps is soon counted

Revision: 0026
"""

from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

_INDEXES = {
    'ix_files_organisation_id_digest': ['organisation_id', 'digest', 'size'],
    'ix_files_organisation_id_preview_digest': [
        'organisation_id', 'preview_digest', 'preview_size',
    ],
}  # fmt: skip


def upgrade() -> None:
    for name, columns in _INDEXES.items():
        op.drop_index(name, table_name='files')
        op.create_index(name, 'files', columns)


def downgrade() -> None:
    for name, columns in _INDEXES.items():
        op.drop_index(name, table_name='files')
        op.create_index(name, 'files', columns[:2])
