"""A large invented market in a temporary database: every text is put together from sentences of the sample data."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from config import ROOT
from market.actions import search
from market.db import db, transaction
from market.domain import clock, codes
from market.matching import index_terms
from market.models import (
    Capability,
    Challenge,
    Consent,
    Contract,
    IndexChange,
    Indicator,
    Match,
    Organisation,
    User,
    UserRole,
    UserSession,
)
from market.queries import settings
from market.queries.accounts import token_hash

CHALLENGES, CAPABILITIES, CONTRACTS = 10_000, 20_000, 5_000
ENTERPRISES, INSTITUTES = 400, 120
LINES = 12  # of a stored ranking, as the worker keeps them
RANKED = 200  # challenges, and as many capabilities, with a stored ranking: those whose pages are measured
_BATCH = 1_000
_REGIONS = ("310107", "310115", "310112", "320100", "320200", "320400", "320500", "320600", "321100", "321200")
_SEED = random.Random(20_260)  # noqa: S311


class Sentences:
    """The sentences of one kind of sample listing with their search terms, cut once and used many times."""

    def __init__(self, folder: str, columns: Sequence[str]) -> None:
        files = sorted((ROOT / "seed_data" / folder).glob("*.jsonl"))
        self.lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf8").splitlines()]
        texts = [str(line.get(column) or "") for line in self.lines for column in columns]
        self.sentences = [part + "。" for value in texts for part in value.split("。") if len(part) > 8]
        self._terms = {sentence: index_terms(sentence).split() for sentence in self.sentences}

    def draw(self, count: int) -> str:
        """Return `count` sentences from anywhere."""
        return "".join(_SEED.choices(self.sentences, k=count))

    def terms(self, *texts: str) -> str:
        """Return the search terms of texts drawn here, each once."""
        found: dict[str, None] = {}
        for value in texts:
            for sentence in value.split("。"):
                found.update(dict.fromkeys(self._terms.get(sentence + "。", ())))
        return " ".join(found)


def fill() -> str:
    """Fill the empty database and return the token of a signed-in leader's session."""
    _organisations()
    _challenges()
    _capabilities()
    _contracts()
    _rankings()
    with transaction() as session:
        session.execute(text("ANALYZE"))
    return _leader()


def _put(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            _write(model, batch)
            batch = []
    _write(model, batch)


def _write(model: Any, batch: list[dict[str, Any]]) -> None:
    if batch:
        with transaction() as session:
            session.execute(insert(model), batch)


def _organisations() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1, ENTERPRISES + INSTITUTES + 1):
            kind = "enterprise" if number <= ENTERPRISES else "institute"
            yield {
                "id": number, "kind": kind, "name": f"{'企业' if kind == 'enterprise' else '研究院'}{number:04d}", "state": "verified",
                "region": _SEED.choice(_REGIONS), "verified_at": clock.now(), "track": "新能源", "field": "06",
            }  # fmt: skip
        yield {"id": 1000, "kind": "commission", "name": "测量用科委", "state": "verified", "region": "310107", "verified_at": clock.now()}

    _put(Organisation, rows())


def _index(rows: list[dict[str, Any]]) -> None:
    with transaction() as session:
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            search.put_terms(part[0]["kind"], {row["item_id"]: row["terms"] for row in part})
        changes = [{"kind": row["kind"], "item_id": row["item_id"], "at": clock.now()} for row in rows]
        session.execute(insert(IndexChange), changes)


def _challenges() -> None:
    sentences, now, terms = Sentences("challenges", ("pain", "background", "tried")), clock.now(), []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1, CHALLENGES + 1):
            line, pain, background = _SEED.choice(sentences.lines), sentences.draw(4), sentences.draw(3)
            live = number <= RANKED or _SEED.random() < 0.6
            terms.append(
                {"kind": "challenge", "item_id": number, "terms": f"{index_terms(line['title'])} {sentences.terms(pain, background)}"}
            )
            yield {
                "id": number, "organisation_id": _SEED.randint(1, ENTERPRISES), "title": f"{line['title']}（{number}）"[:120], "pain": pain,
                "background": background, "tried": sentences.draw(2), "field": line["field"], "track": line["track"],
                "need_type": line["need_type"], "region": _SEED.choice(_REGIONS), "budget_stated": True,
                "budget_fen": _SEED.randint(10, 500) * 1_000_000, "period_months": 12, "modes": ";".join(line["modes"]),
                "procedure": "negotiated", "state": "published" if live else "completed", "no_secrets": True,
                "published_at": now - timedelta(minutes=number * 20), "valid_until": clock.today() + timedelta(days=90),
            }  # fmt: skip

    _put(Challenge, rows())
    _index(terms)
    shapes = [row for line in sentences.lines for row in line["indicators"]]
    wanted = ("name", "present", "target", "unit", "method")

    def indicators() -> Iterator[dict[str, Any]]:
        for number in range(1, CHALLENGES + 1):
            for position in range(4):
                shape = _SEED.choice(shapes)
                yield {"challenge_id": number, "position": position, **{name: str(shape.get(name) or "")[:30] for name in wanted}}

    _put(Indicator, indicators())


