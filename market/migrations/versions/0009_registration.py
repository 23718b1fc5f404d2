"""Registration: answers of the pre-check, where one stopped typing, suspected duplicates, ledgers of a TTO as a kind of import.

The column is added by itself: rebuilding the table of contracts, as batch mode does on SQLite, would lose the triggers of
0003. The check of the kinds of imports is changed on SQLite in the schema itself, as its documentation describes for checks
(https://www.sqlite.org/lang_altertable.html): rebuilding a table that others point to would empty them.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD = "kind IN ('challenges','capabilities','cooperations','contracts','organisations')"
NEW = "kind IN ('challenges','capabilities','cooperations','contracts','organisations','ledger')"


def upgrade() -> None:
    """Add the column, the tables, the indexes and the kind."""
    op.add_column("contract", sa.Column("is_duplicate", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_contract_seller_name", "contract", ["seller_name"])
    op.create_index("ix_contract_buyer_name", "contract", ["buyer_name"])
    _answers()
    _places()
    _cases()
    _kinds(OLD, NEW)


def _answers() -> None:
    op.create_table(
        "precheck_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("answer", sa.String(4), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("answer IN ('yes','no')", name=op.f("ck_precheck_answer_answer")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_precheck_answer_contract_id_contract"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_precheck_answer_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_precheck_answer")),
        sa.UniqueConstraint("contract_id", "item", name=op.f("uq_precheck_answer_contract_id_item")),
    )
    op.create_index("ix_precheck_answer_is_sample", "precheck_answer", ["is_sample"])


def _places() -> None:
    op.create_table(
        "form_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_form_place_user_id_user_account"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_form_place_contract_id_contract"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_place")),
        sa.UniqueConstraint("user_id", "contract_id", name=op.f("uq_form_place_user_id_contract_id")),
    )
    op.create_index("ix_form_place_contract_id", "form_place", ["contract_id"])


def _cases() -> None:
    keys = [("contract_id", "contract"), ("other_id", "contract"), ("decided_by_id", "user_account")]
    op.create_table(
        "duplicate_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("likeness_bp", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("contract_id < other_id", name=op.f("ck_duplicate_case_order")),
        sa.CheckConstraint("state IN ('open','same','different')", name=op.f("ck_duplicate_case_state")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_duplicate_case_decided_has_date")),
        sa.CheckConstraint("(state = 'same') = (kept_id IS NOT NULL)", name=op.f("ck_duplicate_case_same_keeps_one")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_duplicate_case_{column}_{table}"),
                ondelete="SET NULL" if column == "decided_by_id" else "CASCADE",
            )
            for column, table in keys
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_case")),
        sa.UniqueConstraint("contract_id", "other_id", name=op.f("uq_duplicate_case_contract_id_other_id")),
    )  # fmt: skip
    op.create_index("ix_duplicate_case_state", "duplicate_case", ["state", "id"])
    op.create_index("ix_duplicate_case_other_id", "duplicate_case", ["other_id"])
    op.create_index("ix_duplicate_case_is_sample", "duplicate_case", ["is_sample"])


def _kinds(before: str, after: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_import_batch_kind"), "import_batch", type_="check")
        op.create_check_constraint(op.f("ck_import_batch_kind"), "import_batch", after)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'import_batch' AND instr(sql, ?)",
        (before, after, before),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the check of the kinds of imports was not found")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def downgrade() -> None:
    """Take them away again; batches of ledgers go, their contracts stay."""
    op.execute("DELETE FROM import_batch WHERE kind = 'ledger'")
    _kinds(NEW, OLD)
    for table in ("duplicate_case", "form_place", "precheck_answer"):
        op.drop_table(table)
    op.drop_index("ix_contract_buyer_name", "contract")
    op.drop_index("ix_contract_seller_name", "contract")
    op.execute("ALTER TABLE contract DROP COLUMN is_duplicate")
