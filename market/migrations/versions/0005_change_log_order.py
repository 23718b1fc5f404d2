"""Give each line of the change log the number of its transaction, so that a reader can tell what may still come.

PostgreSQL makes revisions visible in the order of commits, not in their own; see queries/changes.py. SQLite has one
writer and leaves the column 0.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; on PostgreSQL it fills itself."""
    op.add_column("index_change", sa.Column("transaction_id", sa.BigInteger(), nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE index_change ALTER COLUMN transaction_id SET DEFAULT pg_current_xact_id()::text::bigint")
    op.create_index("ix_index_change_transaction_id", "index_change", ["transaction_id"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_index_change_transaction_id", "index_change")
    with op.batch_alter_table("index_change") as batch:
        batch.drop_column("transaction_id")