def _capabilities() -> None:
    sentences, now, terms = Sentences("capabilities", ("summary", "problem", "advantages", "conditions")), clock.now(), []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1, CAPABILITIES + 1):
            line, summary, advantages = _SEED.choice(sentences.lines), sentences.draw(3), sentences.draw(1)
            terms.append(
                {"kind": "capability", "item_id": number, "terms": f"{index_terms(line['title'])} {sentences.terms(summary, advantages)}"}
            )
            yield {
                "id": number, "organisation_id": ENTERPRISES + _SEED.randint(1, INSTITUTES), "title": f"{line['title']}（{number}）"[:120],
                "kind": line["kind"], "summary": summary, "problem": sentences.draw(1), "advantages": advantages, "field": line["field"],
                "track": line["track"], "region": _SEED.choice(_REGIONS), "stage": line["stage"], "modes": ";".join(line["modes"]),
                "price_stated": True, "price_fen": _SEED.randint(10, 900) * 1_000_000, "disclosable": True, "state": "published",
                "published_at": now - timedelta(minutes=number * 10), "confirmed_on": clock.today() - timedelta(days=number % 200),
            }  # fmt: skip

    _put(Capability, rows())
    _index(terms)


def _contracts() -> None:
    today = clock.today()

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1, CONTRACTS + 1):
            signed = today - timedelta(days=_SEED.randint(0, 900))
            amount = _SEED.randint(5, 800) * 1_000_000
            registered = min(today, signed + timedelta(days=_SEED.randint(5, 60)))
            yield {
                "id": number, "title": f"技术合同 {number}", "type": _SEED.choice(("KF", "ZR", "XK", "ZX", "FW")), "amount_fen": amount,
                "technical_amount_fen": amount * 4 // 5, "field": _SEED.choice(tuple(codes.FIELDS)), "state": "registered",
                "signed_on": signed, "registered_on": registered, "registration_number": f"{registered.year}310107{number:06d}",
                "seller_id": ENTERPRISES + _SEED.randint(1, INSTITUTES), "seller_name": "卖方", "seller_region": _SEED.choice(_REGIONS),
                "buyer_id": _SEED.randint(1, ENTERPRISES), "buyer_name": "买方", "buyer_region": _SEED.choice(_REGIONS),
                "seller_kind": "institute", "buyer_kind": "enterprise", "seller_facts": {}, "buyer_facts": {},
            }  # fmt: skip

    _put(Contract, rows())


def _rankings() -> None:
    sentences = Sentences("capabilities", ("summary",))
    labels = (("meaning", "意思相近"), ("phrase", "共同的说法"), ("field", "同一领域"), ("stage", "阶段合适"))

    sides = (("challenge", "capability", CAPABILITIES), ("capability", "challenge", CHALLENGES))

    def rows() -> Iterator[dict[str, Any]]:
        for kind, other, many in sides:
            yield from lines(kind, other, many)

    def lines(kind: str, other: str, many: int) -> Iterator[dict[str, Any]]:
        for number in range(1, RANKED + 1):
            for rank, item in enumerate(_SEED.sample(range(1, many + 1), LINES), 1):
                reasons = [{"kind": "best", "label": "", "strength": 0, "left": "", "right": "", "sentence": sentences.draw(1)}]
                reasons += [
                    {"kind": kind, "label": label, "strength": 0.2, "left": "低温", "right": "低温界面", "sentence": sentences.draw(1)}
                    for kind, label in labels
                ]
                yield {
                    "query_kind": kind, "query_id": number, "item_kind": other, "item_id": item, "rank": rank,
                    "score": 0.9 - rank / 50, "reasons": reasons, "engine_version": "benchmark", "computed_at": clock.now(),
                }  # fmt: skip

    _put(Match, rows())


def _leader() -> str:
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with transaction() as session:
        leader = User(name="测量", email="bench@example.org", email_confirmed_at=now, organisation_id=1000)
        session.add(leader)
        session.flush()
        session.add(UserRole(user_id=leader.id, role="leader"))
        in_force = settings.MarketSettings()
        for document, version in (("terms", in_force.terms_version), ("privacy", in_force.privacy_version)):
            session.add(Consent(user_id=leader.id, document=document, document_version=version, text_hash="0" * 64, at=now))
        session.add(UserSession(token_hash=token_hash(token), user_id=leader.id, created_at=now, seen_at=now, totp_at=now))
    db.session.remove()
    return token


def change(turn: int) -> None:
    """Save one challenge, one capability and one contract again, as an action would: whatever was remembered is void."""
    with transaction() as session:
        number = turn % RANKED + 1
        for listing in (session.get_one(Challenge, number), session.get_one(Capability, number)):
            listing.title = listing.title.rstrip("·") + "·" * (turn % 2)
            search.refresh(listing)
        contract = session.get_one(Contract, turn % CONTRACTS + 1)
        contract.amount_fen += 1
    db.session.remove()


def database_size(folder: Path) -> float:
    """Return the size of the database in MB."""
    return sum(file.stat().st_size for file in folder.glob("market.db*")) / 1_000_000
