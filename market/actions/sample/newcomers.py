"""Sample organisations that are not (or no longer) verified, each with its administrator: one in every state."""

from __future__ import annotations

from datetime import timedelta

from market.actions.sample.shelf import MARK, Person, Row, Shelf
from market.db import transaction
from market.domain.organisations import FIRST_ROLES, ORGANISATION
from market.models import Organisation, User, UserRole

_REFUSED_STEP = {"refused": "refuse", "suspended": "verify"}


def load_newcomers(shelf: Shelf) -> None:
    """Write who waits for verification, who was refused, and who was suspended later."""
    with transaction() as session:
        for row in shelf.progress("新单位", shelf.lines("newcomers.jsonl")):
            at = shelf.moment(row["day_offset"], row["key"])
            organisation = Organisation(
                **{name: row[name] for name in ("kind", "region", "field", "track", "credit_code", "profile", "state")},
                name=row["name"] + MARK,
                state_reason=row["reason"] or None,
                verified_at=at + timedelta(days=2) if row["state"] == "suspended" else None,
                created_at=at,
                is_sample=True,
            )
            session.add(organisation)
            session.flush()
            shelf.organisations[row["key"]] = organisation
            user = User(
                **row["person"],
                organisation_id=organisation.id,
                email_confirmed_at=at + timedelta(minutes=20),
                created_at=at,
                is_sample=True,
            )
            session.add(user)
            session.flush()
            roles = FIRST_ROLES[row["kind"]]
            session.add_all(UserRole(user_id=user.id, role=role.value) for role in roles)
            person = Person(user.id, user.name, row["person"]["phone"], organisation.id, frozenset(roles))
            shelf.people[f"{row['key']}-1"] = person
            _tell(shelf, organisation, person, row)


def _tell(shelf: Shelf, organisation: Organisation, person: Person, row: Row) -> None:
    clerk, at = shelf.people["B00-2"], organisation.created_at
    shelf.tell("user", person.id, "register", person, at)
    shelf.tell("organisation", organisation.id, "register", person, at, to_state="pending")
    if row["state"] == "pending":
        return
    first = ORGANISATION.step(_REFUSED_STEP[row["state"]])
    answered = min(at + timedelta(days=2), shelf.now)
    reason = row["reason"] if row["state"] == "refused" else "名称与统一社会信用代码核对一致（示例）"
    shelf.tell("organisation", organisation.id, first.name, clerk, answered, from_state="pending", to_state=first.target, reason=reason)
    if row["state"] == "suspended":
        ended = shelf.moment(-20, row["key"])
        shelf.tell(
            "organisation", organisation.id, "suspend", clerk, ended, from_state="verified", to_state="suspended", reason=row["reason"]
        )
