"""Sample organisations, the people in them, and the settings of a sample market."""

from __future__ import annotations

from datetime import datetime, timedelta

from market.actions.sample.shelf import MARK, Person, Shelf
from market.db import transaction
from market.domain.permissions import roles_from
from market.models import Consent, Organisation, Setting, User, UserRole
from market.queries import settings

OFFICE_MAIL = "gongshi.b00@example.org"
OFFICE = "B00"  # the commission
BEFORE = "sample_before"  # the setting that remembers what the sample's settings replaced
_FOUNDED = 760  # days before the day of loading on which the first organisation registered


def load_organisations(shelf: Shelf) -> None:
    """Write the organisations, all verified, their names marked 示例."""
    rows = shelf.table("organisations.csv")
    with transaction() as session:
        for number, row in enumerate(shelf.progress("单位", rows)):
            registered = shelf.moment(number - _FOUNDED, row["key"])
            organisation = Organisation(
                kind=row["kind"],
                name=row["name"] + MARK,
                credit_code=row["credit_code"],
                region=row["region"],
                field=row["field"] or None,
                track=row["track"] or None,
                nature=row["nature"] or None,
                tags=row["tags"],
                address=row["address"],
                phone=row["phone"],
                profile=row["profile"],
                state="verified",
                verified_at=registered + timedelta(days=2),
                public_institution=row["kind"] in {"institute", "bureau", "commission"},
                created_at=registered,
                is_sample=True,
            )
            session.add(organisation)
            shelf.organisations[row["key"]] = organisation
            shelf.names[row["name"]] = organisation.name
            shelf.by_code[row["credit_code"]] = organisation
        session.flush()


def load_people(shelf: Shelf) -> None:
    """Write the people with their roles. None of them can sign in before `sample_accounts.renew` gave a password."""
    rows, texts = shelf.table("people.csv"), settings.current()
    with transaction() as session:
        for row in shelf.progress("人员", rows):
            organisation = shelf.organisations[row["org"]]
            joined = organisation.created_at + timedelta(hours=1)
            user = User(
                organisation_id=organisation.id,
                name=row["name"],
                title=row["title"],
                email=row["email"],
                phone=row["phone"],
                email_confirmed_at=joined,
                created_at=joined,
                is_sample=True,
            )
            session.add(user)
            session.flush()
            session.add_all(UserRole(user_id=user.id, role=role) for role in row["roles"].split(";"))
            session.add_all(
                Consent(user_id=user.id, document=document, document_version=version, text_hash="", at=joined)  # nobody has read them
                for document, version in (("terms", texts.terms_version), ("privacy", texts.privacy_version))
            )
            shelf.people[row["key"]] = Person(user.id, user.name, row["phone"], organisation.id, roles_from(row["roles"].split(";")))
            shelf.tell("user", user.id, "register", shelf.people[row["key"]], joined)
    _tell_organisations(shelf)


def _tell_organisations(shelf: Shelf) -> None:
    clerk = shelf.people["B00-2"]
    for key, organisation in shelf.organisations.items():
        assert organisation.verified_at is not None
        shelf.tell("organisation", organisation.id, "register", shelf.head(key), organisation.created_at, to_state="pending")
        shelf.tell(
            "organisation",
            organisation.id,
            "verify",
            None if key == OFFICE else clerk,
            organisation.verified_at,
            from_state="pending",
            to_state="verified",
            reason="名称与统一社会信用代码核对一致（示例）",
        )


def load_settings(shelf: Shelf) -> None:
    """Say on every page that this is a sample market; what stood there before is remembered for `remove`."""
    office = shelf.organisations[OFFICE]
    values = {
        "sample_market": True,
        "organiser": office.name,
        "icp": "沪ICP备00000000号（示例）",
        "police_record": "沪公网安备00000000000000号（示例）",
        "site_code": "示例0000000000",
        "phone": office.phone or "",
        "email": OFFICE_MAIL,
    }
    before = settings.current()
    changed = {name: [getattr(before, name), value] for name, value in values.items()}
    store(values, shelf.now)
    store({BEFORE: changed}, shelf.now)


def store(values: dict[str, object], at: datetime) -> None:
    """Write settings by name."""
    with transaction() as session:
        for name, value in values.items():
            session.merge(Setting(name=name, value=value, changed_at=at, changed_by_id=None))
