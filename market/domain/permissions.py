"""Who may do what: one table of (role, permission) → scope, and one function that answers.

Scopes: OWN the actor's own organisation (or the actor) holds the subject; CITY the subject belongs to
the actor's city; ASSIGNED the subject is assigned to the actor; PARTY the actor's organisation is one
of the sides; ANY every subject. Some permissions never apply to one's own (四眼原则, FOUR_EYES).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from market.domain.errors import Forbidden
from market.domain.roles import NEEDS_TOTP, ROLE_WORDS, SCOPE_WORDS, STAFF, Role, Scope, roles_from

__all__ = ["NEEDS_TOTP", "ROLE_WORDS", "SCOPE_WORDS", "STAFF", "Role", "Scope", "roles_from"]  # the table's own words, read from here


class Permission(StrEnum):
    """Named `room:act`; keep each room's block together."""

    SIGNED_IN = "accounts:signed-in"
    MANAGE_MEMBERS = "accounts:manage-members"
    EDIT_ORGANISATION = "accounts:edit-organisation"
    SEE_ORGANISATION_FILE = "accounts:see-organisation-file"
    VERIFY_ORGANISATION = "accounts:verify-organisation"
    MANAGE_STAFF = "accounts:manage-staff"
    CONFIGURE = "accounts:configure"
    SEE_OUTBOX = "accounts:see-outbox"
    TELL_PEOPLE = "accounts:tell-people"
    SEE_LOG = "accounts:see-log"
    SEE_RULES = "accounts:see-rules"
    SET_RULES = "accounts:set-rules"
    SEE_CHALLENGE = "challenges:see"
    CREATE_CHALLENGE = "challenges:create"
    EDIT_CHALLENGE = "challenges:edit"
    SUBMIT_CHALLENGE = "challenges:submit"
    END_CHALLENGE = "challenges:end"
    CHOOSE_BID = "challenges:choose"
    AMEND_CHALLENGE = "challenges:amend"
    REOPEN_CHOICE = "challenges:reopen-choice"
    SEE_POSTER = "challenges:see-poster"
    SEE_ATTACHMENT = "challenges:see-attachment"
    SEE_CAPABILITY = "capabilities:see"
    CREATE_CAPABILITY = "capabilities:create"
    EDIT_CAPABILITY = "capabilities:edit"
    SUBMIT_CAPABILITY = "capabilities:submit"
    CONFIRM_CAPABILITY = "capabilities:confirm"
    MODERATE = "moderation:decide"
    SEE_QUEUE = "moderation:see-queue"
    SUSPEND = "moderation:suspend"
    HANDLE_OBJECTION = "moderation:handle-objection"
    SEE_LEAD = "leads:see"
    WORK_LEAD = "leads:work"
    ASSIGN_LEAD = "leads:assign"
    JUDGE_MATCH = "matches:judge"
    SEE_RECOMMENDATIONS = "matches:see-recommendations"
    SEE_MATCH_RECORDS = "matches:see-records"
    ASK_CONTACT = "contacts:ask"
    ANSWER_CONTACT = "contacts:answer"
    SEE_CONTACT = "contacts:see"
    NOTE_CONTACT = "contacts:note"
    SEE_CONTACT_FILE = "contacts:see-file"
    INTRODUCE = "contacts:introduce"
    CREATE_BID = "bids:create"
    EDIT_BID = "bids:edit"
    SUBMIT_BID = "bids:submit"
    SEE_BID = "bids:see"
    CONFIRM_MEMBERSHIP = "bids:confirm-membership"
    SEE_BIDS_OF_CHALLENGE = "bids:see-all-of-challenge"
    CREATE_CONTRACT = "contracts:create"
    EDIT_CONTRACT = "contracts:edit"
    SEE_CONTRACT = "contracts:see"
    REGISTER_CONTRACT = "contracts:register"
    SEE_CONTRACT_FILE = "contracts:see-file"
    PREPARE_REGISTRATION = "contracts:prepare-registration"
    DECIDE_DUPLICATE = "contracts:decide-duplicate"
    SEE_ATTRIBUTION = "contracts:see-attribution"
    SEE_CAMPAIGN = "campaigns:see"
    WORK_CANDIDATE = "campaigns:work"
    RUN_CAMPAIGN = "campaigns:run"
    REMIND_SELLERS = "campaigns:remind"
    SEE_STATISTICS = "statistics:see"
    SEE_FORECAST = "statistics:see-forecast"
    SEE_CHANCE = "statistics:see-chance"
    SET_GOAL = "statistics:set-goal"
    RELEASE_FIGURES = "statistics:release"
    EXPORT = "statistics:export"
    IMPORT_LISTS = "imports:lists"
    IMPORT_OWN_CAPABILITIES = "imports:own-capabilities"


