"""Columns of the whole contract record: cost list, royalties, what a contract hangs on, 公示 of an agreed price.

The columns are added and dropped one by one: rebuilding the table, as batch mode does on SQLite, would lose the
triggers of 0003.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _columns() -> list[sa.Column]:
    return [
        sa.Column("related_stated", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("parent_kind", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("entry_fee_fen", sa.BigInteger(), nullable=True),
        sa.Column("royalty_bp", sa.Integer(), nullable=True),
        sa.Column("royalty_base", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("service_result", sa.Boolean(), nullable=True),
        sa.Column("pricing", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("announced_from", sa.Date(), nullable=True),
        sa.Column("announced_until", sa.Date(), nullable=True),
        sa.Column("announced_where", sa.String(length=300), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    """Add the columns and the table of cost lines."""
    for column in _columns():
        op.add_column("contract", column)
    op.create_table(
        "cost_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen > 0 AND amount_fen <= 100000000000000", name=op.f("ck_cost_line_amount")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_cost_line_contract_id_contract"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_line")),
    )
    op.create_index("ix_cost_line_contract_id", "cost_line", ["contract_id"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("cost_line")
    for column in reversed(_columns()):
        op.execute(f"ALTER TABLE contract DROP COLUMN {column.name}")
