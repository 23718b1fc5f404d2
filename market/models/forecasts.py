"""What the worker worked out of the year's end, kept with the moment and the hash of what it was worked out from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Model
from market.models.types import BigId, Sampled, Stamped


class Forecast(Stamped, Sampled, Model):
    """One forecast of one year, never changed; the page shows the latest. Amounts inside of `figures` are 分.

    `inputs_hash` is the SHA-256 of everything it was worked out from, so the same inputs are worked out once;
    `revision` is the count of changes (migration 0003) at that moment, so the page can say that something changed since.
    """

    __tablename__ = "forecast"
    __table_args__ = (Index("ix_forecast_year_id", "year", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    as_of: Mapped[date] = mapped_column(Date)
    inputs_hash: Mapped[str] = mapped_column(String(64))
    revision: Mapped[str] = mapped_column(String(80))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    internal: Mapped[dict[str, Any]] = mapped_column(JSON)  # 内部测算: the chance of making the goal; leader and named staff only