P, R, S = Permission, Role, Scope

_MEMBER = {
    P.SIGNED_IN: S.ANY,
    P.SEE_ORGANISATION_FILE: S.OWN,
    P.SEE_CHALLENGE: S.OWN,
    P.CREATE_CHALLENGE: S.OWN,
    P.EDIT_CHALLENGE: S.OWN,
    P.SEE_POSTER: S.PARTY,
    P.SEE_ATTACHMENT: S.PARTY,
    P.SEE_CAPABILITY: S.OWN,
    P.CREATE_CAPABILITY: S.OWN,
    P.EDIT_CAPABILITY: S.OWN,
    P.SEE_RECOMMENDATIONS: S.OWN,
    P.JUDGE_MATCH: S.OWN,
    P.ASK_CONTACT: S.ANY,
    P.SEE_CONTACT: S.PARTY,
    P.NOTE_CONTACT: S.PARTY,
    P.SEE_CONTACT_FILE: S.PARTY,
    P.CREATE_BID: S.ANY,
    P.EDIT_BID: S.OWN,
    P.SEE_BID: S.OWN,
    P.SEE_BIDS_OF_CHALLENGE: S.OWN,
    P.SEE_CONTRACT: S.PARTY,
    P.SEE_CONTRACT_FILE: S.PARTY,
    P.PREPARE_REGISTRATION: S.OWN,
    P.SEE_ATTRIBUTION: S.PARTY,
    P.SEE_LEAD: S.OWN,
    P.CONFIRM_CAPABILITY: S.OWN,
    P.SUBMIT_CHALLENGE: S.OWN,
}
_AUTHORISED = _MEMBER | {
    P.EDIT_ORGANISATION: S.OWN,
    P.SUBMIT_CAPABILITY: S.OWN,
    P.SUBMIT_BID: S.OWN,
    P.END_CHALLENGE: S.OWN,
    P.CHOOSE_BID: S.OWN,
    P.AMEND_CHALLENGE: S.OWN,
    P.REOPEN_CHOICE: S.OWN,
    P.ANSWER_CONTACT: S.OWN,
    P.CONFIRM_MEMBERSHIP: S.OWN,
    P.CREATE_CONTRACT: S.PARTY,
    P.EDIT_CONTRACT: S.PARTY,
    P.REGISTER_CONTRACT: S.OWN,
    P.DECIDE_DUPLICATE: S.OWN,
    P.IMPORT_OWN_CAPABILITIES: S.OWN,
}
_BROKER = {
    P.SIGNED_IN: S.ANY,
    P.SEE_LEAD: S.ASSIGNED,
    P.WORK_LEAD: S.ASSIGNED,
    P.SEE_CHALLENGE: S.ASSIGNED,
    P.EDIT_CHALLENGE: S.ASSIGNED,
    P.SEE_POSTER: S.ASSIGNED,
    P.INTRODUCE: S.ANY,
    P.SEE_CONTACT: S.ASSIGNED,
    P.NOTE_CONTACT: S.ASSIGNED,
    P.SEE_CONTACT_FILE: S.ASSIGNED,
    P.JUDGE_MATCH: S.ANY,
    P.SEE_ATTRIBUTION: S.ASSIGNED,
}
_BUREAU = {
    P.SIGNED_IN: S.ANY,
    P.SEE_LEAD: S.CITY,
    P.WORK_LEAD: S.CITY,
    P.SEE_CHALLENGE: S.CITY,
    P.EDIT_CHALLENGE: S.CITY,
    P.SEE_POSTER: S.CITY,
    P.SEE_CAPABILITY: S.CITY,
    P.SEE_ORGANISATION_FILE: S.CITY,
    P.SEE_CONTACT: S.CITY,
    P.SEE_CONTRACT: S.CITY,
    P.SEE_STATISTICS: S.CITY,
    P.JUDGE_MATCH: S.CITY,
    P.SEE_ATTRIBUTION: S.CITY,
}
_STAFF_READS = {
    P.SIGNED_IN: S.ANY,
    P.SEE_ORGANISATION_FILE: S.ANY,
    P.SEE_CHALLENGE: S.ANY,
    P.SEE_POSTER: S.ANY,
    P.SEE_CAPABILITY: S.ANY,
    P.SEE_QUEUE: S.ANY,
    P.SEE_LEAD: S.ANY,
    P.SEE_CONTACT: S.ANY,
    P.SEE_CONTACT_FILE: S.ANY,
    P.SEE_CONTRACT: S.ANY,
    P.SEE_STATISTICS: S.ANY,
    P.SEE_FORECAST: S.ANY,
    P.SEE_CHANCE: S.ASSIGNED,  # 内部测算: whom the leader named
    P.SEE_MATCH_RECORDS: S.ANY,
    P.SEE_ATTRIBUTION: S.ANY,
    P.SEE_CAMPAIGN: S.ANY,
    P.SEE_RULES: S.ANY,
}
_CLERK = _STAFF_READS | {
    P.VERIFY_ORGANISATION: S.ANY,
    P.MODERATE: S.ANY,
    P.WORK_LEAD: S.ANY,
    P.ASSIGN_LEAD: S.ANY,
    P.EDIT_CHALLENGE: S.ASSIGNED,
    P.AMEND_CHALLENGE: S.ASSIGNED,
    P.REOPEN_CHOICE: S.ANY,
    P.HANDLE_OBJECTION: S.ANY,
    P.NOTE_CONTACT: S.ANY,
    P.INTRODUCE: S.ANY,
    P.SEE_OUTBOX: S.ANY,
    P.TELL_PEOPLE: S.ANY,
    P.EXPORT: S.ANY,
    P.IMPORT_LISTS: S.ANY,
    P.CREATE_CONTRACT: S.ANY,
    P.EDIT_CONTRACT: S.ANY,
    P.SEE_CONTRACT_FILE: S.ANY,
    P.REGISTER_CONTRACT: S.ASSIGNED,
    P.PREPARE_REGISTRATION: S.ASSIGNED,
    P.DECIDE_DUPLICATE: S.ANY,
    P.JUDGE_MATCH: S.ANY,
    P.SEE_ATTACHMENT: S.ANY,
    P.WORK_CANDIDATE: S.ANY,
    P.RUN_CAMPAIGN: S.ANY,
    P.REMIND_SELLERS: S.ANY,
}
_LIAISON = {
    P.SIGNED_IN: S.ANY,
    P.SEE_LEAD: S.ANY,
    P.WORK_LEAD: S.ASSIGNED,
    P.SEE_CHALLENGE: S.ASSIGNED,
    P.EDIT_CHALLENGE: S.ASSIGNED,
    P.SEE_POSTER: S.ASSIGNED,
    P.SEE_CONTACT: S.ASSIGNED,
    P.NOTE_CONTACT: S.ASSIGNED,
    P.SEE_CONTACT_FILE: S.ASSIGNED,
    P.INTRODUCE: S.ANY,
    P.JUDGE_MATCH: S.ANY,
    P.SEE_ATTRIBUTION: S.ASSIGNED,
    P.SEE_RULES: S.ANY,
    P.SEE_CAMPAIGN: S.ASSIGNED,
    P.WORK_CANDIDATE: S.ASSIGNED,
}
_BY_ROLE: dict[Role, dict[Permission, Scope]] = {
    R.ORG_MEMBER: _MEMBER,
    R.ORG_ADMIN: _AUTHORISED | {P.MANAGE_MEMBERS: S.OWN},
    R.TTO: _AUTHORISED,
    R.BROKER: _BROKER,
    R.BUREAU: _BUREAU,
    R.LIAISON: _LIAISON,
    R.ADVISER: _LIAISON,
    R.CLERK: _CLERK,
    R.REVIEWER: _CLERK | {P.SET_RULES: S.ANY, P.SUSPEND: S.ANY},
    R.LEADER: _STAFF_READS
    | {P.SEE_CHANCE: S.ANY, P.SET_GOAL: S.ANY, P.RELEASE_FIGURES: S.ANY, P.EXPORT: S.ANY, P.SUSPEND: S.ANY, P.REOPEN_CHOICE: S.ANY},
    R.AUDITOR: _STAFF_READS | {P.SEE_LOG: S.ANY, P.SEE_OUTBOX: S.ANY, P.SEE_CONTRACT_FILE: S.ANY},
    R.SYSADMIN: {
        P.SIGNED_IN: S.ANY,
        P.MANAGE_STAFF: S.ANY,
        P.CONFIGURE: S.ANY,
        P.SEE_RULES: S.ANY,
        P.SET_RULES: S.ANY,
        P.SEE_OUTBOX: S.ANY,
        P.TELL_PEOPLE: S.ANY,
    },
}
GRANTS: dict[tuple[Role, Permission], Scope] = {
    (role, permission): scope for role, grants in _BY_ROLE.items() for permission, scope in grants.items()
}
FOUR_EYES = frozenset({P.VERIFY_ORGANISATION, P.MODERATE, P.HANDLE_OBJECTION})
NEEDS_VERIFIED = frozenset(
    {
        P.ASK_CONTACT,
        P.ANSWER_CONTACT,
        P.CREATE_BID,
        P.EDIT_BID,
        P.SUBMIT_BID,
        P.CONFIRM_MEMBERSHIP,
        P.SUBMIT_CHALLENGE,
        P.SUBMIT_CAPABILITY,
        P.CHOOSE_BID,
        P.AMEND_CHALLENGE,
        P.REOPEN_CHOICE,
        P.CREATE_CONTRACT,
        P.REGISTER_CONTRACT,
        P.DECIDE_DUPLICATE,
        P.IMPORT_OWN_CAPABILITIES,
    }
)


