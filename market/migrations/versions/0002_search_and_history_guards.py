"""The full-text index, and triggers that make the history append-only.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(terms, kind UNINDEXED, item_id UNINDEXED, tokenize='unicode61')",
    # Sample rows may be taken out by `flask sample remove`; what really happened may not.
    "CREATE TRIGGER history_no_update BEFORE UPDATE ON history_entry WHEN NEW.hash IS NOT OLD.hash OR NEW.detail IS NOT OLD.detail "
    "OR NEW.reason IS NOT OLD.reason OR NEW.step IS NOT OLD.step OR NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at "
    "OR NEW.actor_name IS NOT OLD.actor_name OR NEW.is_sample IS NOT OLD.is_sample "
    "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
    "CREATE TRIGGER history_no_delete BEFORE DELETE ON history_entry WHEN OLD.is_sample = 0 "
    "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
)
_POSTGRES = (
    "CREATE TABLE search_index (kind varchar(12) NOT NULL, item_id integer NOT NULL, terms text NOT NULL, "
    "tsv tsvector GENERATED ALWAYS AS (to_tsvector('simple', terms)) STORED, CONSTRAINT pk_search_index PRIMARY KEY (kind, item_id))",
    "CREATE INDEX search_index_idx ON search_index USING gin (tsv)",
    "CREATE FUNCTION history_guard() RETURNS trigger AS $$ BEGIN "
    "IF TG_OP = 'DELETE' AND OLD.is_sample THEN RETURN OLD; END IF; "
    "IF TG_OP = 'UPDATE' AND (NEW.hash, NEW.detail::text, NEW.reason, NEW.step, NEW.seq, NEW.at, NEW.actor_name, NEW.is_sample) "
    "IS NOT DISTINCT FROM (OLD.hash, OLD.detail::text, OLD.reason, OLD.step, OLD.seq, OLD.at, OLD.actor_name, OLD.is_sample) THEN RETURN NEW; END IF; "
    "RAISE EXCEPTION 'history is append-only'; END $$ LANGUAGE plpgsql",
    "CREATE TRIGGER history_guard BEFORE UPDATE OR DELETE ON history_entry FOR EACH ROW EXECUTE FUNCTION history_guard()",
)


def upgrade() -> None:
    """Create index and triggers in the dialect of the database."""
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    """Drop them again."""
    if op.get_bind().dialect.name == "sqlite":
        statements = ("DROP TRIGGER history_no_delete", "DROP TRIGGER history_no_update", "DROP TABLE search_index")
    else:
        statements = (
            "DROP TRIGGER history_guard ON history_entry", "DROP FUNCTION history_guard()", "DROP TABLE search_index",
        )
    for statement in statements:
        op.execute(statement)
