"""Put the good rows of a checked batch into the market, in chunks of a thousand; take an untouched batch out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from market.actions import campaign_lists, history, import_ledger, jobs, search
from market.actions.import_check import CHUNK, Progress, in_market, keys
from market.db import db, reading, transaction
from market.domain import clock
from market.domain.contracts import party_kind
from market.domain.errors import IllegalStep
from market.domain.permissions import SYSTEM, Actor
from market.matching import index_terms
from market.models import (
    Adjustment,
    Bid,
    Capability,
    Challenge,
    Contact,
    Contract,
    Cooperation,
    Evidence,
    ImportBatch,
    ImportRow,
    IndexChange,
    Organisation,
    Payment,
)  # fmt: skip
from market.queries.claims import NOBODY

MODELS: dict[str, Any] = {
    "challenges": Challenge, "capabilities": Capability, "cooperations": Cooperation, "contracts": Contract, "organisations": Organisation,
    "registry": Contract, "candidates": Evidence, "ledger": Contract,
}  # fmt: skip
TEXTS = {  # the words of a row that search finds once it is a listing
    "challenges": ["title", "pain", "background", "requirements", "track"],
    "capabilities": ["title", "summary", "problem", "advantages", "team", "track"],
}


class _Overtaken(Exception):
    """A contract of the batch has come in from elsewhere since the check."""


def write_batch(batch_id: int, progress: Progress) -> None:
    """Write a confirmed batch. Listings chunk by chunk (it may be resumed); contracts in one transaction, all or nothing.

    What takes long (reading the market, cutting texts into words) is done before a transaction begins.
    """
    with reading():
        batch = db.session.get_one(ImportBatch, batch_id)
        if batch.state != "writing":
            return
        query = select(ImportRow.id).where(ImportRow.batch_id == batch_id, ImportRow.state == "good").order_by(ImportRow.number)
        ids = list(db.session.scalars(query))
        kind, indexed = batch.kind, batch.kind in TEXTS and batch.organisation_id is None
        known = in_market(kind)  # what came in since the check
        if kind == "ledger":
            known = import_ledger.known(batch.organisation_id)
    total = len(ids)
    chunks = [ids[start : start + CHUNK] for start in range(0, total, CHUNK)]
    if kind == "contracts":
        _write_all(batch_id, chunks, total, known)
        progress(total, total)
        return
    for position, chunk in enumerate(chunks):
        terms = _terms(kind, chunk) if indexed else {}
        with transaction():
            if kind == "registry":
                known = _registered(chunk)
            _write(batch_id, chunk, known, terms)
        done = min((position + 1) * CHUNK, total)
        progress(done, total)
    if kind == "ledger":
        import_ledger.apply(batch_id)
    _finish(batch_id)


def _write_all(batch_id: int, chunks: Sequence[Sequence[int]], total: int, known: set[tuple[str, ...]]) -> None:
    """Write everything or nothing; a contract that came in meanwhile leaves the batch failed with the reason."""
    try:
        with transaction():
            for chunk in chunks:
                _write(batch_id, chunk, known, {})
            if db.session.get_one(ImportBatch, batch_id).done != total:
                raise _Overtaken
            _finish(batch_id)
    except (IntegrityError, _Overtaken):
        with transaction() as session:
            batch = session.get_one(ImportBatch, batch_id)
            batch.state, batch.message = "failed", "检查之后已有相同的合同入库，整批没有导入，请重新上传"


def _finish(batch_id: int) -> None:
    with transaction() as session:
        batch = session.get_one(ImportBatch, batch_id)
        batch.state, batch.written_at, batch.content = "written", clock.now(), None
        history.record("import", batch_id, "import", SYSTEM, to_state="written", detail={"rows": batch.done, "file": batch.file_name})
        if MODELS[batch.kind] is Contract:
            jobs.enqueue("find_duplicates", {"batch_id": batch_id}, batch.by_id)


def _registered(ids: Sequence[int]) -> set[tuple[str, ...]]:
    """Return the keys of staged rows whose number has come into the market since the check."""
    numbers = [values["number"] for values in db.session.scalars(select(ImportRow.values).where(ImportRow.id.in_(ids)))]
    query = select(Contract.registration_number).where(Contract.registration_number.in_(numbers))
    return {("number", str(number)) for number in db.session.scalars(query)}


def _terms(kind: str, ids: Sequence[int]) -> dict[int, str]:
    """Return the search terms of staged rows by the row's id."""
    with reading():
        rows = db.session.execute(select(ImportRow.id, ImportRow.values).where(ImportRow.id.in_(ids))).all()
    texts = {row.id: {name: row.values.get(name) or "" for name in TEXTS[kind]} for row in rows}
    return {number: index_terms(search.words_of(MODELS[kind](**words))) for number, words in texts.items()}


