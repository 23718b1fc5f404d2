"""Where a contract came from: the chain from a list that was shown to the registration, and the class its timestamps give it.

Only what the market itself wrote down at the time counts: a meeting counts by the moment its line was written, never by the
day somebody typed. The three classes are apart in every total; a contract signed before the first contact is never 平台促成.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from market.domain import clock

CLASSES = {"originated": "平台促成", "assisted": "平台协助", "recorded": "仅登记"}
LINKS = {
    "impression": "平台列出",
    "view": "打开查看",
    "contact": "发起对接",
    "meeting": "见面",
    "bid": "揭榜申报",
    "award": "选定",
    "contract": "签订合同",
    "registration": "认定登记",
}
ONLY_BY_CALL = frozenset({"bid", "award"})  # links that a contract from a 对接 need not have
MEETING_KINDS = ("visit", "meeting")  # lines of a contact that are a meeting of people
THROUGH = {"broker": "引荐人", "assignee": "代填人", "lead": "线索负责人"}


@dataclass(frozen=True)
class Rule:
    """One row of the table that gives a contract its class; the first that holds is taken.

    `earlier`: each of these was recorded, in this order, on a day before the signing. `by_then`: at least
    one of these was recorded on the day of the signing or before. Neither: it always holds.
    """

    kind: str
    words: str
    earlier: tuple[str, ...] = ()
    by_then: tuple[str, ...] = ()


RULES = (
    Rule("originated", "双方在平台上发起对接、对方同意，都早于签订之日。", earlier=("asked", "accepted")),
    Rule(
        "originated", "平台把榜单列给申报方或申报方打开过榜单，之后才有揭榜申报和选定，都早于签订之日。", earlier=("shown", "bid", "chosen")
    ),
    Rule(
        "assisted",
        "签订当日或之前，平台上已有对接、见面记录、揭榜申报或选定中的任何一项，但不满足上面两条。",
        by_then=("asked", "met", "bid", "chosen"),
    ),
    Rule("recorded", "签订之前平台上没有双方就此事往来的记录，合同只是录入或导入。"),
)


@dataclass(frozen=True)
class Evidence:
    """What the market recorded of one contract, as moments (aware); a missing one was never recorded.

    `met_on` is the day of the first meeting as its line says, `met` the moment that line was written.
    """

    signed_on: date | None
    registered_on: date | None = None
    number: str = ""
    by_call: bool = False  # it goes back to a 榜 and a bid
    impression: datetime | None = None
    view: datetime | None = None
    asked: datetime | None = None
    accepted: datetime | None = None
    met: datetime | None = None
    met_on: date | None = None
    bid: datetime | None = None
    chosen: datetime | None = None
    notes: Mapping[str, str] = field(default_factory=dict)  # link → who or what, in words

    @property
    def shown(self) -> datetime | None:
        """The first moment at which the market showed one side what the contract is about."""
        return min((at for at in (self.impression, self.view) if at), default=None)


@dataclass(frozen=True)
class Link:
    """One link of the chain. `state`: done, late (recorded only after the signing, counts for nothing), missing, other (no 揭榜)."""

    name: str
    word: str
    day: date | None
    state: str
    note: str = ""


@dataclass(frozen=True)
class Person:
    """A broker or liaison through whom a contract came."""

    role: str
    id: int
    name: str

    @property
    def word(self) -> str:
        """What they did, in Chinese."""
        return THROUGH[self.role]


@dataclass(frozen=True)
class Chain:
    """The chain of one contract with its class (None before the signing) and through whom it came."""

    contract_id: int
    kind: str | None
    rule: str
    links: tuple[Link, ...]
    people: tuple[Person, ...]

    @property
    def word(self) -> str:
        """The class in Chinese; before the signing, that there is none yet."""
        return CLASSES.get(self.kind or "", "签订之后分类")

    @property
    def missing(self) -> list[str]:
        """The words of the links that were never recorded."""
        return [link.word for link in self.links if link.state == "missing"]

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits over class, links and people: two papers that show the same were drawn from the same records."""
        facts: list[Any] = [self.contract_id, self.kind, [[link.name, str(link.day or ""), link.state] for link in self.links]]
        facts.append([[person.role, person.id] for person in self.people])
        text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def classify(evidence: Evidence) -> Rule | None:
    """Return the rule that gives a contract its class; None while it is not signed."""
    if evidence.signed_on is None:
        return None
    return next(rule for rule in RULES if _holds(rule, evidence, evidence.signed_on))


def _holds(rule: Rule, evidence: Evidence, signed_on: date) -> bool:
    moments: list[datetime | None] = [getattr(evidence, name) for name in rule.earlier]
    known = [at for at in moments if at is not None]
    if len(known) < len(moments) or known != sorted(known) or any(day_of(at) >= signed_on for at in known):
        return False
    if not rule.by_then:
        return True
    return any((at := getattr(evidence, name)) is not None and day_of(at) <= signed_on for name in rule.by_then)


def day_of(moment: datetime) -> date:
    """Return the day of a moment in Shanghai."""
    return clock.local(moment).date()


def chain(contract_id: int, evidence: Evidence, people: Sequence[Person] = ()) -> Chain:
    """Return the chain of a contract from what was recorded of it."""
    rule = classify(evidence)
    links = tuple(_link(name, evidence) for name in LINKS)
    return Chain(contract_id, rule.kind if rule else None, rule.words if rule else "", links, tuple(people))


def _link(name: str, evidence: Evidence) -> Link:
    """Return one link; its day is the one that counts, its note says what else is known."""
    recorded = {"contact": evidence.asked, "meeting": evidence.met, "award": evidence.chosen}.get(name, getattr(evidence, name, None))
    day = {"contract": evidence.signed_on, "registration": evidence.registered_on, "meeting": evidence.met_on}.get(name)
    day = day or (day_of(recorded) if recorded else None)
    note = evidence.notes.get(name, "")
    if day is None:
        state = "other" if name in ONLY_BY_CALL and not evidence.by_call else "missing"
        return Link(name, LINKS[name], None, state, "未走揭榜" if state == "other" else "")
    late = recorded is not None and evidence.signed_on is not None and day_of(recorded) > evidence.signed_on
    return Link(name, LINKS[name], day, "late" if late else "done", note)
