"""A contact in words for its page: what happened, and where it may lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from market.domain import clock, codes, money
from market.domain.contacts import CONTACT
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import Contact, HistoryEntry
from market.queries.attachments import FileRow

_STEPS = {step.name: step.label for step in CONTACT.steps} | {"ask": "发起对接", "introduce": "引荐双方", "expect": "填写意向金额"}
_TONES = {"accept": "done", "contract": "done"}


def timeline(
    contact: Contact, entries: Iterable[HistoryEntry], met: bool, files: Mapping[int, Sequence[FileRow]] | None = None
) -> list[dict[str, Any]]:
    """Return the steps and the dated lines together, oldest first; persons are named once both sides have met."""
    told: list[dict[str, Any]] = [
        {
            "at": entry.at,
            "title": _STEPS.get(entry.step, entry.step),
            "who": _who(contact, entry, met),
            "note": _note(entry),
            "tone": _TONES.get(entry.step),
        }
        for entry in entries
        if entry.step not in {"note", "attach"}
    ]
    told += [
        {
            "at": clock.start_of_day(line.happened_on),
            "title": codes.label("contact_line_kind", line.kind),
            "who": line.by_name,
            "note": line.text,
            "day_only": True,
            "files": [
                {
                    "name": file.name,
                    "size": file.size,
                    "href": url_for("contacts.download", contact_id=contact.id, attachment_id=file.id),
                }
                for file in (files or {}).get(line.id, ())
            ],
            "tone": None,
        }
        for line in contact.lines
    ]
    return sorted(told, key=lambda row: clock.local(row["at"]).date())


def _who(contact: Contact, entry: HistoryEntry, met: bool) -> str:
    words = {contact.seeker_id: "需求方", contact.provider_id: "供给方"}
    side = words.get(entry.organisation_id or 0) or ("引荐人" if entry.step == "introduce" else "工作人员")
    return f"{side} {entry.actor_name}" if met or entry.step == "introduce" else side


def _note(entry: HistoryEntry) -> str:
    if entry.step == "expect":
        fen = (entry.detail or {}).get("to")
        return f"意向 {money.wan(fen)}" if fen is not None else "取消意向金额"
    return entry.reason or ""


def bid_link(contact: Contact, actor: Actor) -> str | None:
    """Return where the provider writes a bid, while the challenge competes."""
    challenge = contact.challenge
    if challenge is None or challenge.procedure != "open_call" or challenge.phase not in {"open", "closing"}:
        return None
    if actor.organisation_id != contact.provider_id or not may(actor, P.CREATE_BID):
        return None
    return url_for("bids.create", challenge_id=challenge.id)
