"""Move the clock of a sample market forward, so that deadlines can be tried; a real market's clock is the machine's."""

from __future__ import annotations

from market.actions import history
from market.db import transaction
from market.domain import clock
from market.domain.errors import IllegalStep, Invalid
from market.models import Setting
from market.queries import settings

FARTHEST = 3650  # days


def advance(days: int) -> int:
    """Move the clock `days` further ahead; returns by how many days it is ahead now. Raises IllegalStep, Invalid."""
    now = settings.current()
    if not now.sample_market:
        raise IllegalStep("只有示例市场可以拨快时钟")
    ahead = now.clock_offset_days + days
    if days < 1 or ahead > FARTHEST:
        raise Invalid({"days": f"请填 1 到 {FARTHEST - now.clock_offset_days} 之间的整数"})
    with transaction() as session:
        session.merge(Setting(name="clock_offset_days", value=ahead, changed_at=clock.now(), changed_by_id=None))
        history.record_system("settings", 1, "advance_clock", detail={"days": days, "ahead": ahead})
    return ahead
