"""The sample's 应登未登 campaign of this year: its signals gathered from the sample's own contracts, a few candidates spoken to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from market.actions import campaign_signals
from market.actions.sample.shelf import Person, Shelf
from market.db import db, transaction
from market.models import Call, Campaign, Candidate

_SAID = (
    ("call", "财务说还有两份委托开发没去登记，下周找合同原件。", "发登记需要的材料清单"),
    ("visit", "上门说明了登记要的材料；对方担心技术秘密，答应先看合同样本。", "约法务一起看合同"),
)


def load_campaign(shelf: Shelf) -> None:
    """Write the campaign, opened a month ago by a clerk and worked by a liaison."""
    clerk, liaison = shelf.people["B00-2"], shelf.people["B00-8"]
    opened = shelf.moment(-30, "campaign")
    with transaction() as session:
        campaign = Campaign(
            name=f"{shelf.today.year} 年应登未登（示例）",
            year=shelf.today.year,
            created_at=opened,
            gathered_at=opened,
            by_id=clerk.id,
            is_sample=True,
        )
        session.add(campaign)
        session.flush()
        shelf.tell("campaign", campaign.id, "create", clerk, opened, detail={"year": campaign.year})
        campaign_signals.gather(campaign)
        query = select(Candidate).where(Candidate.campaign_id == campaign.id).order_by(Candidate.id)
        for position, candidate in enumerate(session.scalars(query.limit(6))):
            _give(shelf, candidate, clerk, liaison, position)


def _give(shelf: Shelf, candidate: Candidate, clerk: Person, liaison: Person, position: int) -> None:
    """Assign one candidate; the first two have been spoken to."""
    given = shelf.moment(-20, f"candidate-{position}")
    candidate.assignee_id, candidate.state, candidate.due = liaison.id, "assigned", shelf.day(3 + position)
    detail = {"note": f"交给{liaison.name}"}
    shelf.tell("candidate", candidate.id, "assign", clerk, given, from_state="new", to_state="assigned", detail=detail)
    if position >= len(_SAID):
        return
    kind, text, next_step = _SAID[position]
    at = shelf.moment(-10 + position, f"call-{position}")
    candidate.state, candidate.next_step, candidate.first_contact_on = "contacted", next_step, shelf.day(-10 + position)
    db.session.add(
        Call(
            candidate_id=candidate.id, on=candidate.first_contact_on, kind=kind, text=text, by_id=liaison.id, by_name=liaison.name,
            created_at=at + timedelta(minutes=1), is_sample=True,
        )
    )  # fmt: skip
    detail = {"note": text}
    shelf.tell("candidate", candidate.id, "contact", liaison, at, from_state="assigned", to_state="contacted", detail=detail)
