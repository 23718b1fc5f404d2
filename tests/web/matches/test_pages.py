"""Why two listings meet, element by element; what a score stands for; what lists led to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from market import matching
from market.actions import contacts as contact_actions
from market.actions import matches as actions
from market.db import db
from market.domain import clock
from market.domain.permissions import Actor
from market.matching import Bin, Calibration, Document, ElementMatch, Hit, Reason
from market.models import Bid, Capability, Challenge, Match, MatchOutcome, User
from market.queries import accounts, engine, match_records
from tests import bidding
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, OrganisationFactory
from tests.page import Browser

VERSION = "9.9.9/model"
SAID = "零下二十度容量保持率 82%，电芯由弱溶剂电解液配制"
ELEMENTS = [
    {"kind": "effect", "text": "冬天掉电", "share": 0.8, "sentence": SAID, "met": None},
    {"kind": "quantity", "text": "容量保持率≥85%", "share": 0.5, "sentence": SAID, "met": False},
    {"kind": "quantity", "text": "循环≥3000次", "share": 0.0, "sentence": "", "met": None},
    {"kind": "material", "text": "磷酸铁锂", "share": 0.1, "sentence": "", "met": None},
]
REASONS = [
    {"kind": "best", "label": "", "strength": 0, "left": "", "right": "", "sentence": SAID},
    {"kind": "lexicon", "label": "「掉电」常与「电解液」有关", "strength": 0.3, "left": "掉电", "right": "电解液", "sentence": SAID},
    {"kind": "figure", "label": "还不够", "strength": -0.02, "left": "容量保持率≥85%", "right": "容量保持率 82%", "sentence": ""},
    {"kind": "rest", "label": "其他相近之处", "strength": 0.12, "left": "", "right": "", "sentence": ""},
]


def stored(challenge: int, capability: int, rank: int = 1, **more: Any) -> int:
    """Keep one line of a challenge's ranking, as the worker would; return its number."""
    values: dict[str, Any] = {"reasons": REASONS, "elements": ELEMENTS, "score": 0.4, "engine_version": VERSION, "computed_at": clock.now()}
    line = Match(query_kind="challenge", query_id=challenge, item_kind="capability", item_id=capability, rank=rank, **(values | more))
    db.session.add(line)
    db.session.flush()
    number = line.id
    db.session.commit()
    return number


def pair(cast: Cast, **more: Any) -> tuple[int, int, int]:
    """The numbers of a challenge of the enterprise, a capability of the institute, and of their line."""
    challenge: Challenge = ChallengeFactory(
        organisation=cast.enterprise, author_id=cast.engineer.id, published=True, title="冬天掉电", **more
    )
    capability: Capability = CapabilityFactory(organisation=cast.institute, published=True, title="低温电解液")
    numbers = challenge.id, capability.id
    return *numbers, stored(*numbers)


def actor(user: User) -> Actor:
    """Return a person of the cast as who acts."""
    known = accounts.get_user(user.id)
    assert known is not None
    return accounts.actor_of(known)


