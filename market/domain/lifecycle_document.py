"""All lifecycles as one Markdown document with a diagram each: what docs/lifecycles.md holds."""

from __future__ import annotations

from market.domain.bids import BID
from market.domain.campaigns import CANDIDATE
from market.domain.capabilities import CAPABILITY
from market.domain.challenges import CHALLENGE
from market.domain.contacts import CONTACT
from market.domain.contracts import CONTRACT
from market.domain.duplicates import DUPLICATE
from market.domain.leads import LEAD
from market.domain.lifecycle import Lifecycle
from market.domain.objections import OBJECTION
from market.domain.organisations import ORGANISATION

LIFECYCLES: dict[str, Lifecycle] = {
    "技术需求": CHALLENGE,
    "成果与能力": CAPABILITY,
    "申报": BID,
    "异议": OBJECTION,
    "合同": CONTRACT,
    "疑似重复": DUPLICATE,
    "对接": CONTACT,
    "三句话需求": LEAD,
    "应登未登的单位": CANDIDATE,
    "单位": ORGANISATION,
}
_HEAD = "# 每件事怎么走\n\nThese diagrams are printed from `market/domain/` by `flask lifecycles --write`; a test compares.\n"


def markdown() -> str:
    """Return the whole document."""
    parts = [f"## {title}\n\n```mermaid\n{lifecycle.mermaid()}\n```\n" for title, lifecycle in LIFECYCLES.items()]
    return "\n".join([_HEAD, *parts])