def _write(batch_id: int, ids: Sequence[int], known: set[tuple[str, ...]], terms: Mapping[int, str]) -> None:
    batch = db.session.get_one(ImportBatch, batch_id)
    rows = list(db.session.scalars(select(ImportRow).where(ImportRow.id.in_(ids)).order_by(ImportRow.id)))
    late = {row.id for row in rows if known.intersection(keys(batch.kind, row.values))}
    for row in rows:
        if row.id in late:
            row.state, row.errors = "duplicate", {"row": "重复：检查之后已有同样的一行入库"}
    rows = [row for row in rows if row.id not in late]
    if not rows:
        return
    if batch.kind == "candidates":
        made = campaign_lists.take_rows(batch, [dict(row.values) for row in rows])
        db.session.execute(
            update(ImportRow), [{"id": row.id, "state": "written", "item_id": item} for row, item in zip(rows, made, strict=True)]
        )
        batch.done = batch.done + len(made)
        return
    model = MODELS[batch.kind]
    owners = _owners(batch, rows)
    records = [_record(batch, dict(row.values), owners) for row in rows]
    made = list(db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), records))
    db.session.execute(
        update(ImportRow), [{"id": row.id, "state": "written", "item_id": item} for row, item in zip(rows, made, strict=True)]
    )
    if terms:
        _index(batch.kind, {item: terms[row.id] for row, item in zip(rows, made, strict=True)})
    batch.done = batch.done + len(made)


def write_rows(batch_id: int, ids: Sequence[int]) -> None:
    """Write these rows of the registry's list as new contracts; nests in the caller's transaction."""
    _write(batch_id, ids, _registered(ids), {})


def _index(kind: str, made: Mapping[int, str]) -> None:
    """Write the new listings' search terms and the change log, as search.refresh does for one."""
    word = "challenge" if kind == "challenges" else "capability"
    search.put_terms(word, made)
    db.session.execute(insert(IndexChange), [{"kind": word, "item_id": item, "at": clock.now()} for item in made])


def _forget(word: str, ids: Sequence[int]) -> None:
    """Take deleted listings out of the index, as search.forget does for one."""
    search.drop_terms(word, ids)
    if ids:
        db.session.execute(insert(IndexChange), [{"kind": word, "item_id": item, "at": clock.now()} for item in ids])


def _owners(batch: ImportBatch, rows: Sequence[ImportRow]) -> dict[str, Organisation]:
    """Return the organisations that the rows name; an unknown one is made once, 待认领, and kept by the commission."""
    if batch.kind in ("contracts", "registry"):
        names = {row.values[f"{side}_name"] for row in rows for side in ("seller", "buyer")}
        found = db.session.scalars(select(Organisation).where(Organisation.name.in_(names), Organisation.state == "verified"))
        return {one.name: one for one in found}
    if batch.kind == "ledger":
        return import_ledger.owners(batch, [row.values for row in rows])
    if batch.kind not in ("challenges", "capabilities"):
        return {}
    wanted = {row.values["organisation"]: row.values["region"] for row in rows}
    owners = {one.name: one for one in db.session.scalars(select(Organisation).where(Organisation.name.in_(wanted)))}
    for name, region in wanted.items():
        if name not in owners:
            kind = "enterprise" if batch.kind == "challenges" else "institute"
            owners[name] = Organisation(
                kind=kind, name=name, region=region, state="unclaimed", profile="" if name != NOBODY else "导入时没有注明单位"
            )
            db.session.add(owners[name])
    db.session.flush()
    return owners


def _record(batch: ImportBatch, values: dict[str, Any], owners: dict[str, Organisation]) -> dict[str, Any]:
    if batch.kind in ("contracts", "registry"):
        return _contract(batch, values, owners)
    if batch.kind == "ledger":
        return import_ledger.record(batch, values, owners)
    if batch.kind == "cooperations":
        return {**_known(values, "title party_a party_b region content expected_fen status"), "batch_id": batch.id}
    if batch.kind == "organisations":
        return {"kind": values.get("kind") or "enterprise", "state": "unclaimed",
                **_known(values, "name region credit_code field track address phone profile")}  # fmt: skip
    now = clock.now()
    record = {
        "organisation_id": batch.organisation_id or owners[values["organisation"]].id, "author_id": batch.by_id,
        **({"state": "published", "published_at": now} if batch.organisation_id is None else {"state": "draft"}),
    }  # fmt: skip
    if batch.kind == "challenges":
        fen = values.get("budget_fen")
        record |= {"budget_fen": fen, "budget_max_fen": fen, "budget_stated": fen is not None}
        return record | _known(values, "title region field track pain background requirements contact_name contact_phone")
    fen = values.get("price_fen")
    record |= {"price_fen": fen, "price_stated": fen is not None, "stage": values.get("stage")}
    return record | _known(values, "title region field track summary problem advantages team contact_name contact_phone")


