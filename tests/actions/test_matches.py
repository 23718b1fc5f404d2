"""Stored rankings follow publishing and withdrawing; feedback is replaced; what was shown is written down; no name leaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from market import db as database
from market.actions import matches, ranked_lists, search
from market.db import db, transaction
from market.domain import clock, codes
from market.domain.errors import Forbidden, Invalid
from market.domain.permissions import PUBLIC, Actor
from market.matching import Engine, EngineSettings
from market.models import AccessLog, Capability, Challenge, Embedding, Impression, Match, MatchFeedback, Organisation, User
from market.queries import accounts, documents
from market.queries import engine as engines
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, OrganisationFactory
from tests.page import Browser
from tests.statements import counted

_loaded: dict[str, Engine] = {}


class Unnumbered:
    """An engine for many databases: each starts its revisions anew, and an engine ignores those older than its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def sync(self, upserts: Any, removals: Any = (), revision: int = 0, vectors: Any = None) -> None:
        self.engine.sync(upserts, removals, vectors=vectors)


@pytest.fixture(autouse=True)
def carried(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rank with the model of the repository, loaded once for all tests here and emptied before each."""
    if "engine" not in _loaded:
        _loaded["engine"] = engines.Follower(EngineSettings()).engine
    monkeypatch.setattr(engines, "open_engine", lambda settings: Unnumbered(_loaded["engine"]))
    engines.configure(EngineSettings())
    yield
    everything = documents.challenges() + documents.capabilities()
    _loaded["engine"].sync([], [document.key for document in everything])
    db.session.rollback()
    engines.configure(EngineSettings())


def actor(user: User) -> Actor:
    """Return a person of the cast as who acts."""
    known = accounts.get_user(user.id)
    assert known is not None
    return accounts.actor_of(known)


def put(listing: Challenge | Capability, state: str) -> None:
    """Bring a listing into a state as an action would: with the index's change log."""
    with transaction():
        listing.state = state
        if state == "published":
            listing.published_at = clock.now()
        search.refresh(listing)


def ranked(kind: str, item_id: int) -> list[int]:
    """Return the stored counterparts of a listing, best first."""
    return list(db.session.scalars(select(Match.item_id).where(Match.query_kind == kind, Match.query_id == item_id).order_by(Match.rank)))


def battery() -> tuple[Challenge, Capability, Capability]:
    """A challenge, a capability that answers it in other words, and one that does not."""
    challenge = ChallengeFactory(published=True)
    electrolyte = CapabilityFactory(published=True)
    vaccine = CapabilityFactory(
        published=True, title="重组疫苗佐剂的筛选", summary="以小鼠模型评价佐剂对抗体滴度的影响。", field="04", track="生命健康"
    )
    for listing in (challenge, electrolyte, vaccine):
        search.refresh(listing)
    return challenge, electrolyte, vaccine


def test_publishing_ranks_both_sides_and_the_better_answer_is_first() -> None:
    challenge, electrolyte, _vaccine = battery()
    assert matches.refresh_changed() == 3
    assert ranked("challenge", challenge.id)[0] == electrolyte.id
    assert ranked("capability", electrolyte.id) == [challenge.id]
    assert matches.refresh_changed() == 0
    line = db.session.scalars(select(Match).where(Match.query_kind == "challenge", Match.rank == 1)).first()
    assert line is not None and line.engine_version and line.reasons[0]["kind"] == "best" and len(line.reasons) > 1


def test_a_withdrawn_capability_leaves_every_ranking_and_a_new_one_enters() -> None:
    challenge, electrolyte, vaccine = battery()
    matches.refresh_changed()
    put(electrolyte, "withdrawn")
    matches.refresh_changed()
    assert electrolyte.id not in ranked("challenge", challenge.id) and ranked("capability", electrolyte.id) == []
    better = CapabilityFactory(title="磷酸铁锂电池低温续航提升", summary="零下二十度电池包放电容量保持八成以上，冬天续航不掉。")
    put(better, "published")
    matches.refresh_changed()
    assert ranked("challenge", challenge.id)[0] == better.id and set(ranked("challenge", challenge.id)) <= {better.id, vaccine.id}


def test_a_challenge_that_is_over_is_recommended_to_nobody() -> None:
    challenge, electrolyte, _vaccine = battery()
    matches.refresh_changed()
    put(challenge, "withdrawn")
    matches.refresh_changed()
    assert ranked("challenge", challenge.id) == [] and ranked("capability", electrolyte.id) == []


def test_what_has_not_been_confirmed_for_long_is_not_recommended() -> None:
    challenge, electrolyte, _vaccine = battery()
    with transaction():
        electrolyte.confirmed_on = clock.today() - timedelta(days=4_000)
    assert matches.rank_everything() == 2
    assert electrolyte.id not in ranked("challenge", challenge.id)


def test_rank_everything_reports_its_progress_and_embeds_each_text_once() -> None:
    battery()
    seen: list[tuple[int, int]] = []
    assert matches.rank_everything(lambda number, of: seen.append((number, of))) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert db.session.query(Embedding).count() == 3 and matches.store_embeddings() == 0


def test_the_name_of_an_anonymous_poster_is_in_no_stored_reason() -> None:
    secret = OrganisationFactory(name="绝密电池有限公司")
    challenge = ChallengeFactory(published=True, organisation=secret, anonymous=True)
    capability = CapabilityFactory(published=True)
    for listing in (challenge, capability):
        search.refresh(listing)
    matches.refresh_changed()
    lines = db.session.scalars(select(Match)).all()
    assert {line.query_kind for line in lines} == {"challenge", "capability"}
    told = json.dumps([line.reasons for line in lines], ensure_ascii=False)
    assert "电池" in told and "绝密" not in told


def test_the_newest_word_about_a_pair_replaces_the_older(cast: Cast) -> None:
    battery()
    matches.refresh_changed()
    line = db.session.scalars(select(Match).where(Match.query_kind == "challenge", Match.rank == 1)).one()
    seeker, engineer = actor(cast.seeker), actor(cast.engineer)
    with pytest.raises(Invalid):
        matches.judge(line, False, None, "", seeker)
    reason = codes.DECLINE_REASONS
    matches.judge(line, False, next(iter(reason)), "太贵", seeker)
    matches.judge(line, True, None, "看错了", seeker)
    matches.judge(line, True, None, "", engineer)
    said = db.session.scalars(select(MatchFeedback).order_by(MatchFeedback.id)).all()
    assert [(row.user_id, row.useful, row.reason) for row in said] == [(cast.seeker.id, True, None), (cast.engineer.id, True, None)]
    with pytest.raises(Forbidden):
        matches.judge(line, True, None, "", PUBLIC)


def test_feedback_outlives_a_new_ranking(cast: Cast) -> None:
    battery()
    matches.refresh_changed()
    line = db.session.scalars(select(Match).where(Match.query_kind == "challenge", Match.rank == 1)).one()
    matches.judge(line, True, None, "", actor(cast.seeker))
    matches.rank_everything()
    assert db.session.query(MatchFeedback).count() == 1


def test_what_a_signed_in_person_was_shown_is_written_down_by_reading_the_page(cast: Cast, browser: Browser) -> None:
    challenge, electrolyte, _vaccine = battery()
    matches.refresh_changed()
    number, wanted, reader = challenge.id, ranked("challenge", challenge.id), cast.professor.id
    browser.see("challenges.detail", challenge_id=number)
    assert db.session.query(Impression).count() == 0, "nobody is followed who is not signed in"
    browser.sign_in(cast.professor)  # its commit ends this test's own write transaction
    browser.see("challenges.detail", challenge_id=number)
    db.session.rollback()
    shown = db.session.scalars(select(Impression).order_by(Impression.rank)).all()
    assert [(row.rank, row.item_id) for row in shown] == list(enumerate(wanted, 1))
    assert wanted[0] == electrolyte.id
    assert {(row.user_id, row.query_kind, row.query_id, row.item_kind) for row in shown} == {(reader, "challenge", number, "capability")}


def test_ranking_holds_no_lock_so_that_people_can_write_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = ChallengeFactory(published=True).id
    CapabilityFactory(published=True)
    engine = engines.engine()
    plain, written = engine.rank, []

    def rank_while_somebody_writes(*args: Any, **more: Any) -> Any:
        with database.journal() as session:
            session.add(AccessLog(at=clock.now(), act="write", detail="meanwhile"))
        written.append(1)
        return plain(*args, **more)

    monkeypatch.setattr(engine, "rank", rank_while_somebody_writes)
    database.release()
    matches.rank_everything()
    assert written and ranked("challenge", listing)


def told() -> list[tuple[object, ...]]:
    """Return every stored line with its reasons, in order."""
    columns = (Match.query_kind, Match.query_id, Match.rank, Match.item_id, Match.score, Match.reasons)
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(*columns[:3]))]


