"""What people made of the matches: judged pairs for tuning the engine's weights."""

from __future__ import annotations

from sqlalchemy import select

from market.db import db
from market.matching import Document
from market.models import Contact, Contract, MatchFeedback
from market.queries import documents

CONTACT, CONTRACT = 1.0, 2.0
"""An accepted contact says that a pair fits in part, a contract that it fits; opening a page says nothing."""
ACCEPTED = ("accepted", "contracted")

Outcomes = tuple[list[Document], list[Document], dict[int, dict[int, float]]]
"""Challenges, capabilities, and challenge → capability → grade."""


def outcomes() -> Outcomes:
    """Return what was said (有用 1, 不合适 0) and done about pairs of public listings; sample rows teach nothing."""
    grades: dict[int, dict[int, float]] = {}

    def note(query_kind: str, query_id: int, item_id: int, grade: float) -> None:
        challenge, capability = (query_id, item_id) if query_kind == "challenge" else (item_id, query_id)
        row = grades.setdefault(challenge, {})
        row[capability] = max(grade, row.get(capability, 0.0))

    said = select(MatchFeedback).where(MatchFeedback.is_sample.is_(False))
    for word in db.session.scalars(said):
        note(word.query_kind, word.query_id, word.item_id, 1.0 if word.useful else 0.0)
    pairs = ((Contact, Contact.state.in_(ACCEPTED), CONTACT), (Contract, Contract.state != "draft", CONTRACT))
    for model, counts, grade in pairs:
        both = (model.challenge_id.is_not(None), model.capability_id.is_not(None), model.is_sample.is_(False), counts)
        for challenge_id, capability_id in db.session.execute(select(model.challenge_id, model.capability_id).where(*both)):
            note("challenge", challenge_id or 0, capability_id or 0, grade)
    challenges, capabilities = documents.challenges(grades), documents.capabilities()
    public = {document.id for document in capabilities}
    kept = {document.id: {i: g for i, g in grades[document.id].items() if i in public} for document in challenges}
    return challenges, capabilities, {challenge: row for challenge, row in kept.items() if row}
