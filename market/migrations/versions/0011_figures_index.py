"""One index from which all figures of registered contracts are counted, without a look at the wide rows, in place of the narrow one.

Revision: 0011, after 0010.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = (
    "state", "registered_on", "seller_region", "buyer_region", "type", "field", "buyer_kind", "seller_kind", "ip_type",
    "is_duplicate", "amount_fen", "technical_amount_fen", "id",
)  # fmt: skip


def upgrade() -> None:
    """Replace the index."""
    op.create_index("ix_contract_figures", "contract", list(_COLUMNS))
    op.drop_index("ix_contract_registered", "contract")


def downgrade() -> None:
    """Put the narrow one back."""
    op.create_index("ix_contract_registered", "contract", ["state", "registered_on"])
    op.drop_index("ix_contract_figures", "contract")