@dataclass(frozen=True)
class Actor:
    """Who asks. `roles` includes those of a person stood in for today (AB 角); `id` is None for the public.

    `stands_in_for` are the ids of those people: what is assigned to them is today assigned to the stand-in too.
    """

    id: int | None = None
    name: str = "访客"
    organisation_id: int | None = None
    organisation_verified: bool = False
    city: str | None = None
    roles: frozenset[Role] = frozenset()
    stands_in_for: frozenset[int] = frozenset()

    @property
    def hands(self) -> frozenset[int]:
        """The ids of the people for whom the actor works today: the own one and those stood in for."""
        return self.stands_in_for | ({self.id} if self.id is not None else set())

    @property
    def is_staff(self) -> bool:
        """True for people of the commission."""
        return bool(self.roles & STAFF)


PUBLIC = Actor()
SYSTEM = Actor(name="系统")


@dataclass(frozen=True)
class Subject:
    """What may be asked about: whose it is, where it is, to whom it is assigned, who is a side."""

    owners: frozenset[int] = frozenset()  # organisation ids
    people: frozenset[int] = frozenset()  # user ids that count as its owners (authors)
    parties: frozenset[int] = frozenset()  # organisation ids of the sides
    assigned: frozenset[int] = frozenset()  # user ids
    cities: frozenset[str] = frozenset()
    public: bool = False


