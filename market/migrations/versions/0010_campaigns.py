"""应登未登 campaigns, reminders before the year end, shares of joint contracts, two more kinds of imports.

The columns of contract are added by themselves: rebuilding the table, as batch mode does on SQLite, would lose the triggers
of 0003. The kinds of imports are changed as in 0009.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OLD = "kind IN ('challenges','capabilities','cooperations','contracts','organisations','ledger')"
NEW = "kind IN ('challenges','capabilities','cooperations','contracts','organisations','ledger','registry','candidates')"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MARKS = ("campaign", "candidate", "evidence", "candidate_call", "filing_reminder")


def upgrade() -> None:
    """Add the tables, the columns and the kinds."""
    _campaigns()
    _candidates()
    _evidence()
    _calls()
    _reminders()
    for table in MARKS:
        op.create_index(f"ix_{table}_is_sample", table, ["is_sample"])
    op.add_column("contract", sa.Column("joint_id", sa.Integer(), nullable=True))
    op.add_column("contract", sa.Column("joint_total_fen", sa.BigInteger(), nullable=True))
    op.create_index("ix_contract_joint_id", "contract", ["joint_id", "seller_region"], unique=True)
    _kinds(OLD, NEW)


def _stamps() -> list[sa.Column]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
    ]


def _points(table: str, column: str, target: str, ondelete: str = "SET NULL") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete)


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_stamps(),
        _points("campaign", "by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("ix_campaign_year", "campaign", ["year"])


def _candidates() -> None:
    states = "'new','assigned','contacted','planned','registered','unfit','refused'"
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("credit_code", sa.String(18), nullable=True),
        sa.Column("contact_name", sa.String(40), nullable=False),
        sa.Column("contact_phone", sa.String(30), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("next_step", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("planned_fen", sa.BigInteger(), nullable=True),
        sa.Column("first_contact_on", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_stamps(),
        sa.CheckConstraint(f"state IN ({states})", name=op.f("ck_candidate_state")),
        _points("candidate", "campaign_id", "campaign", "CASCADE"),
        _points("candidate", "organisation_id", "organisation"),
        _points("candidate", "assignee_id", "user_account"),
        _points("candidate", "batch_id", "import_batch"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("campaign_id", "key", name=op.f("uq_candidate_campaign_id_key")),
    )
    op.create_index("ix_candidate_organisation_id", "candidate", ["organisation_id"])
    op.create_index("ix_candidate_name", "candidate", ["name"])
    op.create_index("ix_candidate_assignee", "candidate", ["assignee_id", "state"])


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("signal", sa.String(10), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        *_stamps(),
        sa.CheckConstraint("signal IN ('lapsed','signed','award','tender','listed')", name=op.f("ck_evidence_signal")),
        _points("evidence", "candidate_id", "candidate", "CASCADE"),
        _points("evidence", "contract_id", "contract"),
        _points("evidence", "batch_id", "import_batch"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("candidate_id", "signal", "key", name=op.f("uq_evidence_candidate_id_signal_key")),
    )
    op.create_index("ix_evidence_contract_id", "evidence", ["contract_id"])
    op.create_index("ix_evidence_batch_id", "evidence", ["batch_id"])


def _calls() -> None:
    op.create_table(
        "candidate_call",
        sa.Column("id", BIG, nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(80), nullable=False),
        *_stamps(),
        _points("candidate_call", "candidate_id", "candidate", "CASCADE"),
        _points("candidate_call", "by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_call")),
    )
    op.create_index("ix_candidate_call_candidate_id", "candidate_call", ["candidate_id"])


def _reminders() -> None:
    op.create_table(
        "filing_reminder",
        sa.Column("id", BIG, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        *_stamps(),
        _points("filing_reminder", "contract_id", "contract", "CASCADE"),
        _points("filing_reminder", "by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_reminder")),
        sa.UniqueConstraint("year", "contract_id", name=op.f("uq_filing_reminder_year_contract_id")),
    )
    op.create_index("ix_filing_reminder_contract_id", "filing_reminder", ["contract_id"])


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
    """Take them away again; batches of these kinds go, their contracts stay."""
    op.execute("DELETE FROM import_batch WHERE kind IN ('registry','candidates')")
    _kinds(NEW, OLD)
    op.drop_index("ix_contract_joint_id", "contract")
    op.execute("ALTER TABLE contract DROP COLUMN joint_total_fen")
    op.execute("ALTER TABLE contract DROP COLUMN joint_id")
    for table in reversed(MARKS):
        op.drop_table(table)
