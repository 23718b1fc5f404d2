"""Import batches, their staged rows, and the mappings remembered from earlier files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Model
from market.domain.permissions import Subject
from market.models.types import BigId, Moment, Sampled, Stamped


class ImportBatch(Stamped, Sampled, Model):
    """One uploaded file on its way in: received → checking → checked → writing → written (→ undone), or failed."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('challenges','capabilities','cooperations','contracts','organisations','ledger','registry','candidates')", name="kind"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(160))
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # dropped once written
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(12), default="received")
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # column mapping, money unit, value mappings
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # counts, unknown columns, sums
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    message: Mapped[str] = mapped_column(String(300), default="")
    written_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about."""
        owners = frozenset({self.organisation_id}) if self.organisation_id else frozenset()
        return Subject(owners=owners, people=frozenset({self.by_id}) if self.by_id else frozenset())


class ImportRow(Model):
    """One staged row: its raw cells, the values read from them, or the errors beside them."""

    __tablename__ = "import_row"
    __table_args__ = (Index("ix_import_row_batch", "batch_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)  # row number in the file, the header is 1
    raw: Mapped[dict[str, Any]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    errors: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(12), default="good")  # good refused duplicate written
    item_id: Mapped[int | None] = mapped_column(Integer)


class ImportMapping(Model):
    """A free-text value (a column header, a field, a region, an organisation) mapped once and remembered."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(120))
    value: Mapped[str] = mapped_column(String(120))