@pytest.fixture
def calibrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven of ten were judged relevant from 0.3 on; below, too few were judged."""
    bins = (Bin(0.0, 0.3, 3, 1, 0.1, 0.8), Bin(0.3, 1.0, 212, 148, 0.63, 0.76))
    monkeypatch.setattr(matching, "calibration", lambda: Calibration(matching.ENGINE_VERSION, "2026-11-24", bins, bins))


def test_a_list_says_element_by_element_what_the_other_side_writes_and_what_it_does_not(cast: Cast, browser: Browser) -> None:
    challenge, _capability, _ = pair(cast)
    page = browser.see("challenges.detail", challenge_id=challenge)
    rows = [" ".join(row.text_content().split()) for row in page.find(".element-matrix tbody tr")]
    assert rows[0].startswith("指标容量保持率≥85% 容量保持率 82%：零下二十度") and rows[0].endswith("还不够")
    assert rows[1].startswith("现象与效果冬天掉电 零下二十度") and rows[1].endswith("强")
    assert rows[2:] == ["指标循环≥3000次 没有说到 没写", "材料磷酸铁锂 没有说到 没说到"]
    assert "电解液" in [mark.text for mark in page.find(".element-matrix mark")]
    assert [item.text for item in page.find(".match-missing-list li")] == ["循环≥3000次", "磷酸铁锂"]
    assert "写进对接" not in page.main, "only the challenge's own people ask from here"


def test_what_is_missing_goes_into_the_question_with_one_click(cast: Cast, browser: Browser) -> None:
    challenge, _capability, _ = pair(cast)
    page = browser.sign_in(cast.seeker).see("challenges.detail", challenge_id=challenge)
    (href,) = [link for link in page.links() if link.startswith("/contacts/new") and "match=" in link]
    form = browser.get(href)
    assert "1．循环≥3000次；2．磷酸铁锂" in form.find("textarea[name=message]")[0].text_content()
    assert form.find("select[name=attached] option[selected]")[0].get("value") == str(challenge)
    assert "等待答复" in form.submit("发出对接请求").main
    assert "低温电解液" in browser.see("contacts.index").main


def test_a_score_is_shown_as_what_it_stands_for_and_not_at_all_below_the_smallest_number(
    cast: Cast, browser: Browser, calibrated: None
) -> None:
    challenge, _capability, _ = pair(cast)
    stored(challenge, CapabilityFactory(published=True, title="另一项").id, 2, score=0.2)
    lines = [" ".join(line.text_content().split()) for line in browser.see("challenges.detail", challenge_id=challenge).find(".match-odds")]
    assert lines == ["约七成的同类结果被判为对口 （n=212，区间 63%–76%，怎么来的）"]


def test_tabs_show_one_kind_of_capability_ranked_anew(cast: Cast, browser: Browser) -> None:
    challenge, _capability, _ = pair(cast)
    stored(challenge, CapabilityFactory(published=True, title="低温试验箱", kind="equipment").id, 2)
    page = browser.see("challenges.detail", challenge_id=challenge)
    assert len(page.find(".match")) == 2
    (href,) = [link for link in page.links() if "kind=equipment" in link]
    page = browser.get(href)
    assert [title.text_content() for title in page.find(".match-title a")] == ["低温试验箱"]
    assert "第 1 位" in page.find(".match-rank")[0].text_content()


def test_a_pair_is_public_whole_and_keeps_an_anonymous_poster_covered(cast: Cast, browser: Browser) -> None:
    _challenge, _capability, number = pair(cast, anonymous=True)
    page = browser.see("matches.pair", match_id=number)
    assert "冬天掉电" in page.main and "低温电解液" in page.main and cast.enterprise.name not in page.main
    shares = {
        row.cssselect("th")[0].text_content(): row.cssselect("td")[0].text_content() for row in page.find("#shares-title ~ table tbody tr")
    }
    assert shares == {"「掉电」常与「电解液」有关": "75%", "还不够": "-5%", "其他相近之处": "30%"}


def test_a_pair_of_which_one_side_is_gone_is_gone(cast: Cast, browser: Browser) -> None:
    _challenge, capability, number = pair(cast)
    db.session.get_one(Capability, capability).state = "withdrawn"
    db.session.commit()
    assert browser.see("matches.pair", match_id=number, status=404).status == 404
    assert browser.see("matches.pair", match_id=number + 1_000, status=404).status == 404


def test_how_it_is_computed_shows_the_diagram_and_the_measured_tables(
    browser: Browser, calibrated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = {"whole": {"all": {"nDCG@10": {"mean": 0.61, "low": 0.55, "high": 0.67}}}}
    sets = {"spoken": {"queries": 65, "documents": 422, "figures": one}}
    kept = {"version": "9.9.9", "measured_on": "2026-11-24", "command": "flask matching figures", "sets": sets}
    monkeypatch.setattr(matching, "quality", lambda: kept)
    page = browser.see("matches.how")
    assert page.find("figure svg") and "212" in page.main and "0.61（0.55–0.67）" in page.main and "2026-11-24 用 9.9.9 版量出" in page.main
    assert "匹配带来了什么" not in page.main and "各版程序" not in page.main, "a staff page"


def test_how_it_is_computed_says_so_where_nothing_was_measured(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "quality", dict)
    monkeypatch.setattr(matching, "calibration", lambda: Calibration("", ""))
    page = browser.see("matches.how")
    assert not page.find("figure") and "目前页面上不给出这个比例" in page.main and "还没有随程序发布的测量结果" in page.main


class ByProfile:
    """An engine that finds everything and says why."""

    model_fingerprint = "model"

    def rank(self, query: Document, among: set[int], k: int, on: Any) -> list[Hit]:
        """Rank by number."""
        return [
            Hit(one, rank, 0.4, (Reason("phrase", f"都提到「{query.text[:2]}」", 0.4, "电池", "电池"),), SAID)
            for rank, one in enumerate(sorted(among)[:k], 1)
        ]

    def elements(self, query: Document, document: Document) -> list[ElementMatch]:
        """Nothing."""
        return []


def test_an_organisation_that_has_posted_nothing_is_recommended_by_its_profile(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "engine", ByProfile)
    cast.enterprise.profile = "电池包总成厂"
    cast.institute.profile = "电池研究"
    db.session.commit()
    CapabilityFactory(published=True, title="别家的成果")
    ChallengeFactory(published=True, title="别家的难题", anonymous=True, organisation=OrganisationFactory(name="绝密公司"))
    for person, own, other in ((cast.seeker, "别家的成果", "别家的难题"), (cast.tto, "别家的难题", "别家的成果")):
        page = browser.sign_in(person).see("matches.recommendations")
        assert "按本单位的简介" in page.main and own in page.main and other not in page.main and "都提到「电池」" in page.main
        assert "绝密公司" not in page.main


def test_what_a_list_led_to_is_recorded_with_its_rank_and_version(cast: Cast, browser: Browser) -> None:
    challenge, capability, number = pair(cast)
    browser.sign_in(cast.seeker)
    page = browser.see("challenges.detail", challenge_id=challenge)
    browser.get(next(link for link in page.links() if link.startswith(f"/capabilities/{capability}?match={number}")))
    db.session.expire_all()
    contact = contact_actions.ask(
        "想送样。",
        actor(cast.seeker),
        challenge=db.session.get_one(Challenge, challenge),
        capability=db.session.get_one(Capability, capability),
    )
    found = db.session.scalars(select(MatchOutcome).order_by(MatchOutcome.id)).all()
    assert [(one.act, one.ref_id, one.rank, one.engine_version, one.surface) for one in found] == [
        ("opened", None, 1, VERSION, "challenge"),
        ("contact", contact.id, 1, VERSION, "challenge"),
    ]
    actions.judge(db.session.get_one(Match, number), True, None, "", actor(cast.seeker))
    page = browser.sign_in(cast.clerk).see("matches.records")
    assert [cell.text_content().split(" ")[0] for cell in page.find("tbody td")] == ["1", "1", "1", "0", "0", "1", "0"]
    rows = browser.get(next(link for link in page.links() if "act=contact" in link))
    assert (
        f"对接 {contact.id}" in rows.main and "低温电解液" in rows.main and cast.enterprise.name not in rows.find("#rows")[0].text_content()
    )


def test_a_contact_that_no_list_led_to_leaves_no_outcome(cast: Cast) -> None:
    _challenge, capability, _ = pair(cast)
    contact_actions.ask("想送样。", actor(cast.stranger), capability=db.session.get_one(Capability, capability))
    assert db.session.scalars(select(MatchOutcome)).all() == []


def test_a_sealed_bid_is_counted_only_after_its_deadline(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    call = bidding.call(cast, visibility="at_deadline")
    capability = CapabilityFactory(organisation=cast.institute, published=True)
    shown, person = actions.Shown("capability", capability.id, "challenge", [(call.id, 2)], VERSION), actor(cast.tto)
    db.session.commit()
    actions.note_lists("capability", person, [shown])
    bid: Bid = bidding.sent(call, cast.tto)
    (noted,) = db.session.scalars(select(MatchOutcome).where(MatchOutcome.act == "bid")).all()
    assert (noted.ref_id, noted.rank, noted.engine_version) == (bid.id, 2, VERSION)
    assert match_records.records(VERSION, "bid", 1) == ([], 0)
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert match_records.records(VERSION, "bid", 1)[1] == 1


def test_nobody_but_the_staff_sees_what_lists_led_to(cast: Cast, browser: Browser) -> None:
    for person, status in ((cast.leader, 200), (cast.auditor, 200), (cast.seeker, 403), (cast.broker, 403), (cast.bureau, 403)):
        assert browser.sign_in(person).get("/matches/records").status == status


def test_a_list_at_a_time_is_no_more_than_two_of_one_organisation(browser: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "engine", ByProfile)
    owner = OrganisationFactory(kind="institute")
    for number in range(3):
        CapabilityFactory(organisation=owner, published=True, title=f"甲 {number}")
    CapabilityFactory(published=True, title="乙")
    page = browser.send("leads.try_match", {"text": "电池冬天掉电"})
    assert [title.text_content() for title in page.find(".match-title a")] == ["甲 0", "甲 1", "乙", "甲 2"]
