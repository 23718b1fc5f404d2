"""Lists of organisations that may have unregistered contracts, on their way into a campaign: candidates with a line of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, select

from market.db import db
from market.domain.campaigns import candidate_key
from market.models import Call, Candidate, Evidence, ImportBatch, Organisation


def take_rows(batch: ImportBatch, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Write a line of evidence for each row and the candidates it names; return the ids of the evidence, in order.

    Nests in the caller's transaction. A line that the candidate has already gives the id of that one.
    """
    campaign_id, signal = int(batch.options["campaign_id"]), str(batch.options["signal"])
    found = candidates_of(campaign_id, [(row["name"], row.get("credit_code")) for row in rows], batch.is_sample)
    for one in found.values():
        if one.id is None:  # new with this list: it goes again if the list is taken out
            one.batch_id = batch.id
    made: list[int] = []
    for row in rows:
        one = found[candidate_key(row["name"], row.get("credit_code"))]
        one.contact_name = one.contact_name or (row.get("contact_name") or "")
        one.contact_phone = one.contact_phone or (row.get("contact_phone") or "")
        db.session.flush()
        made.append(_line(batch, one, signal, row))
    return made


def _line(batch: ImportBatch, candidate: Candidate, signal: str, row: Mapping[str, Any]) -> int:
    key = f"{row.get('on') or ''} {row['text']}"[:120]
    query = select(Evidence.id).where(Evidence.candidate_id == candidate.id, Evidence.signal == signal, Evidence.key == key)
    known = db.session.scalar(query)
    if known is not None:
        return known
    line = Evidence(
        candidate_id=candidate.id, signal=signal, key=key, text=row["text"], amount_fen=row.get("amount_fen"), batch_id=batch.id,
        on=date.fromisoformat(row["on"]) if row.get("on") else None, source=row.get("source") or batch.file_name, is_sample=batch.is_sample,
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    return line.id


def candidates_of(campaign_id: int, named: Sequence[tuple[str, str | None]], is_sample: bool = False) -> dict[str, Candidate]:
    """Return a campaign's candidates by key for these (name, credit code), made where they are new (not flushed yet).

    An organisation of the market is found by its code, else by its name; its code then is the candidate's too.
    """
    wanted = {candidate_key(name, code): (name, code) for name, code in named}
    names, codes = {name for name, _ in named}, {code for _, code in named if code}
    query = select(Organisation).where(Organisation.name.in_(names) | Organisation.credit_code.in_(codes))
    organisations = list(db.session.scalars(query))
    by_code = {one.credit_code: one for one in organisations if one.credit_code}
    by_name = {one.name: one for one in organisations}
    found = {one.key: one for one in db.session.scalars(select(Candidate).where(Candidate.campaign_id == campaign_id))}
    result: dict[str, Candidate] = {}
    for asked, (name, code) in wanted.items():
        known = (by_code.get(code) if code else None) or by_name.get(name)
        key = candidate_key(name, code or (known.credit_code if known else None))
        if key not in found:
            found[key] = Candidate(
                campaign_id=campaign_id, key=key, name=known.name if known else name, credit_code=code or (known.credit_code if known else None),
                organisation_id=known.id if known else None, is_sample=is_sample, contact_name="", contact_phone="",
            )  # fmt: skip
            db.session.add(found[key])
        result[asked] = found[key]
    return result


def give_back(ids: Sequence[int]) -> int:
    """Delete lines of evidence that a list brought, and the candidates that only it named and nobody has worked; return how many lines."""
    candidates = set(db.session.scalars(select(Evidence.candidate_id).where(Evidence.id.in_(ids))))
    gone = db.session.execute(delete(Evidence).where(Evidence.id.in_(ids)).returning(Evidence.id)).all()
    untouched = (
        Candidate.id.in_(candidates), Candidate.state == "new", Candidate.batch_id.is_not(None),
        ~exists(select(Evidence.id).where(Evidence.candidate_id == Candidate.id)), ~exists(select(Call.id).where(Call.candidate_id == Candidate.id)),
    )  # fmt: skip
    db.session.execute(delete(Candidate).where(*untouched).execution_options(synchronize_session=False))
    return len(gone)