def test_rankings_are_the_same_whether_written_one_by_one_or_together(monkeypatch: pytest.MonkeyPatch) -> None:
    battery()
    for number in range(4):
        search.refresh(CapabilityFactory(published=True, title=f"低温电解液配方（{number}）"))
    monkeypatch.setattr(matches, "BATCH", 1)
    matches.rank_everything()
    one_by_one = told()
    monkeypatch.setattr(matches, "BATCH", 32)
    with counted() as statements:
        matches.rank_everything()
    assert told() == one_by_one != []
    assert len([one for one in statements if one.startswith("DELETE")]) == 2, "one of each kind"


def test_a_change_of_one_listing_embeds_that_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _challenge, electrolyte, _vaccine = battery()
    matches.refresh_changed()
    asked: list[list[int]] = []
    plain = documents.of_kind
    monkeypatch.setattr(documents, "of_kind", lambda kind, ids=None: asked.append(list(ids or ["all"])) or plain(kind, ids))
    put(electrolyte, "published")
    matches.refresh_changed()
    assert asked and ["all"] not in asked


def test_the_reach_of_a_change_is_found_without_reasons() -> None:
    challenge, electrolyte, _vaccine = battery()
    engine = engines.engine()
    query = documents.of_kind("challenge", [challenge.id])[0]
    hits = engine.rank(query, among={electrolyte.id}, k=5, on=clock.today())
    assert engine.scored(query, 5, among={electrolyte.id}, on=clock.today()) == [(hit.id, hit.score) for hit in hits] != []


