"""Where the worker keeps its forecasts of a year's end; nothing is counted from them, so no trigger of 0003 watches the table.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "forecast",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("inputs_hash", sa.String(64), nullable=False),
        sa.Column("revision", sa.String(80), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("internal", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_forecast"),
    )
    op.create_index("ix_forecast_year_id", "forecast", ["year", "id"])
    op.create_index("ix_forecast_is_sample", "forecast", ["is_sample"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("forecast")
