"""Triggers that number every change of what the figures are counted from, so that figures can be remembered until the next.

The database counts, not the code: a bulk insert, an import, a cascade and a hand-written UPDATE all count.
SQLite has one writer and keeps one row that goes up. On PostgreSQL writers run side by side and must not wait
for one row, so each statement adds a row; which of them are visible is what a reader goes by.

Revision: 0003, after 0002.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTED = ("contract", "payment", "adjustment", "contact", "organisation", "goal")
_EVENTS = ("INSERT", "UPDATE", "DELETE")


def upgrade() -> None:
    """Create the table of changes and the triggers that write it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE TABLE figure_change (id INTEGER NOT NULL PRIMARY KEY)")
        op.execute("INSERT INTO figure_change (id) VALUES (1)")
        for table in COUNTED:
            for event in _EVENTS:
                op.execute(
                    f"CREATE TRIGGER figure_change_{table}_{event.lower()} AFTER {event} ON {table} "
                    "BEGIN UPDATE figure_change SET id = id + 1; END"
                )
        return
    op.execute("CREATE TABLE figure_change (id bigserial CONSTRAINT pk_figure_change PRIMARY KEY)")
    op.execute(
        "CREATE FUNCTION figure_change() RETURNS trigger AS $$ BEGIN INSERT INTO figure_change DEFAULT VALUES; RETURN NULL; END $$ "
        "LANGUAGE plpgsql"
    )
    for table in COUNTED:
        op.execute(
            f"CREATE TRIGGER figure_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION figure_change()"
        )


def downgrade() -> None:
    """Drop them again."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in COUNTED:
        names = [f"figure_change_{table}_{event.lower()}" for event in _EVENTS] if sqlite else [f"figure_change ON {table}"]
        for name in names:
            op.execute(f"DROP TRIGGER {name}")
    if not sqlite:
        op.execute("DROP FUNCTION figure_change()")
    op.execute("DROP TABLE figure_change")
