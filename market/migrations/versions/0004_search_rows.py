"""Number the rows of SQLite's full-text index by listing, so that a listing is found in it without reading its text.

FTS5 finds by words and by row number; any other column means reading the whole row, and saving one listing meant
reading the text of all. See queries/search.py for the numbers.

Revision: 0004, after 0003.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the rows that are there under their new numbers."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("CREATE TABLE search_rows AS SELECT kind, item_id, terms FROM search_index")
    op.execute("DELETE FROM search_index")
    op.execute(
        "INSERT INTO search_index (rowid, terms, kind, item_id) "
        "SELECT item_id * 2 + (kind = 'capability'), terms, kind, item_id FROM search_rows"
    )
    op.execute("DROP TABLE search_rows")


def downgrade() -> None:
    """Any numbers will do for what came before."""
