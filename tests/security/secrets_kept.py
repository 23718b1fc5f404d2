"""Words that only some may read, planted in the market; whoever else is shown one, on whatever page, is told too much."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from sqlalchemy import update
from werkzeug.test import TestResponse

from market.db import db
from market.models import Attachment, Challenge, Contract, Organisation
from tests import bidding
from tests.security import declared
from tests.security.world import SEALED, World

NAME = "金丝雀匿名电池厂"
PERSON, PHONE, FILE = "金联络", "13912345678", "金丝雀匿名电池厂的工艺说明.pdf"
DEAL, AMOUNT = "金丝雀保密合同", 98_765_432_100  # 分: 98,765.4321 万元


@dataclass(frozen=True)
class Secret:
    """A secret: the words by which it shows, who may read it, and the pages that are allowed to say it for a stated reason."""

    what: str
    words: tuple[str, ...]
    known: frozenset[str]
    pages: frozenset[tuple[str, str]] = frozenset()


def _people(words: str) -> frozenset[str]:
    return frozenset(words.split())


INSIDE = _people(f"{declared.OWNER} {declared.READERS}")
MET = INSIDE | _people(declared.MAKER)  # the institute has met the enterprise: a contact was accepted, bids opened, contracts made
# The office sends mails to members of organisations and reads to whom; a mail never says which challenge is whose.
OUTBOX = frozenset({("sysadmin", "accounts.outbox"), ("sysadmin", "accounts.take_message")})
SECRETS: list[Secret] = [
    Secret("the poster's name", (NAME,), MET, OUTBOX),
    Secret("the poster's contact", (PERSON, PHONE), MET),
    Secret("the name of a file", (FILE, "金丝雀匿名电池厂的工艺"), MET),
    Secret("what a sealed bid says", (SEALED,), frozenset({"tto", "professor", "stranger", "rival"})),
    Secret("what an opened bid says", (bidding.CANARY,), MET),
    Secret("a contract", (DEAL, "98,765.43", "98765.43"), MET),
]


def plant(world: World) -> None:
    """Write the secrets into the market that has been built under NAME."""
    own = Challenge.organisation_id == world.cast.enterprise.id
    code = db.session.get_one(Organisation, world.cast.enterprise.id).credit_code
    SECRETS[:] = [one for one in SECRETS if one.what != "the poster's credit code"]
    SECRETS.append(Secret("the poster's credit code", (str(code),), MET))
    between = Contract.id.in_(list(world.ids["contract"].values()))
    for change in (
        update(Challenge).where(own).values(contact_name=PERSON, contact_phone=PHONE),
        update(Attachment).where(Attachment.subject_kind == "challenge").values(name=FILE),
        update(Contract).where(between).values(title=DEAL, amount_fen=AMOUNT, technical_amount_fen=AMOUNT),
    ):
        db.session.execute(change.execution_options(synchronize_session=False))
    db.session.commit()


def told(response: TestResponse, part: str, endpoint: str) -> list[str]:
    """Return the secrets that an answer tells a person who may not know them."""
    mine = [one for one in SECRETS if part not in one.known and (part, endpoint) not in one.pages]
    if not mine:
        return []
    body = unpacked(response.get_data()) + str(response.headers).encode("utf-8", "replace")
    return [one.what for one in mine if any(word.encode() in body for word in one.words)]


def unpacked(data: bytes) -> bytes:
    """Return a download as bytes to look through; of a workbook or a document, all its parts."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
