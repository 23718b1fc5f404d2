"""Tables for the matching engine's stores in PostgreSQL: vectors where pgvector is at hand, and how rare words are.

Both are written by the worker and can be made anew at any time. Without pgvector, or without the right to create an
extension, the market runs with the stores in its processes; `flask db downgrade 0005` and `flask db upgrade` make the
table when it has been installed.

Revision: 0006, after 0005.
"""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what the server can hold."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    op.execute(
        "CREATE TABLE match_term (kind varchar(12) NOT NULL, term text NOT NULL, documents integer NOT NULL, "
        "CONSTRAINT pk_match_term PRIMARY KEY (kind, term))"
    )
    if _has_pgvector(connection):
        op.execute(
            "CREATE TABLE match_vector (kind varchar(12) NOT NULL, item_id integer NOT NULL, model varchar(80) NOT NULL, "
            "vec halfvec NOT NULL, CONSTRAINT pk_match_vector PRIMARY KEY (kind, model, item_id))"
        )


def downgrade() -> None:
    """Drop them again; the extension stays, others may use it."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP TABLE IF EXISTS match_vector")
        op.execute("DROP TABLE match_term")


def _has_pgvector(connection) -> bool:  # type: ignore[no-untyped-def]
    """Tell whether the extension is there, installing it where that is allowed; 0.7 brought halfvec."""
    version = connection.scalar(text("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"))
    if version is None or tuple(int(part) for part in version.split(".")[:2]) < (0, 7):
        return False
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    except Exception:
        return False
    return True
