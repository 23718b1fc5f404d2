"""Files of a contract: keep one as it came, with its hash; take one away before the registration. Nobody has to keep any."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete

from market.actions import history
from market.db import transaction
from market.domain import attachments as rules
from market.domain.contract_terms import FILE_KINDS
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.models import Attachment, Contract
from market.queries import contract_files as queries
from market.queries.visit_files import VisitFile

KEPT_AFTER = ("registered", "cancelled")  # states in which a file stands behind what was registered


def add(contract: Contract, kind: str, filename: str, content: bytes, actor: Actor) -> Attachment:
    """Keep a file with a contract; `kind` is one of FILE_KINDS.

    Raises Forbidden, Invalid (kind, content that is not what the name says, structure, size) beside `file` or `kind`.
    """
    demand(actor, P.EDIT_CONTRACT, contract.subject)
    if kind not in FILE_KINDS:
        raise Invalid({"kind": "请选择这是什么文件"})
    name, media_type = rules.inspect(filename, content)
    with transaction() as session:
        own, of_all = queries.sizes(contract.id, actor.organisation_id)
        if own + len(content) > rules.SUBJECT_LIMIT:
            raise Invalid({"file": "一份合同的文件合计不超过 100 MB"})
        if of_all + len(content) > rules.ORGANISATION_LIMIT:
            raise Invalid({"file": "本单位上传的合同文件合计不超过 1 GB"})
        digest = hashlib.sha256(content).hexdigest()
        attachment = Attachment(
            subject_kind=kind, subject_id=contract.id, name=name, media_type=media_type, size=len(content), sha256=digest,
            content=content, by_id=actor.id, is_sample=contract.is_sample,
        )  # fmt: skip
        session.add(attachment)
        session.flush()
        detail = {"kind": kind, "name": name, "sha256": digest, "size": len(content)}
        history.record("contract", contract.id, "attach", actor, detail=detail, is_sample=contract.is_sample)
        return attachment


def remove(contract: Contract, file: VisitFile, actor: Actor) -> None:
    """Take a file away; the history keeps its name and hash. Raises Forbidden, IllegalStep once the contract is registered."""
    demand(actor, P.EDIT_CONTRACT, contract.subject)
    if contract.state in KEPT_AFTER:
        raise IllegalStep("登记之后，合同的文件不再删去；有更正请另传一份")
    with transaction() as session:
        session.execute(delete(Attachment).where(Attachment.id == file.row.id))
        detail = {"name": file.row.name, "sha256": file.row.sha256}
        history.record("contract", contract.id, "detach", actor, detail=detail, is_sample=contract.is_sample)