def test_lines_carry_the_elements_of_the_challenge_whichever_side_is_ranked() -> None:
    challenge, electrolyte, _vaccine = battery()
    matches.refresh_changed()
    of_pair = [
        line.elements
        for line in db.session.scalars(select(Match).order_by(Match.query_kind))
        if {(line.query_kind, line.query_id), (line.item_kind, line.item_id)}
        == {("challenge", challenge.id), ("capability", electrolyte.id)}
    ]
    assert len(of_pair) == 2 and of_pair[0] == of_pair[1] != []
    told = {one["text"] for one in of_pair[0]}
    assert any("电池包" in text for text in told), told
    assert all(one["sentence"] in electrolyte.summary or one["sentence"] in electrolyte.title for one in of_pair[0])


def test_a_pair_that_stays_keeps_its_number() -> None:
    battery()
    matches.refresh_changed()
    numbers = {(line.query_kind, line.query_id, line.item_id): line.id for line in db.session.scalars(select(Match))}
    search.refresh(CapabilityFactory(published=True, title="低温电解液配方"))
    matches.refresh_changed()
    again = {(line.query_kind, line.query_id, line.item_id): line.id for line in db.session.scalars(select(Match))}
    assert numbers.items() <= again.items() and len(again) > len(numbers)


def test_the_best_of_each_kind_is_kept_behind_the_first_twelve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked_lists, "LENGTH", 3)
    challenge = ChallengeFactory(published=True)
    results = [CapabilityFactory(published=True, title=f"低温电解液提升电池包冬天续航（{number}）") for number in range(4)]
    chamber = CapabilityFactory(published=True, kind="equipment", title="电池试验箱", summary="电池环境试验。")
    for listing in (challenge, *results, chamber):
        search.refresh(listing)
    matches.refresh_changed()
    assert ranked("challenge", challenge.id)[-1] == chamber.id and len(ranked("challenge", challenge.id)) == 4


def test_a_list_does_not_begin_with_three_of_one_organisation() -> None:
    challenge, electrolyte, _vaccine = battery()
    other = CapabilityFactory(published=True, title="车用暖风机", summary="客户冬天车里冷，暖风机省电。")
    search.refresh(other)
    owner = db.session.get_one(Organisation, electrolyte.organisation_id)
    for number in range(2):
        twin = {"title": f"{electrolyte.title}{number}", "summary": electrolyte.summary}
        search.refresh(CapabilityFactory(published=True, organisation=owner, **twin))
    matches.refresh_changed()
    assert other.id in ranked("challenge", challenge.id)[:3]
