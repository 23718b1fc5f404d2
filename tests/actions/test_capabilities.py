"""Capabilities by their verbs: members draft, the authorised person speaks, what is public changes only in its minor words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from market.actions import capabilities as actions
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid, NotVisible, Stale
from market.domain.permissions import Actor
from market.models import Capability, HistoryEntry, Notice, Outbox, Token, User, Version
from market.queries import capabilities as queries
from tests.bidding import actor
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import CapabilityFactory

WORDS: dict[str, Any] = {
    "kind": "result", "title": "弱溶剂化低温电解液", "summary": "零下三十度保持率 82%", "stage": "pilot", "disclosable": True, "field": "06",
    "modes": ["license", "develop"], "ip": [{"type": "invention", "number": "ZL2024", "status": "granted"}],
}  # fmt: skip


def fresh(capability: Capability) -> Capability:
    number = capability.id
    db.session.expire_all()
    found = queries.get(number)
    assert found is not None
    return found


def steps_of(capability: Capability) -> list[str]:
    query = select(HistoryEntry.step).where(HistoryEntry.subject_kind == "capability", HistoryEntry.subject_id == capability.id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))


def own(cast: Cast, **more: Any) -> Capability:
    made = CapabilityFactory(organisation=cast.institute, author_id=cast.professor.id, **more)
    return fresh(made)


def test_a_draft_belongs_to_the_organisation_of_who_writes_it(cast: Cast) -> None:
    made = fresh(actions.create(WORDS, actor(cast.professor)))
    assert (made.organisation_id, made.author_id, made.state, made.region) == (cast.institute.id, cast.professor.id, "draft", "310107")
    assert made.trl == 6, "the plain stage sets the readiness behind it"
    assert made.mode_list == ["license", "develop"] and [right.number for right in made.ip_rights] == ["ZL2024"]
    assert steps_of(made) == ["create"]


def test_nobody_drafts_without_an_organisation_that_may(app: Flask, cast: Cast) -> None:
    for who in (cast.clerk, cast.bureau, cast.broker, cast.sysadmin):
        with pytest.raises(Forbidden):
            actions.create(WORDS, actor(who))
    with pytest.raises(Forbidden, match="先加入一个单位"):
        actions.create(WORDS, Actor(id=1, roles=actor(cast.professor).roles))
    assert db.session.scalar(select(func.count()).select_from(Capability)) == 0


@pytest.mark.parametrize("part", ["seeker", "stranger", "rival", "clerk", "leader"])
def test_others_change_nothing(cast: Cast, part: str) -> None:
    made, who = own(cast), actor(cast.people()[part])
    verbs: list[Callable[[], object]] = [
        lambda: actions.edit(fresh(made), {"title": "别人的"}, who),
        lambda: actions.submit(fresh(made), who),
        lambda: actions.take_step(fresh(made), "withdraw", who, "不要了"),
        lambda: actions.confirm(fresh(made), who),
    ]
    for verb in verbs:
        with pytest.raises(Forbidden):
            verb()
    assert fresh(made).title == made.title and fresh(made).state == "draft" and steps_of(made) == []


def test_a_professor_drafts_and_only_the_authorised_person_submits(cast: Cast) -> None:
    made = own(cast)
    actions.edit(made, {"summary": "改过的简介"}, actor(cast.professor))
    with pytest.raises(Forbidden):
        actions.submit(fresh(made), actor(cast.professor))
    actions.submit(fresh(made), actor(cast.tto))
    made = fresh(made)
    assert made.state == "submitted" and made.submitted_at is not None and made.answer_due is not None
    assert steps_of(made) == ["edit", "submit"]
    assert db.session.scalars(select(Version.number).where(Version.subject_kind == "capability")).all() == [1]


def test_submission_tells_the_clerks_once_and_none_of_the_own_organisation(cast: Cast) -> None:
    made = own(cast)
    actions.submit(made, actor(cast.tto))
    told = set(db.session.scalars(select(Notice.user_id).where(Notice.kind == "submitted")))
    assert told == {cast.clerk.id}
    assert db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.dedupe_key.like("capability-%"))) == 1


def test_an_unverified_organisation_submits_nothing(cast: Cast) -> None:
    made = own(cast)
    with transaction():
        cast.institute.state = "pending"
    with pytest.raises(Forbidden):
        actions.submit(fresh(made), actor(cast.tto))


@pytest.mark.parametrize(
    ("missing", "field"), [({"title": ""}, "title"), ({"summary": ""}, "summary"), ({"disclosable": False}, "disclosable")]
)
def test_what_submission_needs_is_said_beside_its_field(cast: Cast, missing: dict[str, Any], field: str) -> None:
    made = own(cast, **missing)
    with pytest.raises(Invalid) as refused:
        actions.submit(made, actor(cast.tto))
    assert set(refused.value.fields) == {field} and fresh(made).state == "draft"


def test_what_waits_for_review_is_not_edited_and_can_be_taken_back(cast: Cast) -> None:
    made = own(cast)
    actions.submit(made, actor(cast.tto))
    with pytest.raises(IllegalStep, match="不能修改"):
        actions.edit(fresh(made), {"title": "偷偷改"}, actor(cast.professor))
    actions.take_step(fresh(made), "take_back", actor(cast.tto))
    actions.edit(fresh(made), {"title": "改好了"}, actor(cast.professor))
    assert fresh(made).title == "改好了"


def test_of_a_published_one_the_authorised_person_changes_minor_words_only(cast: Cast) -> None:
    made = own(cast, published=True, title="原来的题目")
    with pytest.raises(Forbidden):
        actions.edit(fresh(made), {"summary": "教授改的"}, actor(cast.professor))
    with pytest.raises(Invalid) as refused:
        actions.edit(fresh(made), {"title": "新题目", "summary": "新简介"}, actor(cast.tto))
    assert set(refused.value.fields) == {"title"}
    with pytest.raises(Invalid) as refused:
        actions.edit(fresh(made), {"ip": [{"type": "invention", "number": "ZL2025", "status": "granted"}]}, actor(cast.tto))
    assert set(refused.value.fields) == {"ip"}
    actions.edit(fresh(made), {"summary": "新简介", "price_stated": True, "price_fen": 100}, actor(cast.tto))
    made = fresh(made)
    assert (made.title, made.summary, made.price_fen) == ("原来的题目", "新简介", 100) and steps_of(made) == ["edit"]


def test_a_stale_form_says_what_stands_and_what_was_typed(cast: Cast) -> None:
    made = own(cast)
    version = made.version
    actions.edit(fresh(made), {"title": "先到的"}, actor(cast.tto), version)
    with pytest.raises(Stale) as refused:
        actions.edit(fresh(made), {"title": "后到的"}, actor(cast.professor), version)
    assert any("先到的" in line and "后到的" in line for line in refused.value.changes)
    with pytest.raises(Stale):
        actions.submit(fresh(made), actor(cast.tto), version)
    assert fresh(made).title == "先到的" and fresh(made).state == "draft"


def test_saving_quietly_or_without_a_change_leaves_no_line(cast: Cast) -> None:
    made = own(cast)
    actions.edit(fresh(made), {"title": "自动保存"}, actor(cast.professor), quiet=True)
    actions.edit(fresh(made), {"title": "自动保存"}, actor(cast.professor))
    assert steps_of(made) == []


def test_ending_and_coming_back(cast: Cast) -> None:
    made, tto = own(cast, published=True), actor(cast.tto)
    for step, state in (("reserve", "reserved"), ("license", "licensed"), ("release", "published")):
        actions.take_step(fresh(made), step, tto)
        assert fresh(made).state == state
    with pytest.raises(IllegalStep, match="理由"):
        actions.take_step(fresh(made), "withdraw", tto, " ")
    actions.take_step(fresh(made), "withdraw", tto, "转给了别人")
    assert fresh(made).state == "withdrawn" and fresh(made).end_reason == "转给了别人"
    assert steps_of(made) == ["reserve", "license", "release", "withdraw"]


@pytest.mark.parametrize("step", ["publish", "reject", "suspend"])
def test_the_owner_takes_no_step_of_the_commission(cast: Cast, step: str) -> None:
    made = own(cast, published=step == "suspend", **({} if step == "suspend" else {"state": "submitted", "submitted_at": clock.now()}))
    before = made.state
    with pytest.raises((Forbidden, IllegalStep)):
        actions.take_step(fresh(made), step, actor(cast.tto), "自己来")
    assert fresh(made).state == before


def test_a_confirmation_counts_from_today_and_only_of_what_is_public(cast: Cast) -> None:
    made = own(cast, published=True, confirmed_on=clock.today() - timedelta(days=400))
    actions.confirm(made, actor(cast.professor))
    assert fresh(made).confirmed_on == clock.today() and steps_of(made) == ["confirm"]
    with pytest.raises(IllegalStep):
        actions.confirm(own(cast), actor(cast.professor))


def test_many_are_confirmed_at_once_and_nobody_elses(cast: Cast) -> None:
    old = clock.today() - timedelta(days=400)
    mine = [own(cast, published=True, confirmed_on=old) for _ in range(2)]
    foreign = CapabilityFactory(published=True, confirmed_on=old)
    assert actions.confirm_many([row.id for row in (*mine, foreign)], actor(cast.tto)) == 2
    assert fresh(foreign).confirmed_on == old


def test_a_reminder_goes_out_once_a_month_and_its_link_works_once(cast: Cast) -> None:
    made = own(cast, published=True, confirmed_on=clock.today() - timedelta(days=350))
    own(cast, published=True)
    assert actions.remind_renewals() == 1
    assert actions.remind_renewals() == 0
    assert db.session.scalars(select(Notice.user_id).where(Notice.kind == "renew")).all() == [cast.tto.id]
    body = db.session.scalars(select(Outbox.body).where(Outbox.body.contains("/renew/"))).one()
    raw = body.split("/renew/")[1].split()[0]
    assert actions.confirm_by_link(raw).id == made.id
    assert fresh(made).confirmed_on == clock.today()
    with pytest.raises(NotVisible):
        actions.confirm_by_link(raw)
    clock.fix(NOON + timedelta(days=360))
    assert actions.remind_renewals() == 1, "one mail for all of an organisation's"
    later = db.session.scalars(select(Outbox.body).order_by(Outbox.id.desc())).first()
    assert later is not None and later.count("/renew/") == 2


def test_a_renewal_link_ends_with_its_time(cast: Cast) -> None:
    own(cast, published=True, confirmed_on=clock.today() - timedelta(days=350))
    actions.remind_renewals()
    raw = db.session.scalars(select(Outbox.body).where(Outbox.body.contains("/renew/"))).one().split("/renew/")[1].split()[0]
    assert db.session.scalar(select(func.count()).select_from(Token).where(Token.purpose == "renew")) == 1
    clock.fix(NOON + actions.RENEWAL + timedelta(days=1))
    with pytest.raises(NotVisible):
        actions.confirm_by_link(raw)


def test_nobody_is_reminded_where_nobody_may_confirm(cast: Cast) -> None:
    lonely = CapabilityFactory(published=True, confirmed_on=clock.today() - timedelta(days=350))
    assert db.session.scalar(select(func.count()).select_from(User).where(User.organisation_id == lonely.organisation_id)) == 0
    assert actions.remind_renewals() == 0
