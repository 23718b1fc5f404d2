"""Column types and mixins shared by every table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, TypeDecorator, false
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column

from market.domain import clock

BigId = BigInteger().with_variant(Integer, "sqlite")
Fen = BigInteger


class Moment(TypeDecorator[datetime]):
    """An aware moment kept in UTC; refuses naive values, gives aware ones back on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Stamped:
    """When a row was made, by the market's clock."""

    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now, nullable=False)


class Sampled:
    """Marks rows of the sample market, which `flask sample remove` takes out."""

    is_sample: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false(), nullable=False, index=True)
