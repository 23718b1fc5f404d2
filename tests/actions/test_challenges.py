"""Challenges below the web: filled in for somebody, numbered, recomputed, written by two at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from market.actions import challenges as actions
from market.actions import versions
from market.db import db
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid, Stale
from market.domain.permissions import Actor
from market.models import Challenge, HistoryEntry, Holiday, Lead, User, Version
from market.queries import accounts, challenges
from market.queries.versions import changed_labels, content
from tests.cast import Cast
from tests.factories import ChallengeFactory, IndicatorFactory

WORDS: dict[str, Any] = {"title": "电池包冬天掉电", "pain": "只剩六成", "no_secrets": True}


def _actor(user: User) -> Actor:
    found = accounts.get_user(user.id)
    assert found is not None
    return accounts.actor_of(found)


def _load(challenge_id: int) -> Challenge:
    found = challenges.get(challenge_id)
    assert found is not None
    return found


def _lead(cast: Cast, assignee: User) -> Lead:
    lead = Lead(wrong="电池冬天掉电", company="申城电池厂", phone="13900000001", assignee_id=assignee.id)
    db.session.add(lead)
    db.session.commit()
    return lead


def test_what_a_liaison_fills_in_waits_for_the_enterprise(cast: Cast) -> None:
    lead = _lead(cast, cast.liaison)
    made = actions.create(WORDS, _actor(cast.liaison), organisation=cast.enterprise, lead=lead)
    assert (made.organisation_id, made.assignee_id, made.confirmed) == (cast.enterprise.id, cast.liaison.id, False)
    with pytest.raises(IllegalStep, match="先由企业确认"):
        actions.submit(_load(made.id), _actor(cast.seeker))
    actions.confirm(_load(made.id))
    actions.submit(_load(made.id), _actor(cast.seeker))
    assert _load(made.id).state == "submitted"


def test_a_liaison_who_is_not_assigned_fills_in_nothing(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.create(WORDS, _actor(cast.liaison), organisation=cast.enterprise, lead=_lead(cast, cast.broker))
    assert db.session.scalar(select(Challenge.id)) is None


@pytest.mark.parametrize("part", ["broker", "bureau", "clerk", "sysadmin"])
def test_nobody_posts_without_an_organisation_that_may(cast: Cast, part: str) -> None:
    with pytest.raises(Forbidden):
        actions.create(WORDS, _actor(cast.people()[part]))


def test_the_answer_is_promised_in_working_days(cast: Cast) -> None:
    clock.fix(clock.start_of_day(date(2026, 4, 30)) + timedelta(hours=10))  # Thursday before the May holiday
    made = actions.create(WORDS, _actor(cast.engineer))
    actions.submit(_load(made.id), _actor(cast.engineer))
    due = _load(made.id).answer_due
    assert due is not None and due > date(2026, 5, 6)


def test_a_window_that_runs_is_lengthened_by_a_new_holiday_and_never_shortened(cast: Cast) -> None:
    made = ChallengeFactory(
        organisation=cast.enterprise,
        state="publicity",
        published_at=clock.now(),
        publicity_days=5,
        publicity_from=date(2026, 6, 10),
        publicity_until=date(2026, 6, 16),
        publicity_estimated=True,
    )
    db.session.add(Holiday(day=date(2026, 6, 12), worked=False, name="停工"))
    db.session.commit()
    assert actions.recompute_publicity() == 1
    again = _load(made.id)
    assert (again.publicity_until, again.publicity_estimated) == (date(2026, 6, 17), False)
    db.session.add(Holiday(day=date(2026, 6, 13), worked=True, name="调休"))
    db.session.add(Holiday(day=date(2026, 6, 14), worked=True, name="调休"))
    db.session.commit()
    assert actions.recompute_publicity() == 0
    assert _load(made.id).publicity_until == date(2026, 6, 17)
    entries = db.session.scalars(select(HistoryEntry).where(HistoryEntry.step == "recompute_publicity")).all()
    assert [entry.detail for entry in entries] == [{"from": "2026-06-16", "to": "2026-06-17"}]


def test_a_stale_form_says_what_stands_and_what_was_typed(cast: Cast) -> None:
    made = ChallengeFactory(organisation=cast.enterprise, title="现在的标题")
    with pytest.raises(Stale) as stale:
        actions.edit(_load(made.id), {**content_values(made), "title": "我的标题"}, _actor(cast.seeker), version=made.version - 1)
    assert stale.value.changes == ["标题：现在是「现在的标题」，您填的是「我的标题」"]


def content_values(challenge: Challenge) -> dict[str, Any]:
    """Return a challenge's columns as the form would post them."""
    names = [name for name in actions.COLUMNS if name != "title"]
    return {name: getattr(challenge, name) for name in names}


def test_each_submission_freezes_what_was_said(cast: Cast) -> None:
    made = ChallengeFactory(organisation=cast.enterprise)
    IndicatorFactory(challenge=made, name="保持率", target="85")
    actor = _actor(cast.seeker)
    first = content(_load(made.id))
    assert versions.freeze(_load(made.id), actor) == 1
    actions.edit(_load(made.id), {"indicators": [{"name": "保持率", "target": "90"}], "budget_stated": True}, actor)
    assert versions.freeze(_load(made.id), actor) == 2
    kept = db.session.scalars(select(Version).order_by(Version.number)).all()
    assert kept[0].content == first
    assert changed_labels(kept[0].content, kept[1].content) == ["技术指标", "预算"]


@pytest.mark.parametrize("state", ["submitted", "published", "contracted", "rejected"])
def test_only_drafts_and_returned_ones_are_edited(cast: Cast, state: str) -> None:
    made = ChallengeFactory(organisation=cast.enterprise, state=state, published_at=clock.now())
    with pytest.raises(IllegalStep):
        actions.edit(_load(made.id), {"title": "改"}, _actor(cast.seeker))


@pytest.mark.parametrize("part", ["stranger", "tto", "clerk", "reviewer", "leader"])
def test_others_edit_nothing(cast: Cast, part: str) -> None:
    made = ChallengeFactory(organisation=cast.enterprise)
    with pytest.raises(Forbidden):
        actions.edit(_load(made.id), {"title": "改"}, _actor(cast.people()[part]))


@pytest.mark.parametrize("missing", ["title", "pain", "no_secrets"])
def test_what_submission_needs_is_named(cast: Cast, missing: str) -> None:
    made = actions.create({**WORDS, missing: "" if missing != "no_secrets" else False}, _actor(cast.engineer))
    with pytest.raises(Invalid) as refused:
        actions.submit(_load(made.id), _actor(cast.engineer))
    assert list(refused.value.fields) == [missing]


def test_autosave_leaves_no_line_in_the_history(cast: Cast) -> None:
    made = actions.create(WORDS, _actor(cast.engineer))
    actions.edit(_load(made.id), {"title": "写着写着"}, _actor(cast.engineer), quiet=True)
    assert db.session.scalars(select(HistoryEntry.step)).all() == ["create"]
    actions.edit(_load(made.id), {"title": "写完了"}, _actor(cast.engineer))
    last = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq.desc())).first()
    assert last is not None and last.step == "edit" and last.detail == {"changed": ["标题"]}
