"""Platform storage

Revision: 0011
"""

from alembic import op
import sqlalchemy as sa

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('logins', schema=None) as batch_op:
        batch_op.add_column(_text('storage_target', 100))
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.add_column(_text('proof', 64))
        batch_op.add_column(_text('storage_target', 100))


def downgrade() -> None:
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_column('storage_target')
        batch_op.drop_column('proof')
    with op.batch_alter_table('logins', schema=None) as batch_op:
        batch_op.drop_column('storage_target')


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default='')
