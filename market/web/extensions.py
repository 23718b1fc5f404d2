"""The Flask extensions and how a browser's session becomes a person."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_bootstrap import Bootstrap5
from flask_login import AnonymousUserMixin, LoginManager, UserMixin
from flask_wtf import CSRFProtect

from market.domain.permissions import NEEDS_TOTP, PUBLIC, Actor
from market.models import Organisation, UserSession
from market.queries import accounts

bootstrap = Bootstrap5()
csrf = CSRFProtect()
login_manager = LoginManager()


class SignedIn(UserMixin):
    """The signed-in person of this request. The id that Flask-Login keeps is the random session token.

    `must_enrol_totp`: the second factor is owed (staff, except sample accounts, and everybody who has
    switched it on) and not yet passed in this session; until then the person holds no role at all.
    """

    def __init__(self, token: str, session: UserSession) -> None:
        self.token = token
        self.session_id = session.id
        self.seen_at = session.seen_at
        self.user = session.user
        self.organisation: Organisation | None = session.user.organisation  # held here, so that a commit does not lose it
        actor = accounts.actor_of(session.user)
        self.second_factor = session.totp_at is not None
        enrolled = session.user.totp_confirmed_at is not None
        owed = enrolled or (bool(actor.roles & NEEDS_TOTP) and not session.user.is_sample)
        self.must_enrol_totp = owed and not self.second_factor
        self.actor = Actor(id=session.user.id, name=session.user.name) if self.must_enrol_totp else actor

    def get_id(self) -> str:
        """Return the session token, not the user's id: ending the row ends every copy of the cookie."""
        return self.token

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The person's name."""
        return self.user.name


class Visitor(AnonymousUserMixin):
    """Somebody without an account."""

    actor = PUBLIC
    name = ""
    organisation = None
    must_enrol_totp = False


login_manager.anonymous_user = Visitor
login_manager.session_protection = None


@login_manager.user_loader
def load_signed_in(token: str) -> SignedIn | None:
    """Return the person of a session token, or None when the session is over."""
    session = accounts.live_session(token, datetime.now(UTC))
    return SignedIn(token, session) if session else None