def _known(values: dict[str, Any], names: str) -> dict[str, Any]:
    """Return these values; a text that was left empty stays empty text, a code or amount stays unknown."""
    empty: dict[str, Any] = dict.fromkeys(["region", "field", "track", "expected_fen", "credit_code", "address", "phone"])
    return {
        name: values.get(name) if values.get(name) is not None else empty.get(name, "" if name not in empty else None)
        for name in names.split()
    }


def _contract(batch: ImportBatch, values: dict[str, Any], owners: dict[str, Organisation]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "source": "registry", "batch_id": batch.id, "author_id": batch.by_id, "title": values["title"], "type": values["type"],
        "subtype": values.get("subtype") or "", "field": values.get("field"), "ip_type": values.get("ip_type") or "",
        "amount_fen": values["amount_fen"], "technical_amount_fen": values.get("technical_amount_fen"),
        "signed_on": date.fromisoformat(values["signed_on"]), "registration_number": values.get("number"),
        "registered_on": date.fromisoformat(values["registered_on"]) if values.get("registered_on") else None,
        "state": "registered" if values.get("number") else "signed",
    }  # fmt: skip
    if batch.kind == "registry":
        record |= _more(values)
    for side in ("seller", "buyer"):
        name, code = values[f"{side}_name"], values.get(f"{side}_code")
        facts = {name: said for name, said in (("credit_code", code), ("nature", values.get(f"{side}_nature"))) if said}
        owner = owners.get(name)
        record |= {f"{side}_id": owner.id if owner else None, f"{side}_name": name, f"{side}_region": values[f"{side}_region"],
                   f"{side}_facts": facts, f"{side}_kind": party_kind(name, facts)}  # fmt: skip
    return record


def _more(values: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that only the registry's list has, each at the model's default where the list is silent."""
    days = {name: date.fromisoformat(values[name]) if values.get(name) else None for name in ("starts_on", "ends_on")}
    return days | {
        "registry_office": values.get("registry_office") or "", "plan_source": values.get("plan_source") or "",
        "goal_code": values.get("goal_code") or "industry", "payment_mode": values.get("payment_mode") or "once",
        "industry": values.get("industry"),
    }  # fmt: skip


def undo(batch_id: int, actor: Actor) -> tuple[int, int]:
    """Delete what a batch wrote and nobody has touched since; return (deleted, kept). The caller checks the permission."""
    with transaction() as session:
        batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
        if batch.state != "written":
            raise IllegalStep("只有已导入的批次可以撤销")
        query = select(ImportRow.item_id).where(ImportRow.batch_id == batch_id, ImportRow.state == "written")
        made = [item for item in session.scalars(query) if item is not None]
        deleted = 0
        for start in range(0, len(made), CHUNK):
            deleted += _delete(batch.kind, made[start : start + CHUNK])
        batch.state, batch.undone_at = "undone", clock.now()
        batch.message = f"撤销了 {deleted} 行，保留 {len(made) - deleted} 行（已有人改过或用到）"
        history.record("import", batch_id, "undo", actor, from_state="written", to_state="undone", detail={"rows": deleted})
        return deleted, len(made) - deleted


def _delete(kind: str, ids: Sequence[int]) -> int:
    if kind == "candidates":
        return campaign_lists.give_back(ids)
    kind = "contracts" if kind in ("registry", "ledger") else kind
    model = MODELS[kind]
    used: set[int] = set()
    uses: dict[str, list[Any]] = {
        "challenges": [Contact.challenge_id, Bid.challenge_id, Contract.challenge_id], "capabilities": [Contact.capability_id, Contract.capability_id],
        "contracts": [Payment.contract_id, Adjustment.contract_id, Contract.parent_id],
        "organisations": [Challenge.organisation_id, Capability.organisation_id, Contract.seller_id, Contract.buyer_id],
    }  # fmt: skip
    for column in uses.get(kind, []):
        used |= set(db.session.scalars(select(column).where(column.in_(ids))))
    query = select(model.id).where(model.id.in_(ids))
    if hasattr(model, "version"):
        query = query.where(model.version == 1)
    if kind == "organisations":
        query = query.where(or_(model.state == "unclaimed", model.state == "pending"))
    free = [item for item in db.session.scalars(query) if item not in used]
    if kind in ("challenges", "capabilities"):
        word = "challenge" if kind == "challenges" else "capability"
        _forget(word, free)
    db.session.execute(delete(model).where(model.id.in_(free)).execution_options(synchronize_session=False))
    return len(free)