ANYTHING = Subject()


def may(actor: Actor, permission: Permission, subject: Subject | None = None) -> bool:
    """True when the table grants `permission` to `actor` for `subject` (None: for some subject at least)."""
    if permission in NEEDS_VERIFIED and not actor.is_staff and not actor.organisation_verified:
        return False
    scopes = {scope for role in actor.roles if (scope := GRANTS.get((role, permission)))}
    if not scopes:
        return False
    if subject is None:
        return True
    if permission in FOUR_EYES and _is_own(actor, subject):
        return False
    return any(_reaches(scope, actor, subject) for scope in scopes)


def demand(actor: Actor, permission: Permission, subject: Subject | None = None) -> None:
    """Raise Forbidden unless `may`."""
    if not may(actor, permission, subject):
        raise Forbidden


def scope_of(actor: Actor, permission: Permission) -> Scope | None:
    """Return the widest scope the actor has for `permission`, or None."""
    order = [S.ANY, S.CITY, S.PARTY, S.OWN, S.ASSIGNED]
    held = {scope for role in actor.roles if (scope := GRANTS.get((role, permission)))}
    return next((scope for scope in order if scope in held), None)


def _is_own(actor: Actor, subject: Subject) -> bool:
    return actor.organisation_id in subject.owners or actor.id in subject.people


def _reaches(scope: Scope, actor: Actor, subject: Subject) -> bool:
    if scope is S.ANY:
        return True
    if scope is S.OWN:
        return _is_own(actor, subject)
    if scope is S.PARTY:
        return _is_own(actor, subject) or actor.organisation_id in subject.parties
    if scope is S.CITY:
        return actor.city is not None and actor.city in subject.cities
    return bool(actor.hands & subject.assigned)


def table() -> list[tuple[str, list[str]]]:
    """Return the whole table as rows: permission, then one cell a role (— or the scope's word)."""

    def cell(role: Role, permission: Permission) -> str:
        scope = GRANTS.get((role, permission))
        return SCOPE_WORDS[scope] if scope else "—"

    return [(permission.value, [cell(role, permission) for role in Role]) for permission in Permission]
