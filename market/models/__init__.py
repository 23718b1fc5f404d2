"""Tables, relations and the constraints that refuse a lie. One file a room; import the names from here."""

from market.models.accounts import Consent, Organisation, RateBucket, RecoveryCode, StandIn, Token, User, UserRole, UserSession
from market.models.bids import Bid, BidAnswer, BidMember, BidMilestone, BidResponse
from market.models.campaigns import Call, Campaign, Candidate, Evidence, FilingReminder
from market.models.capabilities import Capability, IpRight
from market.models.challenges import Addendum, Challenge, Indicator
from market.models.contacts import Contact, ContactLine
from market.models.contracts import Adjustment, Contract, Cooperation, CostLine, Goal, Instalment, Payment, Release
from market.models.forecasts import Forecast
from market.models.history import HistoryEntry, HistoryHead, SectionComment, Version
from market.models.imports import ImportBatch, ImportMapping, ImportRow
from market.models.leads import Lead
from market.models.matches import Embedding, Impression, IndexChange, Match, MatchFeedback, MatchOutcome
from market.models.objections import Objection
from market.models.operations import (
    AccessLog,
    Attachment,
    AttachmentGrant,
    Holiday,
    IdempotencyKey,
    Job,
    Notice,
    Outbox,
    Setting,
    WorkerBeat,
)
from market.models.registration import DuplicateCase, FormPlace, PrecheckAnswer

__all__ = [
    "AccessLog",
    "Addendum",
    "Adjustment",
    "Attachment",
    "AttachmentGrant",
    "Bid",
    "BidAnswer",
    "BidMember",
    "BidMilestone",
    "BidResponse",
    "Call",
    "Campaign",
    "Candidate",
    "Capability",
    "Challenge",
    "Consent",
    "Contact",
    "ContactLine",
    "Contract",
    "Cooperation",
    "CostLine",
    "DuplicateCase",
    "Embedding",
    "Evidence",
    "FilingReminder",
    "Forecast",
    "FormPlace",
    "Goal",
    "HistoryEntry",
    "HistoryHead",
    "Holiday",
    "IdempotencyKey",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "Impression",
    "IndexChange",
    "Indicator",
    "Instalment",
    "IpRight",
    "Job",
    "Lead",
    "Match",
    "MatchFeedback",
    "MatchOutcome",
    "Notice",
    "Objection",
    "Organisation",
    "Outbox",
    "Payment",
    "PrecheckAnswer",
    "RateBucket",
    "RecoveryCode",
    "Release",
    "SectionComment",
    "Setting",
    "StandIn",
    "Token",
    "User",
    "UserRole",
    "UserSession",
    "Version",
    "WorkerBeat",
]
